import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { Topic } from "aws-cdk-lib/aws-sns";
import type { Construct } from "constructs";

import type { Stage } from "./stage.ts";
import { alarmNameOf } from "./stage-names.ts";

export interface AlarmDefinition {
  /** States the condition, for example `EventsNotPublished`. */
  readonly name: string;

  /** `page`: act now. `ticket`: can wait until morning. */
  readonly severity: "page" | "ticket";

  /** The impact on customers and consumers: one or more sentences. */
  readonly impact: string;

  /** The first step of the on-call engineer: one sentence. */
  readonly firstStep: string;

  /** @default - the entry with the alarm's name */
  readonly runbookEntry?: string;

  readonly metric: IMetric;

  /** @default 1 */
  readonly threshold?: number;

  /** @default - greater than or equal to the threshold */
  readonly comparison?: ComparisonOperator;

  /** @default 1 */
  readonly evaluationPeriods?: number;

  /** @default - all evaluation periods */
  readonly datapointsToAlarm?: number;
}

/**
 * Creates an alarm that notifies the stage's topics when it fires.
 *
 * Missing data never breaches: functions write a metric only if there is something to count, and a new stage
 * has no data at all.
 */
export function createAlarm(scope: Construct, stage: Stage, definition: AlarmDefinition): Alarm {
  const { name, severity, impact, firstStep, runbookEntry = name } = definition;
  const alarm = new Alarm(scope, name, {
    alarmName: alarmNameOf(stage, name),
    alarmDescription: `[${severity}] ${impact} First step: ${firstStep} Runbook: ${runbookEntry}`,
    metric: definition.metric,
    threshold: definition.threshold ?? 1,
    comparisonOperator:
      definition.comparison ?? ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    evaluationPeriods: definition.evaluationPeriods ?? 1,
    datapointsToAlarm: definition.datapointsToAlarm,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  });
  for (const [index, arn] of stage.alarmTopicArns.entries()) {
    alarm.addAlarmAction(new SnsAction(Topic.fromTopicArn(alarm, `Topic${index}`, arn)));
  }
  return alarm;
}
