import { MetricUnit, Metrics } from "@aws-lambda-powertools/metrics";

import { METRICS_NAMESPACE, type ServiceMetrics } from "../availability/metrics.ts";

/**
 * Writes the metrics of a service to its log, in CloudWatch's embedded metric format.
 *
 * Values are collected and written together by `flush`, in one line per 100 values of a metric.
 */
export function createMetrics<Service extends keyof ServiceMetrics>(
  service: Service,
  stage: string,
) {
  type Name = ServiceMetrics[Service];
  const metrics = new Metrics({
    namespace: METRICS_NAMESPACE,
    serviceName: service,
    defaultDimensions: { stage },
  });
  return {
    /** Adds to a count. A count of 0 is not written, because CloudWatch charges for it. */
    count(name: Name, value = 1): void {
      if (value > 0) {
        metrics.addMetric(name, MetricUnit.Count, value);
      }
    },

    /** Sets the current number of something, even if it is 0. */
    gauge(name: Name, value: number): void {
      metrics.addMetric(name, MetricUnit.Count, value);
    },

    duration(name: Name, milliseconds: number): void {
      metrics.addMetric(name, MetricUnit.Milliseconds, milliseconds);
    },

    seconds(name: Name, seconds: number): void {
      metrics.addMetric(name, MetricUnit.Seconds, seconds);
    },

    /** Adds a field to the line for searches in the log. Unlike a dimension, a field creates no other metric. */
    annotate(field: string, text: string): void {
      metrics.addMetadata(field, text);
    },

    flush: (): void => {
      if (metrics.hasStoredMetrics()) {
        metrics.publishStoredMetrics();
      }
    },
  };
}

export type MetricsWriter<Service extends keyof ServiceMetrics> = ReturnType<
  typeof createMetrics<Service>
>;
