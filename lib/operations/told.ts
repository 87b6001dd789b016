import { ComparisonOperator, MathExpression } from "aws-cdk-lib/aws-cloudwatch";

import { DAY, FIVE_MINUTES, HOUR, MINUTE, type Promised, QUARTER } from "./promise.ts";
import type { Watched } from "./watched.ts";

/** Milliseconds. */
const A_MINUTE = 60_000;
const FIVE_SECONDS = 5000;

/** With fewer in a quarter of an hour, the slowest of them is no percentile. */
const ENOUGH = 20;

/** Whether what is stored is told, and how fast. */
function time(watched: Watched): Promised[] {
  return [
    {
      id: "EventsLate",
      when: "Now",
      means:
        "Changes wait over a minute before they are told: consumers act on old states. Nothing is lost for 22 hours.",
      first:
        "Read the last lines in the log of the publisher: `rejections` lists what the bus says.",
      metric: watched.lambda("PublisherFunctionName", "IteratorAge", {
        ...MINUTE,
        statistic: "Maximum",
      }),
      comparison: ComparisonOperator.GREATER_THAN_THRESHOLD,
      threshold: A_MINUTE,
      periods: 10,
      datapoints: 3,
    },
    {
      id: "EventsNotTold",
      when: "Now",
      means:
        "Changes are stored, and none is told: the publisher does not run. Consumers hear nothing, and what is older than 24 hours is lost to them.",
      first: "See whether the stream's mapping is enabled.",
      metric: new MathExpression({
        expression: "IF(FILL(applied, 0) > 0 AND FILL(published, 0) < 1, 1, 0)",
        usingMetrics: {
          applied: watched.ingest("EventsApplied", QUARTER),
          published: watched.publisher("EventsPublished", QUARTER),
        },
        period: QUARTER.period,
        label: "stored, and not told",
      }),
      threshold: 1,
      // Of a small stage, in which somebody changes something once an hour, an hour would say nothing.
      periods: 12,
      datapoints: 3,
    },
    {
      id: "EventsSlow",
      when: "By day",
      means:
        "More than one change in a hundred is told later than 5 seconds after it occurred, though no relay had parked it.",
      first: "See on the dashboard whether requests, the stream or Freshdesk itself are slow.",
      metric: new MathExpression({
        expression: `IF(changes >= ${ENOUGH}, age, 0)`,
        usingMetrics: {
          changes: watched.publisher("EventAge", { ...QUARTER, statistic: "SampleCount" }),
          age: watched.publisher("EventAge", { ...QUARTER, statistic: "p99" }),
        },
        period: QUARTER.period,
        label: "age, p99",
      }),
      comparison: ComparisonOperator.GREATER_THAN_THRESHOLD,
      threshold: FIVE_SECONDS,
      periods: 4,
      datapoints: 3,
    },
  ];
}

const MAXIMUM = { ...FIVE_MINUTES, statistic: "Maximum" };

/** CloudWatch looks back no further. The queue keeps for 14 days. */
const HOURS_A_WEEK = 7 * 24;

const ONCE = { threshold: 1, periods: 1, datapoints: 1 };

/** Whether other buses take what they are sent, where there are any. */
function forwarding(watched: Watched): Promised[] {
  if (watched.stage.forwardTo.length === 0) {
    return [];
  }
  return [
    {
      id: "EventsNotForwarded",
      when: "By day",
      means:
        "A bus of another region or account did not take events for a day. They wait in a queue, for 14 days, and who listens there misses them.",
      first: "See whether that bus is there and allows this account to put events.",
      metric: watched.queue("NotForwardedQueueUrl", "ApproximateNumberOfMessagesVisible", MAXIMUM),
      ...ONCE,
    },
  ];
}

/** Whether anything waits for a person. */
function waiting(watched: Watched): Promised[] {
  // Without the stage it would be another's that is redriven.
  const redrive = `npx agent-availability redrive --stage ${watched.stage.name}`;
  return [
    {
      id: "EventsSetAside",
      when: "By day",
      means:
        "Events could not be published and were set aside: consumers miss these versions of these agents until somebody publishes them.",
      first: "Read the cause in the log of the publisher.",
      metric: watched.publisher("EventsSetAside", FIVE_MINUTES),
      ...ONCE,
    },
    {
      id: "SetAsideWaiting",
      when: "By day",
      means: "Events that were set aside still wait. They are kept for 14 days.",
      first: `Mend the cause, and run ${redrive}.`,
      metric: watched.queue("DeadLetterQueueUrl", "ApproximateNumberOfMessagesVisible", MAXIMUM),
      ...ONCE,
    },
    {
      id: "SetAsideExpiring",
      when: "By day",
      means:
        "For a week there have always been events that were set aside. Each of them is lost after 14 days if nobody publishes it.",
      first: `Today, run ${redrive}.`,
      // Not by the age of the oldest: SQS leaves out of it what was received three times, as by three redrives.
      metric: watched.queue("DeadLetterQueueUrl", "ApproximateNumberOfMessagesVisible", {
        ...HOUR,
        statistic: "Maximum",
      }),
      threshold: 1,
      periods: HOURS_A_WEEK,
      datapoints: HOURS_A_WEEK,
    },
    {
      id: "RecordsGivenUp",
      when: "By day",
      means:
        "Changes did not get through for 22 hours and lie in the bucket of failed records, for 14 days: consumers miss them.",
      first: `Mend the cause, and run ${redrive}.`,
      // S3 reports it once a day, for the day before.
      metric: watched.failedObjects({ ...DAY, statistic: "Average" }),
      threshold: 1,
      periods: 2,
      datapoints: 1,
    },
    {
      id: "RecordsLost",
      when: "Now",
      means:
        "Changes that did not get through for 22 hours could not even be put into the bucket of failed records: their events are lost. The table still has every agent's latest state.",
      first: "See whether the bucket is there and the publisher's role may write it.",
      metric: watched.lambda("PublisherFunctionName", "DestinationDeliveryFailures", FIVE_MINUTES),
      ...ONCE,
    },
    ...forwarding(watched),
  ];
}

/** What is promised to who listens: what is stored is told, soon, and all of it. */
export function told(watched: Watched): Promised[] {
  return [...time(watched), ...waiting(watched)];
}
