import { describe, expect, it } from "@jest/globals";

import type { Delivery, Result } from "./history.ts";
import type { StreamChange } from "./stream-reader.ts";
import type { Evidence, Json } from "./verifier/evidence.ts";
import { eventsFor } from "./verifier/expected.ts";
import { verdictOn } from "./verifier/verdict.ts";
import type { ReceivedEvent } from "../../local/sample-day/listener.ts";
import { itemAfter } from "../../local/sample-day/expected-item.ts";
import { aPayload } from "../../tools/fakes/payload.ts";

const EPOCH = 1_795_486_584_641;
const TIME = "2026-11-24T10:00:00.000Z";

const payloadAt = (minute: number, status: number) =>
  aPayload({
    agent: {
      id: "7",
      status_id: status,
      updated_at: `2026-11-24T09:0${minute}:00Z`,
      status_updated_at: `2026-11-24T09:0${minute}:00Z`,
    },
    timestamp: 1_795_000_000 + minute * 60,
  });

const first = payloadAt(1, 232);
const second = payloadAt(2, 233);

function aDelivery(id: string, payload: object, ...results: readonly Result[]): Delivery {
  const attempts = results.map((result) => ({ status: 200, milliseconds: 9, results: [result] }));
  return { id, payloads: [payload], isList: false, attempts };
}

function written(before: Json | undefined, payload: object, id: string): StreamChange {
  const must = itemAfter(before && { ...before }, payload, id);
  const after = { ...must, epoch: EPOCH, receivedAt: TIME };
  return { accountId: "11010177632", agent: "7", before, after, recordedAt: TIME };
}

