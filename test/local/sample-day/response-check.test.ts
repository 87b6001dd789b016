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

  it("expects the event that Freshdesk raised, even if the relay loses a field of it", () => {
    const { name: _name, ...agent } = raised.data.agent_availability;
    const lossy = { ...raised, data: { ...raised.data, agent_availability: agent } };

    check.check(aRequest({ events: [lossy] }), aResponse([applied]));

    expect(check.problems).toEqual([]);
    expect(storedName()).toBe("Rachel");
  });

  it("reports an event that Freshdesk did not raise", () => {
    check.check(aRequest(aPayload({ timestamp: 1 })), aResponse([applied]));

    expect(check.problems).toEqual([
      expect.stringContaining("the relay sent an event that Freshdesk did not raise: {"),
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

describe("the check of agent events", () => {
  const anUpdate = (changes: object, more: object = {}) => ({
    event: "onAgentUpdate",
    timestamp: 1795942798.1,
    data: {
      agent: { user_id: 7, account_id: 42, name: "Lena", email: "lena@bolt.example", ...more },
      changes,
    },
  });
  const login = { misc_changes: { logged_in: [false, true] } };
  const applied7 = { availabilityId: "session:7", outcome: "applied", version: 1 };

  it("expects the session of a login", () => {
    check = createResponseCheck([anUpdate(login, { phone: "+1 555 0100" })]);

    check.check(aRequest(anUpdate(login)), aResponse([applied7]));

    expect(check.problems).toEqual([]);
    expect(check.undelivered()).toEqual([]);
  });

  it("expects the `user:` item in an account without custom statuses", () => {
    const bolt = {
      accountId: "42",
      company: "Bolt",
      domain: "b",
      apiKey: "",
      hasCustomStatuses: false,
    };
    check = createResponseCheck([anUpdate(login, { available: true })], [bolt]);

    check.check(
      aRequest(anUpdate(login, { available: true })),
      aResponse([{ ...applied7, availabilityId: "user:7" }]),
    );

    expect(check.problems).toEqual([]);
    expect([...check.model.items.keys()]).toEqual(["42/user:7", "42/session:7"]);
  });

  it("reports personal data that the relay must not send", () => {
    const complete = anUpdate(login, { phone: "+1 555 0100" });
    check = createResponseCheck([complete]);

    check.check(aRequest(complete), aResponse([applied7]));

    expect(check.problems).toEqual([expect.stringContaining("the relay sent personal data")]);
  });

  it("reports an update of a profile that the relay must not send", () => {
    const edit = anUpdate({ model_changes: { time_zone: ["a", "b"] } });
    check = createResponseCheck([edit]);

    check.check(aRequest(edit), aResponse([{ outcome: "duplicate", version: 0 }]));

    expect(check.problems).toEqual([
      expect.stringContaining("the relay sent an update of a profile"),
    ]);
  });

  it("lists events that never reached the hub, without profile updates", () => {
    const edit = anUpdate({ model_changes: { time_zone: ["a", "b"] } });
    check = createResponseCheck([
      { ...edit, timestamp: 1 },
      { ...anUpdate(login), timestamp: 2 },
    ]);

    expect(check.undelivered()).toEqual([expect.stringContaining("onAgentUpdate")]);
  });
});
