import { Duration } from "aws-cdk-lib";
import { Metric } from "aws-cdk-lib/aws-cloudwatch";
import type { IFunction } from "aws-cdk-lib/aws-lambda";

import type { AlarmDefinition } from "../alarm.ts";
import { hubMetric } from "../hub-metric.ts";
import type { Stage } from "../stage.ts";

/** The resources that the history alarms monitor. */
export interface HistoryAlarmsProps {
  readonly stage: Stage;
  readonly recorder: IFunction;
  readonly eventSourceMappingId: string;
}

const period = Duration.minutes(5);

/** Defines the history alarms. None of them pages, because the table and events do not depend on the history. */
export function historyAlarms(props: HistoryAlarmsProps): AlarmDefinition[] {
  const { stage, recorder, eventSourceMappingId } = props;
  const mapping = (metricName: string) =>
    new Metric({
      namespace: "AWS/Lambda",
      metricName,
      dimensionsMap: { EventSourceMappingUUID: eventSourceMappingId },
      statistic: "Sum",
      period,
    });
  return [
    {
      name: "HistoryDelayed",
      severity: "ticket",
      impact:
        "Changes are stored in the history more than 15 minutes late. Reports lack them. Events and lookups are not affected.",
      firstStep: "read the errors in the history function's log.",
      metric: recorder.metric("IteratorAge", { statistic: "Maximum", period }),
      threshold: Duration.minutes(15).toMilliseconds(),
      evaluationPeriods: 3,
    },
    {
      name: "HistoryRecordsFailed",
      severity: "ticket",
      impact:
        "Changes could not be stored in the history for 22 hours. The history's on-failure destination keeps them for 14 days. Reports show the affected periods as unknown. Agents who were forgotten meanwhile may remain in the history.",
      firstStep: `fix the cause of the HistoryDelayed alarm, then run npx agent-availability redrive --stage ${stage.name}.`,
      metric: mapping("OnFailureDestinationDeliveredEventCount"),
    },
    {
      name: "HistoryRecordsLost",
      severity: "ticket",
      impact:
        "Changes could not be stored for 22 hours, neither in the history nor in its on-failure destination. Reports show the affected periods as unknown. Agents who were forgotten meanwhile remain in the history.",
      firstStep: `check that the bucket of the on-failure destination exists and that the function's role can write to it. Then, for each agent who was forgotten meanwhile, run npx agent-availability agent forget ACCOUNT AVAILABILITY_ID --exact --stage ${stage.name}.`,
      metric: mapping("DroppedEventCount"),
    },
    {
      name: "HistoryRecordsUnreadable",
      severity: "ticket",
      impact:
        "The history function cannot parse records of the table's stream. Reports show the affected periods as unknown. The publisher dead-letters the same records.",
      firstStep:
        "check whether someone has edited the table manually, and which version is deployed.",
      metric: hubMetric(stage, "history", "RecordsUnreadable", { period }),
    },
  ];
}
