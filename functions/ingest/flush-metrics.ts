import type { MiddlewareObj } from "@middy/core";

import type { MetricsWriter } from "../metrics/write-metrics.ts";
import type { Request } from "./request.ts";

/** Writes the metrics of a request after the response or the error, in at most one line. */
export function flushMetrics(metrics: MetricsWriter<"ingest">): MiddlewareObj<Request> {
  const flush = () => {
    metrics.flush();
  };
  return { after: flush, onError: flush };
}
