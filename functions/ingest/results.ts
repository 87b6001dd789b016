import type { Issue } from "../availability/issues.ts";
import type { Outcome } from "../store/agent-store.ts";
import type { EventWrite } from "./item-writes.ts";

/** The result of an event that cannot be stored. The other events of its batch are applied. */
export interface InvalidResult {
  readonly index: number;
  readonly outcome: "invalid";
  readonly availabilityId?: string;
  readonly issues: readonly Issue[];
}

interface StoredResult {
  readonly index: number;
  /** The key of the item that was written; absent if the event contains nothing to store. */
  readonly availabilityId?: string;
  readonly outcome: Outcome["kind"];
  /** The stored version; 0 if the event contains nothing to store. */
  readonly version: number;
}

/** The outcome of one event, by its index in the request. */
export type Result = InvalidResult | StoredResult;

export interface WriteResult {
  readonly write: EventWrite;
  readonly result: Result;
}

/**
 * Returns the result of an event: that of the first write that the table rejected, else of the first applied write,
 * else of the first write.
 */
export function resultOf(index: number, writes: readonly Result[]): Result {
  const nothingToStore = { index, outcome: "duplicate", version: 0 } as const;
  return (
    writes.find(({ outcome }) => outcome === "invalid") ??
    writes.find(({ outcome }) => outcome === "applied") ??
    writes[0] ??
    nothingToStore
  );
}
