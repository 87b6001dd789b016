import {
  type Drift,
  driftBetween,
  newestTimeOf,
  type RepairedFacts,
  secondOf,
} from "./reconcile-drift.ts";
import type { AgentSnapshot } from "./snapshot.ts";
import type { AgentState } from "./state.ts";

/** A write that merges a snapshot into an availability item, conditional on the item's epoch and version. */
export interface AgentMerge {
  readonly item: AgentState;
  /** The user ID to store on the item. */
  readonly userId?: string | undefined;
  /** The newest time of the snapshot, if the item adopts it. */
  readonly reconciledAt?: string | undefined;
  /** The facts that the item adopts. Without any, the write is not a change and keeps the version. */
  readonly facts?: RepairedFacts | undefined;
}

/** The result of comparing an availability item with a snapshot. */
export interface AgentComparison {
  readonly reconciledAt?: string | undefined;
  /** Present if the item must be repaired. */
  readonly drift?: Drift | undefined;
  /** Whether the snapshot differs but is older than the item. */
  readonly isContradictory: boolean;
}

/** Returns whether a time is not older than the item's last event, and newer than the last snapshot. */
function isNewer(time: string, { updatedAt, reconciledAt }: AgentState): boolean {
  return (
    secondOf(time) >= secondOf(updatedAt) &&
    (reconciledAt === undefined || secondOf(time) > secondOf(reconciledAt))
  );
}

/**
 * Compares an availability item with a snapshot. A newer snapshot that agrees raises `reconciledAt`, so that a
 * late older event cannot undo it. If the snapshot is from the same second as the last event, the order of events
 * already makes older ones stale.
 */
export function compareAgent(
  item: AgentState,
  snapshot: AgentSnapshot,
  names: ReadonlyMap<string, string>,
): AgentComparison {
  const time = newestTimeOf(snapshot);
  if (time === undefined) {
    return { isContradictory: false };
  }
  const drift = driftBetween(item, snapshot, names);
  const isDifferent = drift.fields.length > 0;
  if (!isNewer(time, item)) {
    return { isContradictory: isDifferent };
  }
  if (isDifferent) {
    return { reconciledAt: time, drift, isContradictory: false };
  }
  const isRaised = secondOf(time) > secondOf(item.updatedAt);
  return { ...(isRaised && { reconciledAt: time }), isContradictory: false };
}
