import { describe, expect, it } from "@jest/globals";
import * as fc from "fast-check";

import { sessionChangeOf, userChangeOf } from "../../functions/availability/agent-event.ts";
import {
  parseAgentDeletion,
  parseAgentUpdate,
} from "../../functions/availability/agent-payload.ts";
import { parseProductEvent } from "../../functions/availability/product-event.ts";
import { aDeletionPayload, anAgentPayload } from "../../tools/fakes/agent-payload.ts";
import { aPayload } from "../../tools/fakes/payload.ts";

const NOW = new Date("2026-11-24T12:00:00.000Z");

function updateOf(payload: unknown) {
  const parsed = parseAgentUpdate(payload, NOW);
  if (!parsed.ok) {
    throw new Error(JSON.stringify(parsed.issues));
  }
  return parsed.update;
}

describe("onAgentUpdate", () => {
  it("is parsed with the envelope's timestamp as its time", () => {
    expect(updateOf(anAgentPayload({ login: [false, true] }))).toEqual({
      accountId: "11010177632",
      userId: "72025350026",
      updatedAt: "2025-11-20T08:00:00.120Z",
      eventTimestamp: 1_763_625_600_120_394,
      email: "rachel@acme.com",
      name: "Rachel",
      loggedIn: true,
      available: true,
      isAvailabilityChange: false,
      isPartlyUnreadable: false,
      domain: "acme.freshdesk.com",
      region: "US",
    });
  });

  it.each([
    [[false, true], true],
    [[true, false], false],
  ])("with logged_in %j has the login state %j", (login, loggedIn) => {
    const update = updateOf(anAgentPayload({ login }));

    expect(update).toMatchObject({ loggedIn, isPartlyUnreadable: false });
    expect(sessionChangeOf(update)).toEqual({
      accountId: "11010177632",
      availabilityId: "session:72025350026",
      userId: "72025350026",
      updatedAt: "2025-11-20T08:00:00.120Z",
      eventTimestamp: 1_763_625_600_120_394,
      content: { email: "rachel@acme.com", loggedIn },
      domain: "acme.freshdesk.com",
      region: "US",
    });
  });

  it.each([
    ["absent", undefined, false],
    ["null", null, false],
    ["empty", "", false],
    ["[true, true]", [true, true], false],
    ["[false, false]", [false, false], false],
    ['["*", false]', ["*", false], true],
    ['[true, "*"]', [true, "*"], true],
    ["strings", ["false", "true"], true],
    ["a bare boolean", true, true],
    ["one value", [true], true],
    ["three values", [true, false, true], true],
    ["numbers", [0, 1], true],
    ["an object", { added: true }, true],
  ])("contains no login state if logged_in is %s", (_, login, isPartlyUnreadable) => {
    const update = updateOf(anAgentPayload({ login }));

    expect(update.loggedIn).toBeUndefined();
    expect(update.isPartlyUnreadable).toBe(isPartlyUnreadable);
    expect(sessionChangeOf(update)).toBeUndefined();
  });

  it.each([undefined, null, 7, "x", [], { misc_changes: null }, { misc_changes: [true] }])(
    "contains no login state if its changes are %j",
    (changes) => {
      const payload = anAgentPayload();

      expect(updateOf({ ...payload, data: { ...payload.data, changes } }).loggedIn).toBeUndefined();
    },
  );

  it.each([
    [true, true, false],
    [false, false, false],
    ["true", true, false],
    [null, undefined, false],
    [undefined, undefined, false],
    ["", undefined, false],
    ["*", undefined, true],
    [1, undefined, true],
  ])("with available %j has the availability %j", (sent, available, isPartlyUnreadable) => {
    const update = updateOf(anAgentPayload({ agent: { available: sent } }));

    expect(update).toMatchObject({ isPartlyUnreadable });
    expect(update.available).toBe(available);
    expect(userChangeOf(update)?.content.channels).toEqual(
      available === undefined ? undefined : { freshdesk: { available } },
    );
  });

  it.each([
    ["the change to the current availability", [false, true], true],
    ["a change to the opposite", [true, false], false],
    ["no change", [true, true], false],
    ["an undisclosed value", ["*", true], false],
    ["nothing", undefined, false],
  ])("reports a change of availability if its changes contain %s", (_, available, isChange) => {
    const update = updateOf(anAgentPayload({ modelChanges: { available } }));

    expect(update.isAvailabilityChange).toBe(isChange);
    expect(userChangeOf(update)?.reportedChannelChanges).toEqual(isChange ? ["freshdesk"] : []);
  });

  it("reports no change of availability if it contains neither a change nor the availability", () => {
    const update = updateOf(anAgentPayload({ agent: { available: null } }));

    expect(update.isAvailabilityChange).toBe(false);
  });

  it("has the email address in lower case, or none if it is empty", () => {
    const emailOf = (email: unknown) => updateOf(anAgentPayload({ agent: { email } })).email;

    expect(emailOf("RACHEL@Acme.com")).toBe("rachel@acme.com");
    expect(emailOf("")).toBeUndefined();
    expect(emailOf(null)).toBeUndefined();
  });
});

