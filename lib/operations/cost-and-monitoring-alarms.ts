import { ComparisonOperator, MathExpression } from "aws-cdk-lib/aws-cloudwatch";

import type { AlarmDefinition } from "../alarm.ts";
import type { Census } from "./census.ts";
import { FIFTEEN_MINUTES, ONE_HOUR } from "./periods.ts";
import type { StageMetrics } from "./stage-metrics.ts";

const SECONDS_PER_HOUR = 3600;

export function costAndMonitoringAlarms(metrics: StageMetrics, census: Census): AlarmDefinition[] {
  const { rate } = metrics.stage.throttle;
  return [
    {
      name: "RequestVolumeHigh",
      severity: "ticket",
      impact:
        "Request volume has been above 10% of throttle.rate for 2 hours. The bill will be higher than expected.",
      firstStep: "check in the access log whether relays or unknown callers send the requests.",
      metric: metrics.api("Count", ONE_HOUR),
      comparison: ComparisonOperator.GREATER_THAN_THRESHOLD,
      threshold: (rate * SECONDS_PER_HOUR) / 10,
      evaluationPeriods: 2,
    },
    {
      name: "CensusMissing",
      severity: "ticket",
      impact:
        "Agent counts are missing. The dashboard shows no availability, and RelaySilent cannot fire. Ingest and publishing are not affected.",
      firstStep: "read the errors in the census log.",
      // Compared with the schedule, so that a new stage has no alarm before the first count is due.
      metric: new MathExpression({
        expression: "IF(scheduled > 0 AND FILL(counted, 0) < 1, 1, 0)",
        usingMetrics: {
          scheduled: census.metricScheduled(FIFTEEN_MINUTES),
          counted: metrics.hub("census", "ActiveAgents", {
            ...FIFTEEN_MINUTES,
            statistic: "SampleCount",
          }),
        },
        ...FIFTEEN_MINUTES,
        label: "scheduled census missing (1) or not (0)",
      }),
      evaluationPeriods: 2,
    },
  ];
}
