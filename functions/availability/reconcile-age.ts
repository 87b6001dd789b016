import { newestTimeOf } from "./reconcile-drift.ts";
import type { AgentSnapshot } from "./snapshot.ts";
import { isTombstone, type StoredItem } from "./state.ts";

/** An event of a change that happened within this time before the request may be in flight. */
export const MIN_AGE_MS = 60_000;

/** Whether the newest change that a snapshot shows may be unknown only because its event is in flight. */
export function isRecent(snapshot: AgentSnapshot): boolean {
  const time = newestTimeOf(snapshot);
  return time !== undefined && Date.parse(snapshot.requestedAt) - Date.parse(time) < MIN_AGE_MS;
}

/** Whether a time in epoch microseconds is long enough before a request that events have arrived. */
export function isSettled(microseconds: number, requestedAt: string): boolean {
  return Date.parse(requestedAt) - microseconds / 1000 > MIN_AGE_MS;
}

/** Whether a snapshot may replace a `user:` or session item or its tombstone. A forgotten agent stays forgotten. */
export function mayReplace(known: StoredItem | undefined, requestedAt: string): boolean {
  if (known === undefined) {
    return true;
  }
  const isForgotten = isTombstone(known) && known.removedBecause === "forgotten";
  return !isForgotten && isSettled(known.eventTimestamp, requestedAt);
}
