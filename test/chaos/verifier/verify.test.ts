import { describe, expect, it } from "@jest/globals";

import type { Delivery, Result } from "../delivery.ts";
import type { StreamChange } from "../stream-reader.ts";
import type { Evidence, Json } from "./evidence.ts";
import { expectedEventsOf } from "./expected-events.ts";
import { verify } from "./verify.ts";
import { joinedAgents } from "../../../local/sample-day/expected-agents.ts";
import type { ReceivedEvent } from "../../../local/sample-day/listener.ts";
import { agentEventIn } from "../../../local/sample-day/expected-agent-event.ts";
import { aDeletionPayload, anAgentPayload } from "../../../tools/fakes/agent-payload.ts";
import { aPayload } from "../../../tools/fakes/payload.ts";
import { isDeletion, possibleWritesOf, removalBy } from "./possible-writes.ts";

const EPOCH = 1_795_486_584_641;
const TIME = "2026-11-24T10:00:00.000Z";

const payloadAt = (minute: number, status: number, hour = "09") =>
  aPayload({
    agent: {
      id: "7",
      status_id: status,
      updated_at: `2026-11-24T${hour}:0${minute}:00Z`,
      status_updated_at: `2026-11-24T${hour}:0${minute}:00Z`,
    },
    timestamp: 1_795_000_000 + minute * 60,
  });

const first = payloadAt(1, 232);
const second = payloadAt(2, 233);

function aDelivery(id: string, payload: object, ...results: readonly Result[]): Delivery {
  const attempts = results.map((result) => ({ status: 200, milliseconds: 9, results: [result] }));
  return { id, payloads: [payload], isBatch: false, attempts };
}

function written(before: Json | undefined, payload: object, id: string): StreamChange {
  const [write] = possibleWritesOf(payload, true);
  const item = write?.after(before, id);
  const after = { ...item, epoch: EPOCH, receivedAt: TIME };
  return { accountId: "11010177632", agent: "7", before, after, recordedAt: TIME };
}

function eventsOf(change: StreamChange): ReceivedEvent[] {
  return expectedEventsOf(change).map(([id, { receivedAt, detailType, detail }]) => {
    const times = { ...(receivedAt !== undefined && { receivedAt }), publishedAt: TIME };
    const metadata = { ...(detail["metadata"] as object), id, epoch: EPOCH, ...times };
    return {
      "detail-type": detailType,
      source: "freshworks.agent-availability",
      time: "2026-11-24T08:00:00Z",
      detail: { ...detail, metadata },
    };
  });
}

const one = written(undefined, first, "d1");
const two = written(one.after, second, "d2");

/** The evidence of two changes, with other properties; `agents` are those of its items. */
function evidence(changes: Partial<Evidence> = {}): Evidence {
  const found = changes.items ?? [two.after ?? {}];
  return {
    accountId: "11010177632",
    hasCustomStatuses: true,
    agents: joinedAgents(found.filter((item) => !("removedAt" in item))),
    deliveries: [
      aDelivery("d1", first, { outcome: "applied", version: 1 }),
      aDelivery("d2", second, { outcome: "applied", version: 2 }),
    ],
    changes: [one, two],
    items: [two.after ?? {}],
    events: [...eventsOf(one), ...eventsOf(two)],
    forgottenKeys: new Set(),
    deletedAgents: new Set(),
    deadLetteredEventIds: new Set(),
    unorderedAgents: new Set(),
    ...changes,
  };
}

const right = { applied: 2, lost: [], unexpected: [], regressed: [], outOfOrder: [] };

describe("finds no violation", () => {
  it("if all events with a 200 response are stored and all versions are published in order", () => {
    expect(verify(evidence())).toEqual(right);
  });

  it("if events arrive more than once", () => {
    const events = [...eventsOf(one), ...eventsOf(two), ...eventsOf(one)];

    expect(verify(evidence({ events }))).toEqual(right);
  });

  it("if a delivery has no response, whether or not it was applied", () => {
    const deliveries = [aDelivery("d1", first), aDelivery("d2", second), aDelivery("d3", first)];

    expect(verify(evidence({ deliveries }))).toEqual(right);
  });

  it("if repeated events are duplicates and older events are stale", () => {
    const deliveries = [
      aDelivery("d1", first, { outcome: "applied", version: 1 }, { outcome: "stale", version: 2 }),
      aDelivery("d2", second, { outcome: "applied", version: 2 }),
      aDelivery("d3", second, { outcome: "duplicate", version: 2 }),
    ];

    expect(verify(evidence({ deliveries }))).toEqual(right);
  });
});