function toldOf(change: StreamChange): ReceivedEvent[] {
  return eventsFor(change).map(([id, { receivedAt, detailType, detail }]) => {
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

function evidence(changes: Partial<Evidence> = {}): Evidence {
  return {
    accountId: "11010177632",
    deliveries: [
      aDelivery("d1", first, { outcome: "applied", version: 1 }),
      aDelivery("d2", second, { outcome: "applied", version: 2 }),
    ],
    changes: [one, two],
    items: [two.after ?? {}],
    events: [...toldOf(one), ...toldOf(two)],
    forgotten: new Set(),
    deleted: new Set(),
    deadLettered: new Set(),
    unordered: new Set(),
    ...changes,
  };
}

const right = { applied: 2, lost: [], invented: [], olderOnTop: [], outOfOrder: [] };

describe("nothing is wrong", () => {
  it("where every answer is kept, and every version was told in order", () => {
    expect(verdictOn(evidence())).toEqual(right);
  });

  it("where events came more than once", () => {
    const events = [...toldOf(one), ...toldOf(two), ...toldOf(one)];

    expect(verdictOn(evidence({ events }))).toEqual(right);
  });

  it("where a delivery was never answered, whether it was applied or not", () => {
    const deliveries = [aDelivery("d1", first), aDelivery("d2", second), aDelivery("d3", first)];

    expect(verdictOn(evidence({ deliveries }))).toEqual(right);
  });

  it("where a repeat is told apart from what is older", () => {
    const deliveries = [
      aDelivery("d1", first, { outcome: "applied", version: 1 }, { outcome: "stale", version: 2 }),
      aDelivery("d2", second, { outcome: "applied", version: 2 }),
      aDelivery("d3", second, { outcome: "duplicate", version: 2 }),
    ];

    expect(verdictOn(evidence({ deliveries }))).toEqual(right);
  });
});

describe("it is lost", () => {
  it("what was answered 200, and neither written nor replaced by something newer", () => {
    const deliveries = [
      ...evidence().deliveries,
      aDelivery("d3", payloadAt(3, 234), { outcome: "applied", version: 3 }),
    ];

    expect(verdictOn(evidence({ deliveries })).lost).toEqual([
      "d3 was answered applied, version 3 of agent 7",
    ]);
  });

  it("what was refused for good although it is valid", () => {
    const refused = { id: "d3", payloads: [first], isList: false };
    const attempts = [{ status: 400, milliseconds: 9, results: [] }];

    const { lost } = verdictOn(
      evidence({ deliveries: [...evidence().deliveries, { ...refused, attempts }] }),
    );

    expect(lost).toEqual(["d3 was answered 400: the relay drops it"]);
  });

  it("each event that never came", () => {
    const { lost } = verdictOn(evidence({ events: [...toldOf(one), ...toldOf(two).slice(1)] }));

    expect(lost).toEqual([`event 11010177632/7/${EPOCH}/2/AgentAvailabilityChanged never came`]);
  });

  it("what is no longer in the table", () => {
    expect(verdictOn(evidence({ items: [one.after ?? {}] })).lost).toEqual([
      "agent 7 is not in the table as it was written last",
    ]);
  });
});

describe("it is invented", () => {
  it("what nobody sent, and an event of what was never written", () => {
    const deliveries = evidence().deliveries.slice(0, 1);
    const three = written(two.after, payloadAt(3, 234), "d3");

    expect(verdictOn(evidence({ deliveries })).invented).toEqual([
      "agent 7 version 2 was written, and nobody sent it",
    ]);
    expect(
      verdictOn(evidence({ events: [...evidence().events, ...toldOf(three)] })).invented,
    ).toHaveLength(toldOf(three).length);
  });

  it("an item, and an event, that say something else than what was sent", () => {
    const after = { ...two.after, loggedIn: false };
    const [event, ...others] = toldOf(two);
    const changed = { ...event, detail: { ...event?.detail, loggedIn: false } } as ReceivedEvent;

    const items = verdictOn(evidence({ changes: [one, { ...two, after }], items: [after] }));
    const events = verdictOn(evidence({ events: [...toldOf(one), changed, ...others] }));

    expect(items.invented[0]).toMatch(/^agent 7 version 2 is .*"loggedIn":false.*, and must be /);
    expect(events.invented).toEqual([
      expect.stringMatching(/^event \S+\/2\/AgentAvailabilityChanged \(.*\) is .*, and must be /),
    ]);
  });

  it("an answer that names another version, or another outcome, than what is stored", () => {
    const deliveries = [
      aDelivery("d1", first, { outcome: "applied", version: 2 }),
      aDelivery("d2", second, { outcome: "stale", version: 2 }),
    ];

    expect(verdictOn(evidence({ deliveries })).invented).toEqual([
      "d1 was answered applied, version 2 of agent 7",
      "d2 was answered stale, version 2 of agent 7",
    ]);
  });
});

it("an event that comes again with another time of receipt is invented", () => {
  const [event] = toldOf(one) as [ReceivedEvent];
  const metadata = {
    ...(event.detail["metadata"] as object),
    receivedAt: "1999-01-01T00:00:00.000Z",
  };
  const again = { ...event, detail: { ...event.detail, metadata } };
  const events = [...evidence().events, again];

  expect(verdictOn(evidence({ events })).invented).toEqual([
    expect.stringContaining("(received at 1999-01-01T00:00:00.000Z, for "),
  ]);
});

describe("of a forgotten agent", () => {
  const forgotten = new Set(["7"]);
  const REMOVED = "2026-11-24T11:00:00.000Z";

  /** What forgetting leaves, and what it tells, but for these. */
  function tombstone(changes: Json = {}): StreamChange {
    const { accountId, availabilityId, epoch, updatedAt, eventTimestamp, contentHash } =
      two.after ?? {};
    const place = { epoch, version: 3, updatedAt, eventTimestamp, contentHash };
    const expiresAt = Date.parse(REMOVED) / 1000 + 30 * 86_400;
    const after = {
      accountId,
      availabilityId,
      ...place,
      removedAt: REMOVED,
      removedBecause: "forgotten",
      expiresAt,
      ...changes,
    };
    return { ...two, before: two.after, after };
  }

  /** The same evidence, and what was written after the two changes. */
  const andThen = (...more: readonly StreamChange[]): Evidence =>
    evidence({
      forgotten,
      changes: [one, two, ...more],
      items: more.flatMap(({ after }): Json[] => (after ? [after] : [])).slice(-1),
      events: [one, two, ...more].flatMap(toldOf),
    });

  it("a tombstone is left, over which only what is newer is written", () => {
    const left = tombstone();
    const three = written(left.after, payloadAt(3, 234), "d3");
    const sent = { ...andThen(left, three), deliveries: [...evidence().deliveries] };
    sent.deliveries.push(aDelivery("d3", payloadAt(3, 234), { outcome: "applied", version: 4 }));

    expect(verdictOn(andThen(left))).toEqual(right);
    expect(verdictOn(sent)).toEqual({ ...right, applied: 3 });
  });

  it("nothing may come back", () => {
    const left = tombstone();
    const late = written(left.after, second, "d2");

    expect(verdictOn(andThen(left, late)).olderOnTop).toEqual([
      "agent 7 version 4 is not newer than what it replaced",
    ]);
  });

  it.each([
    ["its place in the order", { updatedAt: "1970-01-01T00:00:00.000Z" }],
    ["nothing but that", { email: "rachel@example.com" }],
    ["its count", { version: 4 }],
    ["it for 30 days", { expiresAt: 0 }],
  ])("%s has to be left", (_what, changes) => {
    expect(verdictOn(andThen(tombstone(changes))).invented).toContainEqual(
      expect.stringMatching(/^of agent 7 is left .*, and must be /),
    );
  });

  it("the item may be neither deleted nor kept, and of nobody else may a tombstone be left", () => {
    const gone = { ...two, before: two.after, after: undefined };

    expect(verdictOn(andThen(gone)).lost).toEqual([
      "agent 7 was deleted, and nobody asked for it",
      "agent 7 was to be forgotten, and is not",
    ]);
    expect(verdictOn(evidence({ forgotten })).lost).toEqual([
      "agent 7 was to be forgotten, and is not",
    ]);
    expect(verdictOn({ ...andThen(tombstone()), forgotten: new Set() }).lost).toEqual([
      "agent 7 was forgotten, and nobody asked for it",
    ]);
  });

  it("a deletion by hand is another thing", () => {
    const gone = { ...two, before: two.after, after: undefined };

    expect(verdictOn({ ...andThen(gone), forgotten: new Set(), deleted: new Set(["7"]) })).toEqual(
      right,
    );
  });
});

it("an older state over a newer one is seen, and a repeat that was applied again", () => {
  const older = written(two.after, first, "d1");
  const same = written(two.after, second, "d2");

  const back = verdictOn(evidence({ changes: [one, two, older], items: [older.after ?? {}] }));
  const again = verdictOn(evidence({ changes: [one, two, same], items: [same.after ?? {}] }));

  expect(back.olderOnTop).toEqual(["agent 7 version 3 is not newer than what it replaced"]);
  expect(again.olderOnTop).toEqual(["agent 7 version 3 is not newer than what it replaced"]);
});

it("an event that overtook one of an older version is out of order, unless that was dead-lettered", () => {
  const [late, ...others] = toldOf(one) as [ReceivedEvent, ...ReceivedEvent[]];
  const events = [...others, ...toldOf(two), late];
  const id = `11010177632/7/${EPOCH}/1/AgentAvailabilityChanged`;

  expect(verdictOn(evidence({ events })).outOfOrder).toHaveLength(toldOf(two).length);
  expect(verdictOn(evidence({ events, deadLettered: new Set([id]) }))).toEqual(right);
});
