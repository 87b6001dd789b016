import { Duration } from "aws-cdk-lib";
import { Metric } from "aws-cdk-lib/aws-cloudwatch";

import type { AlarmDefinition } from "../alarm.ts";
import { waitingMessages } from "../queue.ts";
import type { Overruns } from "./overruns.ts";

const period = Duration.minutes(5);

/** Defines the overrun alarms. None of them pages, because availability and its events do not depend on overruns. */
export function overrunAlarms({
  queue,
  deadLetterQueue,
  scheduleGroup,
}: Pick<Overruns, "queue" | "deadLetterQueue" | "scheduleGroup">): AlarmDefinition[] {
  return [
    {
      name: "OverrunsDelayed",
      severity: "ticket",
      impact:
        "Messages about overruns have waited for more than 10 minutes. Agent Status Overrun events are published late, or not at all if the agent first leaves the status that has the limit. Other events are not affected.",
      firstStep: "read the errors in the supervision log.",
      metric: queue.metricApproximateAgeOfOldestMessage({ statistic: "Maximum", period }),
      threshold: Duration.minutes(10).toSeconds(),
      evaluationPeriods: 2,
    },
    {
      name: "OverrunDeadLettersWaiting",
      severity: "ticket",
      impact:
        "Messages about overruns could not be delivered, or could not be processed for an hour. Their overruns were not published. Other events are not affected.",
      firstStep:
        "find the cause in the supervision log or the messages' attributes and fix it, then move the messages back to the queue.",
      metric: waitingMessages(deadLetterQueue),
    },
    {
      name: "OverrunsLost",
      severity: "ticket",
      impact:
        "EventBridge Scheduler could send messages neither to the queue nor to the dead-letter queue. Their overruns were not published. Other events are not affected.",
      firstStep:
        "check that both queues exist and that the schedules' role may send messages to them.",
      metric: new Metric({
        namespace: "AWS/Scheduler",
        metricName: "InvocationsFailedToBeSentToDeadLetterCount",
        dimensionsMap: { ScheduleGroup: scheduleGroup.ref },
        statistic: "Sum",
        period,
      }),
    },
  ];
}
