import { MetricUnit, Metrics } from "@aws-lambda-powertools/metrics";

import type { DetailType } from "../availability/catalogue.ts";
import { METRICS_NAMESPACE, type PublisherMetric } from "../availability/metrics.ts";
import type { Entry } from "../bus/entry.ts";
import type { Published } from "./publish.ts";

const byType: Readonly<Record<DetailType, PublisherMetric>> = {
  "Agent Availability Changed": "PublishedAgentAvailabilityChanged",
  "Agent Status Changed": "PublishedAgentStatusChanged",
  "Agent Channel Availability Changed": "PublishedAgentChannelAvailabilityChanged",
  "Agent Removed": "PublishedAgentRemoved",
};

/** A delivery's id ends so where a relay brought the change in a list, because it had parked it. */
const CAUGHT_UP = /#\d+$/;

/**
 * In milliseconds, for each change once, since each makes one event of this type. Freshdesk's clock may be
 * ahead of ours; how long a relay that could not reach the hub kept a change says nothing of the hub.
 */
function agesOf(accepted: readonly Entry[]): number[] {
  return accepted
    .filter(({ detailType }) => detailType === "Agent Availability Changed")
    .filter(({ metadata }) => !CAUGHT_UP.test(metadata.webhookId ?? ""))
    .map(({ metadata: { occurredAt, publishedAt } }) =>
      Math.max(Date.parse(publishedAt) - Date.parse(occurredAt), 0),
    );
}

/** Counters in CloudWatch's embedded metric format: one line a batch, and another for each 100 ages. */
export function createCounter(stage: string) {
  const metrics = new Metrics({
    namespace: METRICS_NAMESPACE,
    serviceName: "publisher",
    defaultDimensions: { stage },
  });

  function count(name: PublisherMetric, value: number): void {
    if (value > 0) {
      metrics.addMetric(name, MetricUnit.Count, value);
    }
  }

  /** Counts what a batch came to. What there is none of is not counted, since even a 0 is paid for. */
  return ({ accepted, setAside, refusals }: Published): void => {
    count("EventsPublished", accepted.length);
    for (const [type, { length }] of Map.groupBy(accepted, ({ detailType }) => detailType)) {
      count(byType[type], length);
    }
    count("EventsSetAside", setAside.length);
    count("EntriesRefused", refusals.length);
    for (const age of agesOf(accepted)) {
      const name: PublisherMetric = "EventAge";
      metrics.addMetric(name, MetricUnit.Milliseconds, age);
    }
    if (metrics.hasStoredMetrics()) {
      metrics.publishStoredMetrics();
    }
  };
}