describe("reports as lost", () => {
  it("an event with a 200 response that was neither written nor replaced by a newer one", () => {
    const deliveries = [
      ...evidence().deliveries,
      aDelivery("d3", payloadAt(3, 234), { outcome: "applied", version: 3 }),
    ];

    expect(verify(evidence({ deliveries })).lost).toEqual([
      "the response to d3 was applied, version 3 of agent 7",
    ]);
  });

  it("a valid event that was rejected permanently", () => {
    const rejected = { id: "d3", payloads: [first], isBatch: false };
    const attempts = [{ status: 400, milliseconds: 9, results: [] }];

    const { lost } = verify(
      evidence({ deliveries: [...evidence().deliveries, { ...rejected, attempts }] }),
    );

    expect(lost).toEqual(["the response to d3 was 400, after which the relay drops it"]);
  });

  it("each event that did not arrive", () => {
    const { lost } = verify(evidence({ events: [...eventsOf(one), ...eventsOf(two).slice(1)] }));

    expect(lost).toEqual([
      `event 11010177632/7/${EPOCH}/2/AgentAvailabilityChanged did not arrive`,
    ]);
  });

  it("an item that is no longer in the table", () => {
    expect(verify(evidence({ items: [one.after ?? {}] })).lost).toEqual([
      "the item of agent 7 is not the one that was written last",
    ]);
  });
});

describe("reports as unexpected", () => {
  it("a write whose event was not sent, and an event without a write", () => {
    const deliveries = evidence().deliveries.slice(0, 1);
    const three = written(two.after, payloadAt(3, 234), "d3");

    expect(verify(evidence({ deliveries })).unexpected).toEqual([
      "agent 7 version 2 was written, but its event was not sent",
    ]);
    expect(
      verify(evidence({ events: [...evidence().events, ...eventsOf(three)] })).unexpected,
    ).toHaveLength(eventsOf(three).length);
  });

  it("an item and an event whose content differs from the sent event", () => {
    const after = { ...two.after, loggedIn: false };
    const [event, ...others] = eventsOf(two);
    const changed = { ...event, detail: { ...event?.detail, loggedIn: false } } as ReceivedEvent;

    const items = verify(evidence({ changes: [one, { ...two, after }], items: [after] }));
    const events = verify(evidence({ events: [...eventsOf(one), changed, ...others] }));

    expect(items.unexpected[0]).toMatch(/^agent 7 version 2 is .*"loggedIn":false.*, expected /);
    expect(events.unexpected).toEqual([
      expect.stringMatching(/^event \S+\/2\/AgentAvailabilityChanged \(.*\) is .*, expected /),
    ]);
  });

  it("a response whose version or outcome differs from the stored one", () => {
    const deliveries = [
      aDelivery("d1", first, { outcome: "applied", version: 2 }),
      aDelivery("d2", second, { outcome: "stale", version: 2 }),
    ];

    expect(verify(evidence({ deliveries })).unexpected).toEqual([
      "the response to d1 was applied, version 2 of agent 7",
      "the response to d2 was stale, version 2 of agent 7",
    ]);
  });
});

it("reports a repeated event with another receivedAt as unexpected", () => {
  const [event] = eventsOf(one) as [ReceivedEvent];
  const metadata = {
    ...(event.detail["metadata"] as object),
    receivedAt: "1999-01-01T00:00:00.000Z",
  };
  const again = { ...event, detail: { ...event.detail, metadata } };
  const events = [...evidence().events, again];

  expect(verify(evidence({ events })).unexpected).toEqual([
    expect.stringContaining("(received at 1999-01-01T00:00:00.000Z, expected "),
  ]);
});

