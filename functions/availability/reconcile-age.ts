import { newestTimeOf } from "./reconcile-drift.ts";
import type { AgentSnapshot } from "./snapshot.ts";
import { isTombstone, type StoredItem } from "./state.ts";

/** If a change happened within this time before the request, its event may still be in flight. */
export const MIN_AGE_MS = 60_000;

/** Returns whether a snapshot's newest change is so recent that its event may still be in flight. */
export function isRecent(snapshot: AgentSnapshot): boolean {
  const time = newestTimeOf(snapshot);
  return time !== undefined && Date.parse(snapshot.requestedAt) - Date.parse(time) < MIN_AGE_MS;
}

/** Returns whether a time (epoch microseconds) is so long before a request that all events until then have arrived. */
export function isSettled(microseconds: number, requestedAt: string): boolean {
  return Date.parse(requestedAt) - microseconds / 1000 > MIN_AGE_MS;
}

/**
 * Returns whether a snapshot may replace a `user:` or session item or its tombstone. A forgotten agent stays
 * forgotten.
 */
export function mayReplace(known: StoredItem | undefined, requestedAt: string): boolean {
  if (known === undefined) {
    return true;
  }
  const isForgotten = isTombstone(known) && known.removedBecause === "forgotten";
  return !isForgotten && isSettled(known.eventTimestamp, requestedAt);
}
