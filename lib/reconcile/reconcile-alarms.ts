import { Duration } from "aws-cdk-lib";
import { ComparisonOperator, MathExpression } from "aws-cdk-lib/aws-cloudwatch";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { IQueue } from "aws-cdk-lib/aws-sqs";

import type { ReconcileMetric } from "../../functions/availability/metrics.ts";
import type { AlarmDefinition } from "../alarm.ts";
import { hubMetric } from "../hub-metric.ts";
import { waitingMessages } from "../queue.ts";
import type { Stage } from "../stage.ts";

/** The resources that the reconcile alarms monitor. */
export interface ReconcileAlarmsProps {
  readonly stage: Stage;
  readonly everyMinutes: number;
  readonly reconcile: IFunction;
  readonly deadLetterQueue: IQueue;
}

/** A sweep writes its metrics once per interval, so a shorter period would often have no data. */
const MIN_PERIOD_MINUTES = 5;

/**
 * Defines the reconcile alarms. None of them pages: events do not depend on reconcile.
 *
 * Without a connected account there are no sweeps, and their metrics have no data.
 */
export function reconcileAlarms(props: ReconcileAlarmsProps): AlarmDefinition[] {
  return [...sweepAlarms(props), driftAlarm(props), ...failureAlarms(props)];
}

function metricsOf({ stage, everyMinutes }: ReconcileAlarmsProps) {
  const interval = Duration.minutes(Math.max(MIN_PERIOD_MINUTES, everyMinutes));
  const metric = (metricName: ReconcileMetric, statistic: string, period = interval) =>
    hubMetric(stage, "reconcile", metricName, { statistic, period });
  return { interval, metric };
}

function sweepAlarms(props: ReconcileAlarmsProps): AlarmDefinition[] {
  const { interval, metric } = metricsOf(props);
  return [
    {
      name: "SweepsOverdue",
      severity: "ticket",
      impact:
        "A connected account has had no complete sweep for more than three intervals. Missed events are not repaired there. Ingest and publishing are not affected.",
      firstStep: "read the errors in the reconcile log; they name the account and the reason.",
      metric: metric("SweepAge", "Maximum"),
      comparison: ComparisonOperator.GREATER_THAN_THRESHOLD,
      threshold: Duration.minutes(3 * props.everyMinutes).toSeconds(),
      // An account that is connected again has an old time until its first sweep ends.
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
    },
    {
      name: "ApiKeyUnusable",
      severity: "ticket",
      impact:
        "Freshdesk rejects the API key of a connected account, or the key's entry in the secret is malformed. The account is not reconciled. Ingest and publishing are not affected.",
      firstStep: "find the account in the reconcile log, and connect it with another API key.",
      metric: new MathExpression({
        expression: "FILL(rejected, 0) + FILL(malformed, 0)",
        usingMetrics: {
          rejected: metric("ApiKeysRejected", "Sum"),
          malformed: metric("AccountsWithMalformedApiKeys", "Sum"),
        },
        period: interval,
        label: "unusable API keys",
      }),
      // FILL sets the last period to 0 while a metric is delayed. AWS recommends "M out of N" for this.
      evaluationPeriods: 3,
      datapointsToAlarm: 1,
    },
  ];
}

function driftAlarm(props: ReconcileAlarmsProps): AlarmDefinition {
  const { metric } = metricsOf(props);
  const period = Duration.minutes(Math.max(60, props.everyMinutes));
  return {
    name: "DriftHigh",
    severity: "ticket",
    impact:
      "In the last hour, or in the last sweep if sweeps run less often, more than 5% of the compared agents differed from Freshdesk: the relay is losing events. Sweeps repair what Freshdesk's API shows, with a delay. Chat and phone are not repaired.",
    firstStep: "check the relay's log in Freshdesk, and the access log, for rejected requests.",
    metric: new MathExpression({
      // A count of 0 is not written.
      expression: "100 * FILL(drifted, 0) / checked",
      usingMetrics: {
        drifted: metric("AgentsDrifted", "Sum", period),
        checked: metric("AgentsChecked", "Sum", period),
      },
      period,
      label: "percentage of agents that differed",
    }),
    comparison: ComparisonOperator.GREATER_THAN_THRESHOLD,
    threshold: 5,
  };
}

function failureAlarms({ reconcile, deadLetterQueue }: ReconcileAlarmsProps): AlarmDefinition[] {
  return [
    {
      name: "ReconcileFailing",
      severity: "ticket",
      impact:
        "The reconcile function has failed for an hour. Errors of Freshdesk's API do not cause this. Missed events may not be repaired. Ingest and publishing are not affected.",
      firstStep: "read the errors in the reconcile log.",
      metric: reconcile.metricErrors({ period: Duration.minutes(30) }),
      // A message that failed is received again after 16 minutes.
      evaluationPeriods: 2,
    },
    {
      name: "ReconcileDeadLettersWaiting",
      severity: "ticket",
      impact:
        "The dead-letter queue of reconcile is not empty: the function failed three times, or EventBridge could not deliver a message. The next complete sweep of the account repairs the affected agents.",
      firstStep: "read a message in the dead-letter queue, and the errors in the reconcile log.",
      metric: waitingMessages(deadLetterQueue),
    },
  ];
}
