import { historyRowOf, type HistoryRow } from "../../../functions/availability/history.ts";
import type { StoredItem } from "../../../functions/availability/state.ts";

/** Returns the rows of an item's writes, given the item after each of them, in the order of the writes. */
export function rowsOf(writes: readonly StoredItem[]): HistoryRow[] {
  return writes.flatMap((after, index) => {
    const before = index === 0 ? undefined : writes[index - 1];
    return historyRowOf({ before, after, recordedAt: after.updatedAt }) ?? [];
  });
}

/** Returns a time of 28 November 2026, in epoch milliseconds. */
export const at = (time: string) => Date.parse(`2026-11-28T${time}:00.000Z`);

/** Returns the ISO 8601 time of day of 28 November 2026. */
export const isoAt = (time: string) => `2026-11-28T${time}:00.000Z`;
