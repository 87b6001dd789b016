import { Duration } from "aws-cdk-lib";
import { MathExpression, Metric } from "aws-cdk-lib/aws-cloudwatch";

import { METRICS_NAMESPACE, type SupervisionMetric } from "../../functions/availability/metrics.ts";
import type { AlarmDefinition } from "../alarm.ts";
import type { Stage } from "../stage.ts";
import type { Coverage } from "./coverage.ts";

const evaluated: SupervisionMetric = "ChannelsEvaluated";
const period = Duration.minutes(1);

/** Defines the alarms about coverage. */
export function coverageAlarms(
  stage: Stage,
  { deadLetterQueue, schedule }: Pick<Coverage, "deadLetterQueue" | "schedule">,
): AlarmDefinition[] {
  return [
    {
      name: "CoverageNotEvaluated",
      severity: "page",
      impact:
        "The coverage of at least one channel has not been evaluated, or its event not published, for 5 minutes. Nobody is alerted if a channel has too few agents. Other events are not affected.",
      firstStep: "read the errors in the supervision log.",
      // Also fires if Lambda drops the invocations. An evaluation that fails writes no metric.
      metric: new MathExpression({
        expression: "IF(scheduled > 0 AND FILL(evaluated, 0) < 1, 1, 0)",
        usingMetrics: {
          scheduled: new Metric({
            namespace: "AWS/Events",
            metricName: "TriggeredRules",
            dimensionsMap: { RuleName: schedule.ruleName },
            statistic: "Sum",
            period,
          }),
          evaluated: new Metric({
            namespace: METRICS_NAMESPACE,
            metricName: evaluated,
            dimensionsMap: { service: "supervision", stage: stage.name },
            statistic: "SampleCount",
            period,
          }),
        },
        period,
        label: "scheduled evaluations that did not complete",
      }),
      threshold: 1,
      evaluationPeriods: 5,
    },
    {
      name: "CoverageDeadLettersWaiting",
      severity: "ticket",
      impact:
        "Messages about changes on a channel could not be delivered or processed. Their channels are evaluated every minute, so their events are late by a minute at most.",
      firstStep: "read the cause in the supervision log, fix it, and delete the messages.",
      metric: deadLetterQueue.metricApproximateNumberOfMessagesVisible({
        statistic: "Maximum",
        period: Duration.minutes(5),
      }),
      threshold: 1,
      evaluationPeriods: 1,
    },
  ];
}
