import { MetricUnit, Metrics } from "@aws-lambda-powertools/metrics";
import type { MiddlewareObj } from "@middy/core";

import type { Request } from "./request.ts";

/** Counters in CloudWatch's embedded metric format: at most one line a request. */
export function createCounters(stage: string) {
  const metrics = new Metrics({
    namespace: "AgentAvailability",
    serviceName: "ingest",
    defaultDimensions: { stage },
  });
  return {
    count(name: string): void {
      metrics.addMetric(name, MetricUnit.Count, 1);
    },
    flush(): void {
      if (metrics.hasStoredMetrics()) {
        metrics.publishStoredMetrics();
      }
    },
  };
}

/** @see createCounters */
export type Counters = ReturnType<typeof createCounters>;

/** Writes what was counted once the request is answered, well or not. */
export function flushCounters(counters: Counters): MiddlewareObj<Request> {
  const flush = () => {
    counters.flush();
  };
  return { after: flush, onError: flush };
}
