import { kindOf } from "../availability/item-kind.ts";
import type { IngestMetric } from "../availability/metrics.ts";
import type { ParsedProductEvent } from "../availability/product-event.ts";
import { isRemoval } from "../store/write.ts";
import type { WriteResult } from "./results.ts";

type Count = readonly [metric: IngestMetric, value: number];

/** Returns whether an agent event is invalid, or contains a value in a format that the hub cannot parse. */
function isUnparsed(event: ParsedProductEvent): boolean {
  return !event.ok || (event.name === "onAgentUpdate" && event.update.isPartlyUnreadable);
}

/** Counts the agent updates of a request, and the events that contradict the account's `customStatuses` setting. */
export function countAgentEvents(
  events: readonly ParsedProductEvent[],
  hasCustomStatuses: boolean,
): Count[] {
  const [availability, others] = [
    events.filter(({ name }) => name === "onAgentAvailabilityUpdate"),
    events.filter(({ name }) => name === "onAgentUpdate" || name === "onAgentDelete"),
  ];
  const availabilityChanges = others.filter(
    (event) => event.ok && event.name === "onAgentUpdate" && event.update.isAvailabilityChange,
  );
  return [
    ["AgentUpdatesReceived", others.length],
    ["AgentUpdatesUnparsed", others.filter(isUnparsed).length],
    ["TicketAvailabilityWithCustomStatusesOn", hasCustomStatuses ? availabilityChanges.length : 0],
    ["AvailabilityEventsWithCustomStatusesOff", hasCustomStatuses ? 0 : availability.length],
  ];
}

/** Counts the applied writes of agent events: changes by kind of item, removals by event. */
export function countAgentWrites(writes: readonly WriteResult[]): Count[] {
  const applied = writes.filter(({ result }) => result.outcome === "applied");
  const events = applied.map(({ write }) => write.itemEvent);
  const changed = events.filter((event) => !isRemoval(event));
  const removed = applied.filter(({ write }) => isRemoval(write.itemEvent));
  const ofKind = (kind: string) => changed.filter((each) => kindOf(each.availabilityId) === kind);
  return [
    ["SessionItemsWritten", ofKind("session").length],
    ["UserItemsWritten", ofKind("user").length],
    ["AgentsRemoved", new Set(removed.map(({ write }) => write.index)).size],
  ];
}
