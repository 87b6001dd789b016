import { beforeEach, describe, expect, it } from "@jest/globals";

import {
  createResponseCheck,
  type ResponseCheck,
} from "../../../local/sample-day/response-check.ts";
import { aPayload } from "../../../tools/fakes/payload.ts";

const applied = { availabilityId: "787096", outcome: "applied", version: 1 };

const aRequest = (body: object) => ({
  method: "POST",
  url: "https://hub.example",
  headers: { "webhook-id": "w" },
  body: JSON.stringify(body),
});

const aResponse = (results: readonly object[], status = 200) => ({
  status,
  headers: {},
  body: JSON.stringify({ results }),
});

let check: ResponseCheck;
let raised: ReturnType<typeof aPayload>;

beforeEach(() => {
  raised = aPayload();
  check = createResponseCheck([raised]);
});

const storedName = () => check.model.items.get("11010177632/787096")?.["name"];

describe("the check of the hub's responses", () => {
  it("accepts the expected response and counts the outcome", () => {
    check.check(aRequest(raised), aResponse([applied]));
    check.check(aRequest({ events: [raised] }), aResponse([{ ...applied, outcome: "duplicate" }]));

    expect(check.problems).toEqual([]);
    expect([...check.outcomes]).toEqual([
      ["applied", 1],
      ["duplicate", 1],
    ]);
  });

  it("expects what Freshdesk raised, even if the relay loses a field of it", () => {
    const { name: _name, ...agent } = raised.data.agent_availability;
    const lossy = { ...raised, data: { ...raised.data, agent_availability: agent } };

    check.check(aRequest({ events: [lossy] }), aResponse([applied]));

    expect(check.problems).toEqual([]);
    expect(storedName()).toBe("Rachel");
  });

  it("reports an event that Freshdesk did not raise", () => {
    check.check(aRequest(aPayload({ timestamp: 1 })), aResponse([applied]));

    expect(check.problems).toEqual([
      expect.stringContaining("Freshdesk did not raise the event {"),
    ]);
  });

  it("reports an unexpected status or result", () => {
    check.check(aRequest(raised), aResponse([applied], 503));
    check.check(aRequest(raised), aResponse([applied]));

    expect(check.problems).toEqual([
      expect.stringMatching(/^the hub returned 503 .*, expected 200 /),
      expect.stringMatching(/^the hub returned 200 .*"applied".*, expected 200 .*"duplicate"/),
    ]);
  });
});
