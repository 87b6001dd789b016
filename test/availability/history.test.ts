import { describe, expect, it } from "@jest/globals";

import { eventsOf } from "../../functions/availability/events.ts";
import { historyRowOf } from "../../functions/availability/history.ts";
import type { StoredItem } from "../../functions/availability/state.ts";
import { historyItemOf, historyKeyOf } from "../../functions/store/history-item.ts";
import { readHistoryItem } from "../../functions/store/read-history-item.ts";
import { microsecondsOf } from "../../functions/availability/time.ts";
import {
  aStoredAgent,
  aStoredSession,
  aStoredTombstone,
  aStoredUser,
  USER_ID,
} from "../builders/stored-items.ts";

const NINE = "2026-11-28T09:00:00.000Z";
const TEN = "2026-11-28T10:00:00.000Z";

const rowOf = (before: StoredItem | undefined, after: StoredItem | undefined) =>
  historyRowOf({ before, after, recordedAt: TEN });

const lunch = { id: "9", name: "Lunch", since: NINE };
const atLunch = aStoredAgent({ version: 8, updatedAt: NINE, status: lunch });

describe("the row of a change", () => {
  it("has the facts before and after the change, their times, gap, origin and actor type, but no personal data", () => {
    const after = { ...atLunch, actor: { type: "system", id: "1", name: "Omniroute" } as const };

    expect(rowOf(aStoredAgent(), after)).toEqual({
      accountId: "11010177632",
      availabilityId: "787096",
      userId: USER_ID,
      occurredAt: NINE,
      epoch: 1795486584641,
      version: 8,
      before: {
        occurredAt: "2026-11-28T08:00:00.000Z",
        epoch: 1795486584641,
        version: 7,
        status: { id: "7", name: "Available", since: "2026-11-28T08:00:00.000Z" },
        loggedIn: true,
        statedAt: microsecondsOf("2026-11-28T08:00:00.000Z"),
        channels: { freshdesk: true, freshchat: true },
      },
      after: {
        status: lunch,
        loggedIn: true,
        statedAt: microsecondsOf(NINE),
        channels: { freshdesk: true, freshchat: true },
      },
      gap: false,
      origin: "relay",
      actorType: "system",
    });
  });

  it("has no earlier facts if the agent is first seen, including after a removal", () => {
    const tombstone = aStoredTombstone("787096", "deleted");

    const rows = [rowOf(undefined, aStoredAgent()), rowOf(tombstone, { ...atLunch, version: 9 })];

    expect(rows.map((row) => [row?.version, row?.before])).toEqual([
      [7, undefined],
      [9, undefined],
    ]);
  });

  it("has a gap if the reported previous values differ from the stored ones", () => {
    const missed = { ...atLunch, reportedPrevious: { statusId: "8" } };

    expect(rowOf(aStoredAgent(), missed)?.gap).toBe(true);
    expect(rowOf(undefined, missed)?.gap).toBe(false);
  });

  it("has a gap and the time of the snapshot if reconcile repaired a fact", () => {
    const repaired = aStoredAgent({
      version: 8,
      status: lunch,
      origin: "reconcile",
      reconciledAt: NINE,
    });

    expect(rowOf(aStoredAgent(), repaired)).toMatchObject({
      gap: true,
      occurredAt: NINE,
      origin: "reconcile",
      actorType: undefined,
    });
  });

  it("has a gap if reconcile repaired only the ticket channel", () => {
    const closed = aStoredAgent({ version: 8, origin: "reconcile", reconciledAt: NINE });
    const channels = { ...closed.channels, freshdesk: { available: false, agentId: "32938" } };

    expect(rowOf(aStoredAgent(), { ...closed, channels })?.gap).toBe(true);
  });

  it("has no gap if reconcile corrected only a name, because no change was missed", () => {
    const renamed = aStoredUser({ version: 8, updatedAt: NINE, name: "Rachel Green" });

    expect(rowOf(aStoredUser(), renamed)).toMatchObject({ gap: false, occurredAt: NINE });
  });

  it("has no gap if the item was restored to a state that reconcile had written", () => {
    const restored = aStoredAgent({
      epoch: 2_000_000_000_000,
      version: 1,
      status: lunch,
      origin: "reconcile",
      reconciledAt: NINE,
    });

    expect(rowOf(aStoredAgent(), restored)?.gap).toBe(false);
  });

  it("has the time of the newest session event, even if it only confirms the login state", () => {
    const confirmed = aStoredSession({ version: 8, updatedAt: NINE });

    expect(confirmed.since).toBe("2026-11-28T08:00:00.000Z");
    expect(rowOf(aStoredSession(), confirmed)).toMatchObject({
      availabilityId: `session:${USER_ID}`,
      occurredAt: NINE,
      before: { loggedIn: true, statedAt: microsecondsOf("2026-11-28T08:00:00.000Z") },
      after: { loggedIn: true, statedAt: microsecondsOf(NINE), channels: {} },
      gap: false,
    });
  });

  it("keeps a channel of any name, and omits a channel of unknown availability", () => {
    const channels = {
      constructor: { available: true },
      ["__proto__"]: { available: false },
      unknown: { agentId: "1" },
    };
    const after = rowOf(undefined, aStoredAgent({ channels }))?.after;

    expect(Object.entries(after?.channels ?? {})).toEqual([
      ["constructor", true],
      ["__proto__", false],
    ]);
  });

  it("does not exist for a write that is not counted as a version", () => {
    expect(rowOf(aStoredAgent({ userId: undefined }), aStoredAgent())).toBeUndefined();
  });
});