describe("onAgentDelete", () => {
  it("needs no changes, and is ordered by the envelope's timestamp", () => {
    expect(parseAgentDeletion(aDeletionPayload(), NOW)).toEqual({
      ok: true,
      accountId: "11010177632",
      deletion: {
        accountId: "11010177632",
        userId: "72025350026",
        updatedAt: "2025-11-20T08:00:00.120Z",
        eventTimestamp: 1_763_625_600_120_394,
        email: "rachel@acme.com",
      },
    });
  });
});

describe.each([
  ["onAgentUpdate", anAgentPayload],
  ["onAgentDelete", aDeletionPayload],
] as const)("an invalid %s", (name, payloadOf) => {
  const id = "must be a non-empty string or a safe integer";
  const readable = "must be a time: epoch seconds, epoch milliseconds or ISO 8601";

  it.each<[string, string, string, Parameters<typeof payloadOf>[0]]>([
    ["user_id is missing", "data.agent.user_id", id, { agent: { user_id: undefined } }],
    ["user_id is null", "data.agent.user_id", id, { agent: { user_id: null } }],
    ["user_id is empty", "data.agent.user_id", id, { agent: { user_id: "" } }],
    ["user_id has lost digits", "data.agent.user_id", id, { agent: { user_id: 2 ** 53 } }],
    [
      "user_id is too long",
      "data.agent.user_id",
      "must be at most 128 characters long (got 129)",
      { agent: { user_id: "1".repeat(129) } },
    ],
    ["account_id is missing", "data.agent.account_id", id, { agent: { account_id: undefined } }],
    ["timestamp is missing", "timestamp", readable, { timestamp: undefined }],
    ["timestamp is null", "timestamp", readable, { timestamp: null }],
    ["timestamp is not a time", "timestamp", readable, { timestamp: "yesterday" }],
    ["timestamp is 0", "timestamp", readable, { timestamp: 0 }],
    [
      "timestamp is too early",
      "timestamp",
      "must be in 2010 or later",
      { timestamp: 1_262_000_000 },
    ],
    [
      "timestamp is in the future",
      "timestamp",
      "must be at most 15 minutes in the future",
      { timestamp: NOW.getTime() + 15 * 60_000 + 1 },
    ],
    [
      "email is too long",
      "data.agent.email",
      "must be at most 256 characters long (got 257)",
      { agent: { email: "x".repeat(257) } },
    ],
    [
      "name is too long",
      "data.agent.name",
      "must be at most 256 characters long (got 257)",
      { agent: { name: "x".repeat(257) } },
    ],
    [
      "region is too long",
      "region",
      "must be at most 256 characters long (got 257)",
      { region: "x".repeat(257) },
    ],
  ])("is reported: %s", (_, path, message, overrides) => {
    expect(parseProductEvent(payloadOf(overrides), NOW)).toMatchObject({
      ok: false,
      name,
      issues: [{ path, message }],
    });
  });

  it("has its account ID if it can be parsed", () => {
    expect(parseProductEvent(payloadOf({ timestamp: null }), NOW).accountId).toBe("11010177632");
    expect(
      parseProductEvent(payloadOf({ agent: { account_id: {} } }), NOW).accountId,
    ).toBeUndefined();
  });

  it("is every payload of the module caller_agent, which has no user ID", () => {
    const callerAgent = { id: 4, account_id: 11010177632, agent_id: 72, available: true };
    const payload = { ...withAgent(payloadOf(), callerAgent), event: name };

    expect(parseProductEvent(payload, NOW)).toMatchObject({
      ok: false,
      issues: [{ path: "data.agent.user_id" }],
    });
  });
});

