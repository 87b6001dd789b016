import { describe, expect, it } from "@jest/globals";

import { schemaViolations } from "../../../local/sample-day/schema-violations.ts";
import { examplesOf } from "../../../tools/schemas/examples.ts";

const ID = "11010177632/787096/1795507200640/1/AgentStatusChanged";

function anExample() {
  const [example] = examplesOf("Agent Status Changed");
  return structuredClone(example?.event) as NonNullable<typeof example>["event"];
}

describe("schema violations", () => {
  it("are not found in a published event", () => {
    expect(schemaViolations([anExample()])).toEqual([]);
  });

  it("name the event, its schema and the field", () => {
    const event = anExample();

    expect(schemaViolations([{ ...event, detail: { ...event.detail, status: null } }])).toEqual([
      `event ${ID} violates AgentStatusChanged.v1: data/status must be object`,
    ]);
  });

  it("include an unknown type and an unknown schema version", () => {
    const event = anExample();
    const newer = { ...event.detail, metadata: { ...event.detail.metadata, schemaVersion: 2 } };

    expect(
      schemaViolations([
        { ...event, "detail-type": "Agent Moved" },
        { ...event, detail: newer },
      ]),
    ).toEqual([
      `event ${ID} has no schema AgentMoved.v1`,
      `event ${ID} has no schema AgentStatusChanged.v2`,
    ]);
  });

  it("include an event without metadata", () => {
    expect(schemaViolations([{ ...anExample(), detail: {} }])).toEqual([
      "an event of type Agent Status Changed has no ID or no schema version",
    ]);
  });
});