describe("of a forgotten agent", () => {
  const forgottenKeys = new Set(["7"]);
  const REMOVED_AT = "2026-11-24T11:00:00.000Z";

  /** The tombstone of the agent, with some attributes changed. */
  function tombstone(changes: Json = {}): StreamChange {
    const { accountId, availabilityId, epoch } = two.after ?? {};
    const eventTimestamp = Date.parse(REMOVED_AT) * 1000;
    const order = { epoch, version: 3, updatedAt: REMOVED_AT, eventTimestamp, contentHash: "" };
    const expiresAt = Date.parse(REMOVED_AT) / 1000 + 30 * 86_400;
    const after = {
      accountId,
      availabilityId,
      ...order,
      removedAt: REMOVED_AT,
      removedBecause: "forgotten",
      expiresAt,
      ...changes,
    };
    return { ...two, before: two.after, after };
  }

  /** The evidence with more writes after the two changes. */
  const andThen = (...more: readonly StreamChange[]): Evidence =>
    evidence({
      forgottenKeys,
      changes: [one, two, ...more],
      items: more.flatMap(({ after }): Json[] => (after ? [after] : [])).slice(-1),
      events: [one, two, ...more].flatMap(eventsOf),
    });

  it("accepts a tombstone that only a newer event replaces", () => {
    const left = tombstone();
    const newer = payloadAt(3, 234, "12");
    const three = written(left.after, newer, "d3");
    const sent = { ...andThen(left, three), deliveries: [...evidence().deliveries] };
    sent.deliveries.push(aDelivery("d3", newer, { outcome: "applied", version: 4 }));

    expect(verify(andThen(left))).toEqual(right);
    expect(verify(sent)).toEqual({ ...right, applied: 3 });
  });

  it("reports an older event that creates the agent again", () => {
    const left = tombstone();
    const late = written(left.after, second, "d2");

    expect(verify(andThen(left, late)).regressed).toEqual([
      "agent 7 version 4 is not newer than the version that it replaced",
    ]);
  });

  it.each([
    ["other times", { updatedAt: "1970-01-01T00:00:00.000Z" }],
    ["personal data", { email: "rachel@example.com" }],
    ["a version that skips a number", { version: 4 }],
    ["a wrong expiry", { expiresAt: 0 }],
  ])("reports a tombstone with %s", (_title, changes) => {
    expect(verify(andThen(tombstone(changes))).unexpected).toContainEqual(
      expect.stringMatching(/^the tombstone of agent 7 is .*, expected /),
    );
  });

  it("reports a deleted or remaining item, and a tombstone that nobody requested", () => {
    const gone = { ...two, before: two.after, after: undefined };

    expect(verify(andThen(gone)).lost).toEqual([
      "agent 7 was deleted without a request",
      "agent 7 was not forgotten",
    ]);
    expect(verify(evidence({ forgottenKeys })).lost).toEqual(["agent 7 was not forgotten"]);
    expect(verify({ ...andThen(tombstone()), forgottenKeys: new Set() }).lost).toEqual([
      "agent 7 was forgotten without a request",
    ]);
  });

  it("accepts an item that was deleted manually", () => {
    const gone = { ...two, before: two.after, after: undefined };

    expect(
      verify({ ...andThen(gone), forgottenKeys: new Set(), deletedAgents: new Set(["7"]) }),
    ).toEqual(right);
  });
});

it("reports an older state that replaces a newer one, and a repeated event that is applied again", () => {
  const older = written(two.after, first, "d1");
  const same = written(two.after, second, "d2");

  const back = verify(evidence({ changes: [one, two, older], items: [older.after ?? {}] }));
  const again = verify(evidence({ changes: [one, two, same], items: [same.after ?? {}] }));

  expect(back.regressed).toEqual([
    "agent 7 version 3 is not newer than the version that it replaced",
  ]);
  expect(again.regressed).toEqual([
    "agent 7 version 3 is not newer than the version that it replaced",
  ]);
});

it("reports an event that arrives before one of an older version, unless that one was dead-lettered", () => {
  const [late, ...others] = eventsOf(one) as [ReceivedEvent, ...ReceivedEvent[]];
  const events = [...others, ...eventsOf(two), late];
  const id = `11010177632/7/${EPOCH}/1/AgentAvailabilityChanged`;

  expect(verify(evidence({ events })).outOfOrder).toHaveLength(eventsOf(two).length);
  expect(verify(evidence({ events, deadLetteredEventIds: new Set([id]) }))).toEqual(right);
});