function withAgent(payload: { readonly data: object }, agent: object) {
  return { ...payload, data: { ...payload.data, agent } };
}

describe("a product event", () => {
  const withoutName = <Payload extends object>(payload: Payload) => ({
    ...payload,
    event: undefined,
  });

  const both: unknown = Object.assign({}, aPayload().data, anAgentPayload().data);

  it.each([
    ["onAgentAvailabilityUpdate", "change", aPayload()],
    ["onAgentUpdate", "update", anAgentPayload()],
    ["onAgentDelete", "deletion", aDeletionPayload()],
    ["onAgentAvailabilityUpdate", "change", withoutName(aPayload())],
    ["onAgentUpdate", "update", withoutName(anAgentPayload())],
    ["onAgentAvailabilityUpdate", "change", { ...aPayload(), event: undefined, data: both }],
    // A deletion without a name is parsed as an update, so it removes nothing.
    ["onAgentUpdate", "update", withoutName(aDeletionPayload())],
  ])("is recognized as %s, and parsed as its %s", (name, field, payload) => {
    const parsed = parseProductEvent(payload, new Date());

    expect(parsed).toMatchObject({ ok: true, name });
    expect(parsed).toHaveProperty(field);
  });

  it("is recognized as onAgentAvailabilityUpdate if neither its name nor its data determines another", () => {
    expect(parseProductEvent({ data: {} }, NOW)).toMatchObject({
      ok: false,
      name: "onAgentAvailabilityUpdate",
    });
  });

  it.each(["onAgentCreate", "onTicketUpdate", " onAgentUpdate", "onagentupdate"])(
    "is invalid if its name is %j",
    (event) => {
      expect(parseProductEvent({ ...aPayload(), event }, NOW)).toEqual({
        ok: false,
        issues: [
          {
            path: "event",
            message: "must be onAgentAvailabilityUpdate, onAgentUpdate or onAgentDelete",
          },
        ],
      });
    },
  );

  it("is recognized by its name, even if it has the data of another event", () => {
    const payload = { ...aPayload(), event: "onAgentUpdate" };

    expect(parseProductEvent(payload, NOW)).toMatchObject({
      ok: false,
      issues: [{ path: "data.agent", message: "must be an object" }],
    });
  });

  it("never makes the parser throw", () => {
    fc.assert(
      fc.property(
        fc.anything(),
        fc.constantFrom("onAgentUpdate", "onAgentDelete"),
        (agent, event) => {
          const payload = { ...anAgentPayload(), data: { agent, changes: agent }, event };
          expect(typeof parseProductEvent(payload, NOW).ok).toBe("boolean");
          expect(typeof parseProductEvent(agent, NOW).ok).toBe("boolean");
        },
      ),
      { numRuns: 200 },
    );
  });
});

it.each(["user:7", "session:7", "user:", "session:"])(
  "rejects the availability ID %j, which is the key of another kind of item",
  (id) => {
    expect(parseProductEvent(aPayload({ agent: { id } }), new Date())).toMatchObject({
      ok: false,
      issues: [
        { path: "data.agent_availability.id", message: "must not begin with user: or session:" },
      ],
    });
  },
);
