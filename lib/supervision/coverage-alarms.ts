import { Duration } from "aws-cdk-lib";
import type { IFunction } from "aws-cdk-lib/aws-lambda";

import type { AlarmDefinition } from "../alarm.ts";
import { waitingMessages } from "../queue.ts";
import type { Coverage } from "./coverage.ts";

export function coverageAlarms(
  supervisor: IFunction,
  { deadLetterQueue }: Pick<Coverage, "deadLetterQueue">,
): AlarmDefinition[] {
  return [
    {
      name: "CoverageNotEvaluated",
      severity: "page",
      impact:
        "For 5 minutes, the hub has failed to evaluate the coverage of at least one channel or to publish its event. Nobody is alerted if that channel has too few agents. Other events are not affected.",
      firstStep: "read the errors in the supervision log.",
      // Lambda drops invocations that fail or stay throttled for a minute, because retries are off.
      metric: supervisor.metric("AsyncEventsDropped", {
        statistic: "Sum",
        period: Duration.minutes(1),
      }),
      evaluationPeriods: 6,
      datapointsToAlarm: 5,
    },
    {
      name: "CoverageDeadLettersWaiting",
      severity: "ticket",
      impact:
        "Messages about changes on a channel could not be delivered or processed. Channels that were evaluated before are still evaluated every minute, so their events are at most one minute late.",
      firstStep:
        "find the cause in the supervision log or the messages' attributes and fix it, then delete the messages.",
      metric: waitingMessages(deadLetterQueue),
    },
  ];
}
