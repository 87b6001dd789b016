import { ComparisonOperator, MathExpression } from "aws-cdk-lib/aws-cloudwatch";

import type { AlarmDefinition } from "../alarm.ts";
import { FIFTEEN_MINUTES, FIVE_MINUTES, ONE_DAY, ONE_HOUR, ONE_MINUTE } from "./periods.ts";
import type { StageMetrics } from "./stage-metrics.ts";

/** With fewer changes in 15 minutes, the slowest of them would decide the percentile. */
const ENOUGH_CHANGES = 20;

function latencyAlarms(metrics: StageMetrics): AlarmDefinition[] {
  return [
    {
      name: "EventsLate",
      severity: "page",
      impact:
        "Changes wait more than 1 minute to be published. Consumers act on stale data. The publisher retries for 22 hours.",
      firstStep: "check the publisher log for EventBridge error codes.",
      metric: metrics.lambda("PublisherFunctionName", "IteratorAge", {
        ...ONE_MINUTE,
        statistic: "Maximum",
      }),
      comparison: ComparisonOperator.GREATER_THAN_THRESHOLD,
      threshold: 60_000,
      evaluationPeriods: 10,
      datapointsToAlarm: 3,
    },
    {
      name: "EventsNotPublished",
      severity: "page",
      impact:
        "Changes are stored but none is published, because the publisher does not run. Consumers receive nothing. Consumers never receive changes that wait more than 24 hours.",
      firstStep: "check that the event source mapping is enabled.",
      metric: new MathExpression({
        expression: "IF(FILL(applied, 0) > 0 AND FILL(published, 0) < 1, 1, 0)",
        usingMetrics: {
          applied: metrics.hub("ingest", "EventsApplied", FIFTEEN_MINUTES),
          published: metrics.hub("publisher", "EventsPublished", FIFTEEN_MINUTES),
        },
        ...FIFTEEN_MINUTES,
        label: "stored but not published (1) or not (0)",
      }),
      // A small stage may store one change an hour.
      evaluationPeriods: 12,
      datapointsToAlarm: 3,
    },
    {
      name: "EventsSlow",
      severity: "ticket",
      impact:
        "More than 1% of the changes are published more than 5 seconds after they occur. Events that a relay parked do not count.",
      firstStep: "check on the dashboard whether requests, the stream or Freshdesk are slow.",
      metric: new MathExpression({
        expression: `IF(changes >= ${ENOUGH_CHANGES}, age, 0)`,
        usingMetrics: {
          changes: metrics.hub("publisher", "EventAge", {
            ...FIFTEEN_MINUTES,
            statistic: "SampleCount",
          }),
          age: metrics.hub("publisher", "EventAge", { ...FIFTEEN_MINUTES, statistic: "p99" }),
        },
        ...FIFTEEN_MINUTES,
        label: "event age, p99",
      }),
      comparison: ComparisonOperator.GREATER_THAN_THRESHOLD,
      threshold: 5000,
      evaluationPeriods: 4,
      datapointsToAlarm: 3,
    },
  ];
}

/**
 * SQS stops publishing the metrics of a queue that has been empty and unused for 6 hours, so missing data
 * means an empty queue.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/monitoring-using-cloudwatch.html
 */
function deadLetterAlarms(metrics: StageMetrics, redrive: string): AlarmDefinition[] {
  return [
    {
      name: "EventsDeadLettered",
      severity: "ticket",
      impact:
        "Events could not be published and were dead-lettered. Consumers miss them until you run redrive.",
      firstStep: "read the error code in the publisher log.",
      metric: metrics.hub("publisher", "EventsDeadLettered", FIVE_MINUTES),
    },
    {
      name: "DeadLettersWaiting",
      severity: "ticket",
      impact: "The dead-letter queue is not empty. It keeps a message for 14 days.",
      firstStep: `fix the cause, then run ${redrive}.`,
      metric: metrics.waitingMessages("DeadLetterQueueUrl", FIVE_MINUTES),
    },
    {
      name: "DeadLettersExpiring",
      severity: "ticket",
      impact:
        "The dead-letter queue has contained messages for a week. It deletes each message after 14 days.",
      firstStep: `today, run ${redrive}.`,
      // The age of the oldest message ignores messages that were received three times, as by three redrives.
      metric: metrics.waitingMessages("DeadLetterQueueUrl", ONE_HOUR),
      // CloudWatch evaluates at most 7 days.
      evaluationPeriods: 7 * 24,
    },
  ];
}

function failedRecordAlarms(metrics: StageMetrics, redrive: string): AlarmDefinition[] {
  return [
    {
      name: "RecordsNotPublished",
      severity: "ticket",
      impact:
        "Changes could not be published for 22 hours. The on-failure destination keeps them for 14 days. Consumers do not receive them until you run redrive.",
      firstStep: `fix the cause of the EventsLate alarm, then run ${redrive}.`,
      metric: metrics.eventSourceMapping("OnFailureDestinationDeliveredEventCount", FIVE_MINUTES),
    },
    {
      name: "FailedRecordsWaiting",
      severity: "ticket",
      impact:
        "Changes wait in the on-failure destination, which deletes each record after 14 days. Consumers do not receive them until you run redrive.",
      firstStep: `fix the cause, then run ${redrive}.`,
      // S3 reports the number once a day, for the previous day.
      metric: metrics.failedObjects({ ...ONE_DAY, statistic: "Average" }),
      evaluationPeriods: 2,
      datapointsToAlarm: 1,
    },
    {
      name: "RecordsLost",
      severity: "page",
      impact:
        "Changes could not be published for 22 hours and could not be written to the on-failure destination. Their events are lost. The table still has every agent's latest state.",
      firstStep:
        "check that the bucket of the on-failure destination exists and that the publisher's role can write to it.",
      metric: metrics.eventSourceMapping("DroppedEventCount", FIVE_MINUTES),
    },
  ];
}

function forwardingAlarms(metrics: StageMetrics): AlarmDefinition[] {
  if (metrics.stage.forwardTo.length === 0) {
    return [];
  }
  return [
    {
      name: "EventsNotForwarded",
      severity: "ticket",
      impact:
        "An event bus in forwardTo did not accept events for a day. A queue keeps them for 14 days. Consumers on that bus miss them.",
      firstStep: "check that the bus exists and allows this AWS account to put events.",
      metric: metrics.waitingMessages("NotForwardedQueueUrl", FIVE_MINUTES),
    },
  ];
}

/** Defines the publisher alarms: changes on their way from the table to the consumers. */
export function publisherAlarms(metrics: StageMetrics): AlarmDefinition[] {
  const redrive = `npx agent-availability redrive --stage ${metrics.stage.name}`;
  return [
    ...latencyAlarms(metrics),
    ...deadLetterAlarms(metrics, redrive),
    ...failedRecordAlarms(metrics, redrive),
    ...forwardingAlarms(metrics),
  ];
}
