import { Metric, type MetricOptions } from "aws-cdk-lib/aws-cloudwatch";

import { METRICS_NAMESPACE, type ServiceMetrics } from "../functions/availability/metrics.ts";
import type { Stage } from "./stage.ts";

/** Returns a metric that a function of a stage writes; a sum unless `statistic` is set. */
export function hubMetric<Service extends keyof ServiceMetrics>(
  { name: stage }: Stage,
  service: Service,
  metricName: ServiceMetrics[Service],
  options: MetricOptions,
): Metric {
  return new Metric({
    namespace: METRICS_NAMESPACE,
    metricName,
    dimensionsMap: { service, stage },
    statistic: "Sum",
    ...options,
  });
}
