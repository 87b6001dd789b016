import { MetricUnit, Metrics } from "@aws-lambda-powertools/metrics";
import type { MiddlewareObj } from "@middy/core";

import { type IngestMetric, METRICS_NAMESPACE } from "../availability/metrics.ts";
import type { Request } from "./request.ts";

/** Counters in CloudWatch's embedded metric format: at most one line a request. */
export function createCounters(stage: string) {
  const metrics = new Metrics({
    namespace: METRICS_NAMESPACE,
    serviceName: "ingest",
    defaultDimensions: { stage },
  });
  return {
    /** Counts one, or as many as are said. None is not counted, since even a 0 is paid for. */
    count(name: IngestMetric, value = 1): void {
      if (value > 0) {
        metrics.addMetric(name, MetricUnit.Count, value);
      }
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
