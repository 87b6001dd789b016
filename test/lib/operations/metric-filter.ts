import type { Template } from "aws-cdk-lib/assertions";

import { at, theOnly } from "../synthesized.ts";
import { matches } from "./filter-pattern.ts";
import type { MetricLine } from "./real-functions.ts";

/** Applies the metric filter of a template to a log line, and returns the metric lines. */
export function applyMetricFilter(template: Template, line: object): MetricLine[] {
  const { FilterPattern: pattern, MetricTransformations: transformations } = theOnly(
    template,
    "AWS::Logs::MetricFilter",
  ).Properties;
  if (!matches(String(pattern), line)) {
    return [];
  }
  const text = (name: string) => String(at(transformations, 0, `Metric${name}`));
  const metric = {
    Namespace: text("Namespace"),
    Dimensions: [],
    Metrics: [{ Name: text("Name") }],
  };
  return [{ _aws: { CloudWatchMetrics: [metric] }, [text("Name")]: Number(text("Value")) }];
}
