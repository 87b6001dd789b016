import type { DetailType } from "../availability/catalogue.ts";
import type { AvailabilityEvent } from "../availability/typed-event.ts";
import type { PublisherMetric } from "../availability/metrics.ts";
import type { Entry } from "../bus/entry.ts";
import { createMetrics } from "../metrics/write-metrics.ts";
import type { RecordOutcome } from "./delivery.ts";

const metricsByType: Readonly<Record<AvailabilityEvent["detailType"], PublisherMetric>> = {
  "Agent Availability Changed": "PublishedAgentAvailabilityChanged",
  "Agent Status Changed": "PublishedAgentStatusChanged",
  "Agent Channel Availability Changed": "PublishedAgentChannelAvailabilityChanged",
  "Agent Login Changed": "PublishedAgentLoginChanged",
  "Agent Removed": "PublishedAgentRemoved",
};

/** Returns whether the publisher sends events of a type: all but supervision events. */
const isPublisherType = (type: DetailType): type is AvailabilityEvent["detailType"] =>
  Object.hasOwn(metricsByType, type);

/** Each change of an agent's item, login and logout has exactly one event of one of these types. */
const oncePerChangeTypes: ReadonlySet<DetailType> = new Set([
  "Agent Availability Changed",
  "Agent Login Changed",
]);

/** Ingest appends the index in a batch to the `webhook-id` of an event that the relay had parked. */
const PARKED_WEBHOOK_ID = /#\d+$/;

/**
 * Returns the ages of published changes in milliseconds, one per change. If Freshdesk's clock is ahead, the age
 * is 0. Parked changes do not count, because they waited in the relay and not in the hub.
 */
function agesOf(accepted: readonly Entry[]): number[] {
  return accepted
    .filter(({ detailType }) => oncePerChangeTypes.has(detailType))
    .filter(({ metadata }) => !PARKED_WEBHOOK_ID.test(metadata.webhookId ?? ""))
    .map(({ metadata: { occurredAt, publishedAt } }) =>
      Math.max(Date.parse(publishedAt) - Date.parse(occurredAt), 0),
    );
}

/** Creates the function that writes the metrics of a batch: one line, and another one for every 100 ages. */
export function createPublisherMetrics(stage: string) {
  const metrics = createMetrics("publisher", stage);

  return (outcomes: readonly RecordOutcome[]): void => {
    const accepted = outcomes.flatMap((outcome) => outcome.accepted);
    metrics.count("EventsPublished", accepted.length);
    for (const [type, { length }] of Map.groupBy(accepted, ({ detailType }) => detailType)) {
      if (isPublisherType(type)) {
        metrics.count(metricsByType[type], length);
      }
    }
    metrics.count(
      "EventsDeadLettered",
      outcomes.flatMap(({ deadLettered }) => deadLettered).length,
    );
    metrics.count("EntriesRejected", outcomes.flatMap(({ rejected }) => rejected).length);
    for (const age of agesOf(accepted)) {
      metrics.duration("EventAge", age);
    }
    metrics.flush();
  };
}