describe("the row of a removal", () => {
  it("has the reason and the last facts, but no facts after it", () => {
    const tombstone = { ...aStoredTombstone("787096", "deleted", TEN), version: 9 };

    const row = rowOf(atLunch, tombstone);

    expect(row).toMatchObject({
      occurredAt: TEN,
      version: 9,
      removedBecause: "deleted",
      before: { occurredAt: NINE, version: 8 },
      gap: false,
    });
    expect(row?.after).toBeUndefined();
  });

  it("has the version after the last one if an operator deleted the item from the table", () => {
    expect(rowOf(atLunch, undefined)).toMatchObject({
      occurredAt: TEN,
      version: 9,
      removedBecause: "item-deleted",
    });
  });

  it.each([
    ["in the same second as", NINE, undefined],
    ["by a clock behind that of", "2026-11-28T10:00:00.900Z", undefined],
    ["at the same time as", TEN, aStoredTombstone("787096", "deleted", TEN)],
  ])(
    "sorts after the last change if the item was removed %s the change",
    (_, updatedAt, tombstone) => {
      const last = { ...atLunch, version: 9, updatedAt };
      const recordedAt = updatedAt.slice(0, 19) + ".000Z";
      const removed = tombstone && { ...tombstone, version: 10 };

      const change = historyRowOf({ before: atLunch, after: last, recordedAt });
      const removal = historyRowOf({ before: last, after: removed, recordedAt });

      const keyOf = (row: typeof change) => (row && historyKeyOf(row))?.["change"]?.S ?? "";
      expect(removal?.version).toBe(10);
      expect(keyOf(change)).not.toBe("");
      expect(keyOf(removal) > keyOf(change)).toBe(true);
    },
  );

  it("has the same origin as the event: operator, relay or reconcile", () => {
    const deleted = aStoredTombstone("787096", "deleted", TEN);
    const removals = [
      undefined,
      deleted,
      { ...deleted, origin: "reconcile" },
      aStoredTombstone("787096", "merged", TEN),
    ];

    const rows = removals.map((tombstone) => rowOf(atLunch, tombstone)?.origin);
    const events = removals.flatMap((tombstone) =>
      eventsOf({ before: atLunch, after: tombstone, recordedAt: TEN }, { personalData: false }),
    );

    expect(rows).toEqual(["operator", "relay", "reconcile", "reconcile"]);
    expect(rows).toEqual(events.map(({ detail }) => detail.metadata.origin));
  });

  it("does not exist if a tombstone expired, or replaced nothing", () => {
    const tombstone = aStoredTombstone("787096", "deleted");

    expect(rowOf(tombstone, undefined)).toBeUndefined();
    expect(rowOf(undefined, tombstone)).toBeUndefined();
  });
});

describe("a history item", () => {
  const changes = [
    rowOf(aStoredAgent(), { ...atLunch, actor: { type: "agent" } }),
    rowOf(undefined, aStoredSession()),
    rowOf(aStoredUser({ status: undefined }), {
      ...aStoredTombstone(`user:${USER_ID}`, "merged"),
      version: 8,
    }),
    rowOf(undefined, aStoredAgent({ channels: { constructor: { available: true } } })),
  ];

  it.each(changes)("is read as the row that was written: %#", (row) => {
    if (row === undefined) {
      throw new Error("the change must have a row");
    }
    expect(readHistoryItem(historyItemOf(row, 90))).toEqual(row);
  });

  it("has account and key of the item as partition key, and time, epoch and version as sort key", () => {
    const row = rowOf(aStoredAgent(), atLunch);

    expect(row && historyKeyOf(row)).toEqual({
      agent: { S: "11010177632#787096" },
      change: { S: `${NINE}#1795486584641#8` },
    });
  });

  it("expires the given number of days after the change", () => {
    const row = rowOf(aStoredAgent(), atLunch);
    const item = row && historyItemOf(row, 90);

    expect(item?.["expiresAt"]).toEqual({ N: String(Date.parse(NINE) / 1000 + 90 * 86_400) });
  });

  it("contains no name and no email address", () => {
    const actor = { type: "agent", id: "11032938000", name: "Minerva" } as const;
    const row = rowOf(aStoredAgent({ actor }), { ...atLunch, actor });

    expect(JSON.stringify(row && historyItemOf(row, 90))).not.toMatch(
      /Rachel|acme|Minerva|11032938000|32938/,
    );
  });

  it("is rejected if its key or an attribute is malformed", () => {
    const row = rowOf(aStoredAgent(), atLunch);
    const item = row ? historyItemOf(row, 90) : {};

    expect(() => readHistoryItem({ ...item, agent: { S: "787096" } })).toThrow(
      "agent must be in the form ACCOUNT_ID#AVAILABILITY_ID",
    );
    expect(() => readHistoryItem({ ...item, change: { S: NINE } })).toThrow(
      "change must be in the form TIME#EPOCH#VERSION",
    );
    expect(() => readHistoryItem({ ...item, removedBecause: { S: "other" } })).toThrow(
      "removedBecause must be one of item-deleted, forgotten, deleted, merged",
    );
    expect(() => readHistoryItem({ ...item, after: { M: {} } })).toThrow(
      "after.channels must be present",
    );
    expect(() => readHistoryItem({ ...item, after: { M: { channels: { M: {} } } } })).toThrow(
      "after.statedAt must be a safe integer",
    );
    const { M: before } = item["before"] ?? {};
    for (const name of ["epoch", "version"]) {
      const edited = { M: { ...before, [name]: { S: "1" } } };
      expect(() => readHistoryItem({ ...item, before: edited })).toThrow(
        `before.${name} must be a safe integer`,
      );
    }
  });
});