describe("of a person with a session, in an account without custom statuses", () => {
  const at = (seconds: number) => ({ timestamp: 1_795_600_000 + seconds });
  const agent = { user_id: 5, available: true, email: "Rachel@acme.com" };
  const login = anAgentPayload({ agent, login: [false, true], ...at(10) });
  const deletion = aDeletionPayload({ agent, ...at(20) });

  /** The writes of an event, given the items before them. */
  const writesOf = (payload: object, id: string, befores: Readonly<Record<string, Json>> = {}) =>
    possibleWritesOf(payload, false).map(({ key, after }): StreamChange => {
      const before = befores[key];
      const received = isDeletion(payload) ? {} : { receivedAt: TIME };
      const stored = { ...after(before, id), epoch: EPOCH, ...received };
      return { accountId: "11010177632", agent: key, before, after: stored, recordedAt: TIME };
    });

  const created = writesOf(login, "d1");
  const createdItems = Object.fromEntries(created.map((each) => [each.agent, each.after ?? {}]));
  const removed = writesOf(deletion, "d2", createdItems);
  const removal = aDelivery("d2", deletion, { outcome: "applied", version: 2 });
  const base = {
    hasCustomStatuses: false,
    deliveries: [aDelivery("d1", login, { outcome: "applied", version: 1 }), removal],
  };
  const complete = (changes: readonly StreamChange[], more: Partial<Evidence> = {}): Evidence =>
    evidence({
      ...base,
      changes,
      items: [...new Map(changes.map((each) => [each.agent, each.after ?? {}])).values()],
      events: changes.flatMap(eventsOf),
      ...more,
    });

  it("accepts both items, their events, and their removal by a deletion", () => {
    const { events, ...others } = complete([...created, ...removed]);

    expect(verify({ ...others, events })).toEqual({ ...right, applied: 2 });
    expect(events.map((event) => event["detail-type"])).toEqual([
      "Agent Availability Changed",
      "Agent Channel Availability Changed",
      "Agent Login Changed",
      "Agent Removed",
    ]);
  });

  it("reports that the second write of an event is missing", () => {
    const deliveries = base.deliveries.slice(0, 1);

    expect(verify(complete(created.slice(0, 1), { deliveries })).lost).toEqual([
      "the response to d1 was applied, version 1 of agent user:5 and session:5",
    ]);
  });

  it("reports an older event that creates a deleted person again", () => {
    const tombstones = Object.fromEntries(removed.map((each) => [each.agent, each.after ?? {}]));
    const late = writesOf(login, "d1", tombstones);

    expect(verify(complete([...created, ...removed, ...late])).regressed).toEqual([
      "agent user:5 version 3 is not newer than the version that it replaced",
      "agent session:5 version 3 is not newer than the version that it replaced",
    ]);
  });

  it("reports a confirmed login state that is published", () => {
    const again = anAgentPayload({ agent, login: [false, true], ...at(15) });
    const confirmed = writesOf(again, "d3", createdItems);
    const delivery = aDelivery("d3", again, { outcome: "applied", version: 2 });
    const deliveries = [...base.deliveries.slice(0, 1), delivery];
    const sent = complete([...created, ...confirmed], { deliveries });
    const [session] = eventsOf({ ...(created[1] as StreamChange), after: confirmed[1]?.after });

    expect(verify(sent)).toEqual({ ...right, applied: 4 });
    expect(
      verify({ ...sent, events: [...sent.events, session as ReceivedEvent] }).unexpected,
    ).toEqual([
      expect.stringMatching(/AgentLoginChanged arrived, but does not result from a write$/),
    ]);
  });

  it("reports an availability item that the deletion of another person removed, and one that a deletion did not remove", () => {
    const stored = written(undefined, first, "d0");
    const itemRemoval = removalBy(agentEventIn(deletion), "7");
    const gone = { ...itemRemoval.after(stored.after, ""), epoch: EPOCH };
    const tombstone = { ...stored, before: stored.after, after: gone };
    const deliveries = [
      aDelivery("d0", first, { outcome: "applied", version: 1 }),
      ...base.deliveries,
    ];
    const owned = { ...stored.after, userId: "6" };

    const left = verify(complete([stored, ...created, ...removed], { deliveries }));
    const taken = verify(
      complete([stored, { ...tombstone, before: owned }, ...created, ...removed], { deliveries }),
    );

    expect(left.lost).toEqual(["agent 7 remains after the deletion of user 5"]);
    expect(taken.unexpected).toContain("agent 7 was removed by the deletion of another person");
  });

  it("reports agents that the lookup joins wrongly", () => {
    const sent = complete(created, { deliveries: base.deliveries.slice(0, 1) });
    const agents = sent.agents.map((each) => ({ ...each, loggedIn: false }));

    expect(verify({ ...sent, agents }).unexpected).toEqual([
      expect.stringMatching(/^the lookup returns .*"loggedIn":false.*, expected .*"loggedIn":true/),
    ]);
  });
});
