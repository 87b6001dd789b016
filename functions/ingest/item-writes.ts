import { sessionChangeOf, userChangeOf } from "../availability/agent-event.ts";
import { compareChanges } from "../availability/change.ts";
import type { ProductEvent } from "../availability/product-event.ts";
import { keyedRemovalsOf } from "../availability/removal.ts";
import { type ItemEvent, orderOf } from "../store/write.ts";
import type { BatchedEvent } from "./batch.ts";

/** The write of one event of a request to one item. */
export interface EventWrite extends Omit<BatchedEvent, "payload"> {
  readonly itemEvent: ItemEvent;
}

function itemEventsOf(event: ProductEvent, hasCustomStatuses: boolean): readonly ItemEvent[] {
  if (event.name === "onAgentAvailabilityUpdate") {
    return [event.change];
  }
  if (event.name === "onAgentDelete") {
    return keyedRemovalsOf(event.deletion);
  }
  const user = hasCustomStatuses ? undefined : userChangeOf(event.update);
  return [user, sessionChangeOf(event.update)].filter((each) => each !== undefined);
}

/**
 * Returns the writes of an event to the items whose keys it contains; empty if it contains nothing to store.
 *
 * @param hasCustomStatuses whether the account has the custom-status feature. If so, availability events report
 *   the availability for tickets, and agent updates do not write it.
 */
export function writesOf(
  event: BatchedEvent & ProductEvent,
  hasCustomStatuses: boolean,
): EventWrite[] {
  const { index, webhookId } = event;
  return itemEventsOf(event, hasCustomStatuses).map((itemEvent) => ({
    index,
    webhookId,
    itemEvent,
  }));
}

/** Sorts writes. A single write, which most requests have, needs no sorting, and so no hash. */
function sortOldestFirst(writes: readonly EventWrite[]): readonly EventWrite[] {
  return writes.length < 2
    ? writes
    : writes
        .map((write) => ({ write, order: orderOf(write.itemEvent) }))
        .toSorted((first, second) => compareChanges(first.order, second.order))
        .map(({ write }) => write);
}

/**
 * Groups writes by item, oldest first. Items are written concurrently. The events of one item are written one
 * after the other: if a newer one were written first, the others would be stale and never published.
 */
export function groupByItem(writes: readonly EventWrite[]): (readonly EventWrite[])[] {
  const items = Map.groupBy(writes, ({ itemEvent }) => itemEvent.availabilityId);
  return [...items.values()].map(sortOldestFirst);
}
