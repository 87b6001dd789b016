import type { AgentDeletion } from "./agent-event.ts";
import { type ChangeOrder, compareChanges } from "./change.ts";
import { kindOf, sessionKey, userKey } from "./item-kind.ts";
import type { RemovalReason } from "./state.ts";

/** Longer than the delay of any delivery: a relay drops a parked event after a day. */
const TOMBSTONE_DAYS = 30;

const DAY_SECONDS = 86_400;

/** The removal of one item of a person. */
export interface Removal extends ChangeOrder {
  readonly accountId: string;
  readonly availabilityId: string;
  /** The person's user ID in Freshdesk. An availability item of another person is never removed. */
  readonly userId: string;
  /** In lower case. The only link between the person and an availability item without a user ID. */
  readonly email?: string | undefined;
  /** ISO 8601 UTC with milliseconds. */
  readonly removedAt: string;
  readonly removedBecause: RemovalReason;
  /** Epoch seconds at which DynamoDB may delete the tombstone. */
  readonly expiresAt: number;
}

const isoOf = (milliseconds: number) => new Date(milliseconds).toISOString();

/**
 * Returns a tombstone's place in the order of its item: the time of the removal, so that every event raised
 * before it is stale, whenever it arrives. Without a hash, an event of the same microsecond is newer.
 *
 * Availability events are ordered by `updated_at`, which is exact to the second. Their tombstones' time is rounded
 * down to the second, so that an event raised later in the same second is newer.
 *
 * @param microseconds epoch microseconds of the removal.
 * @param item the order of the item to remove, if known. The tombstone is newer than the item, even if the
 *   item's time is later than that of the removal.
 */
export function removalOrder(
  availabilityId: string,
  microseconds: number,
  item?: ChangeOrder,
): ChangeOrder {
  const precision = kindOf(availabilityId) === "availability" ? 1e6 : 1e3;
  const updatedAt = isoOf((Math.floor(microseconds / precision) * precision) / 1000);
  const order = { updatedAt, eventTimestamp: microseconds, contentHash: "" };
  return item === undefined || compareChanges(order, item) > 0
    ? order
    : { ...order, updatedAt: item.updatedAt, eventTimestamp: item.eventTimestamp + 1 };
}

/** Returns when a tombstone may expire, in epoch seconds: time to live needs whole seconds. */
export function tombstoneExpiry(microseconds: number): number {
  return Math.floor(microseconds / 1e6) + TOMBSTONE_DAYS * DAY_SECONDS;
}

/** Returns the removal of one item, because Freshdesk deleted the agent. */
export function removalOf(deletion: AgentDeletion, availabilityId: string): Removal {
  const { accountId, userId, email, updatedAt, eventTimestamp } = deletion;
  return {
    accountId,
    availabilityId,
    userId,
    email,
    ...removalOrder(availabilityId, eventTimestamp),
    removedAt: updatedAt,
    removedBecause: "deleted",
    expiresAt: tombstoneExpiry(eventTimestamp),
  };
}

/**
 * Returns the removals of the items whose keys are known from the event. They are written even if nothing is
 * stored, so that late events cannot create the items.
 */
export function keyedRemovalsOf(deletion: AgentDeletion): readonly Removal[] {
  const keys = [userKey(deletion.userId), sessionKey(deletion.userId)];
  return keys.map((key) => removalOf(deletion, key));
}
