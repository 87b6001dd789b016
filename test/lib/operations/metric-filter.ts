import type { Template } from "aws-cdk-lib/assertions";

import { at, theOnly } from "../synthesized.ts";
import { isShown } from "./filter-pattern.ts";
import type { MetricLine } from "./written.ts";

/** What the metric filter of a template makes of a line of the log that it reads. */
export function filtered(template: Template, line: object): MetricLine[] {
  const { FilterPattern: pattern, MetricTransformations: transformations } = theOnly(
    template,
    "AWS::Logs::MetricFilter",
  ).Properties;
  if (!isShown(String(pattern), line)) {
    return [];
  }
  const said = (name: string) => String(at(transformations, 0, `Metric${name}`));
  const metric = {
    Namespace: said("Namespace"),
    Dimensions: [],
    Metrics: [{ Name: said("Name") }],
  };
  return [{ _aws: { CloudWatchMetrics: [metric] }, [said("Name")]: Number(said("Value")) }];
}
