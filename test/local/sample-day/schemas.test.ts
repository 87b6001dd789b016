import { describe, expect, it } from "@jest/globals";

import { examplesOf } from "../../../tools/schemas/examples.ts";
import { schemaFaults } from "../../../local/sample-day/schemas.ts";

function anExample() {
  const [example] = examplesOf("Agent Status Changed");
  return structuredClone(example?.event) as NonNullable<typeof example>["event"];
}

describe("the sample day's judge of schemas", () => {
  it("finds nothing in what the hub publishes", () => {
    expect(schemaFaults([anExample()])).toEqual([]);
  });

  it("tells which event is not as its schema says, and where", () => {
    const event = anExample();

    expect(schemaFaults([{ ...event, detail: { ...event.detail, status: null } }])).toEqual([
      "event 11010177632/787096/1795507200640/1/AgentStatusChanged is not as AgentStatusChanged.v1 says: data/status must be object",
    ]);
  });

  it("tells of a type, and of a version, that the catalogue does not have", () => {
    const event = anExample();
    const newer = { ...event.detail, metadata: { ...event.detail.metadata, schemaVersion: 2 } };

    expect(
      schemaFaults([
        { ...event, "detail-type": "Agent Moved" },
        { ...event, detail: newer },
      ]),
    ).toEqual([
      "event 11010177632/787096/1795507200640/1/AgentStatusChanged has no schema: there is no AgentMoved.v1",
      "event 11010177632/787096/1795507200640/1/AgentStatusChanged has no schema: there is no AgentStatusChanged.v2",
    ]);
  });

  it("tells of an event that does not say what it is", () => {
    expect(schemaFaults([{ ...anExample(), detail: {} }])).toEqual([
      "an event of type Agent Status Changed has no id or version of its schema",
    ]);
  });
});
