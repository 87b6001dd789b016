import { expect, it } from "@jest/globals";

import { compareChanges } from "../../functions/availability/change.ts";
import { removalOf, removalOrder } from "../../functions/availability/removal.ts";

const MICROSECONDS = 1_763_625_600_987_654;
const deletion = {
  accountId: "1",
  userId: "7",
  updatedAt: "2025-11-20T08:00:00.987Z",
  eventTimestamp: MICROSECONDS,
};

it("orders a tombstone by the time of the removal, to the second on availability items", () => {
  const order = { eventTimestamp: MICROSECONDS, contentHash: "" };

  expect(removalOrder("787096", MICROSECONDS)).toEqual({
    updatedAt: "2025-11-20T08:00:00.000Z",
    ...order,
  });
  for (const key of ["user:7", "session:7"]) {
    expect(removalOrder(key, MICROSECONDS)).toEqual({
      updatedAt: "2025-11-20T08:00:00.987Z",
      ...order,
    });
  }
});

it.each(["787096", "user:7", "session:7"])(
  "makes every event of %s raised before the removal older, and every later one newer",
  (key) => {
    const tombstone = removalOrder(key, MICROSECONDS);
    const eventAt = (eventTimestamp: number) => ({
      ...removalOrder(key, eventTimestamp),
      contentHash: "-",
    });

    for (const earlier of [1, 999, 1000, 999_999, 1_000_000, 60_000_000]) {
      expect(compareChanges(eventAt(MICROSECONDS - earlier), tombstone)).toBeLessThan(0);
      expect(compareChanges(eventAt(MICROSECONDS + earlier), tombstone)).toBeGreaterThan(0);
    }
    expect(compareChanges(eventAt(MICROSECONDS), tombstone)).toBeGreaterThan(0);
  },
);

it.each(["787096", "user:7", "session:7"])(
  "makes the tombstone of %s newer than an item whose own time is later than the removal",
  (key) => {
    for (const item of [
      // Both times are later, only `updatedAt` is later, and only `eventTimestamp` is later.
      { updatedAt: "2025-11-20T08:10:00.000Z", eventTimestamp: MICROSECONDS + 600_000_000 },
      { updatedAt: "2025-11-20T08:10:00.000Z", eventTimestamp: MICROSECONDS - 1000 },
      { updatedAt: "2025-11-20T07:00:00.000Z", eventTimestamp: MICROSECONDS + 600_000_000 },
    ]) {
      const stored = { ...item, contentHash: "-" };

      const tombstone = removalOrder(key, MICROSECONDS, stored);
      expect(compareChanges(tombstone, stored)).toBeGreaterThan(0);
      expect(tombstone.contentHash).toBe("");
    }
  },
);

it.each(["787096", "user:7", "session:7"])(
  "orders the tombstone of %s by the time of the removal, unless the item is equally new",
  (key) => {
    const order = removalOrder(key, MICROSECONDS);
    const older = { ...order, eventTimestamp: MICROSECONDS - 1000, contentHash: "-" };

    expect(removalOrder(key, MICROSECONDS, older)).toEqual(order);
    expect(removalOrder(key, MICROSECONDS, order)).toEqual({
      ...order,
      eventTimestamp: MICROSECONDS + 1,
    });
  },
);

it("lets a tombstone expire 30 days after the removal", () => {
  const removal = removalOf(deletion, "787096");

  expect(removal).toMatchObject({
    availabilityId: "787096",
    userId: "7",
    removedAt: "2025-11-20T08:00:00.987Z",
    removedBecause: "deleted",
    expiresAt: Date.parse("2025-12-20T08:00:00.000Z") / 1000,
  });
});
