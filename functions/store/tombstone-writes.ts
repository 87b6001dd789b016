import { removalOrder, tombstoneExpiry } from "../availability/removal.ts";
import type { ItemHeader, RemovalReason } from "../availability/state.ts";
import { expiresAt, removableAttributes, removedAt, removedBecause } from "./attributes.ts";
import type { ItemKey } from "./item-key.ts";
import { type ConditionalWrite, conditionalWrite } from "./conditional-write.ts";

/** Why and when an item is removed. */
export interface RemovalCause {
  readonly reason: RemovalReason;
  /** Epoch microseconds. */
  readonly microseconds: number;
}

/** The origin of the removal of an agent whom Freshdesk has deleted, according to a sweep. */
const ORIGIN = "reconcile";

/**
 * Returns the write of reconcile that replaces an item with a tombstone if it has not changed since it was read, or
 * creates the tombstone of an item that does not exist. The tombstone is always newer than the item.
 */
export function tombstoneWrite(
  item: ItemHeader | ItemKey,
  { reason, microseconds }: RemovalCause,
): ConditionalWrite {
  const known = "epoch" in item ? item : undefined;
  const milliseconds = Math.floor(microseconds / 1000);
  return conditionalWrite(item, {
    known,
    values: {
      ...Object.fromEntries(removableAttributes.map((name) => [name, undefined])),
      ...removalOrder(item.availabilityId, microseconds, known),
      epoch: known?.epoch ?? milliseconds,
      version: (known?.version ?? 0) + 1,
      [removedAt]: new Date(milliseconds).toISOString(),
      [removedBecause]: reason,
      // The other reasons determine the origin.
      ...(reason === "deleted" && { origin: ORIGIN }),
      [expiresAt]: tombstoneExpiry(microseconds),
    },
  });
}
