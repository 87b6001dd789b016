import { Alarm, ComparisonOperator, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { Topic } from "aws-cdk-lib/aws-sns";
import { Construct } from "constructs";

import type { Stage } from "../stage.ts";
import type { Promised } from "./promise.ts";

/** What the alarms need to know. */
export interface AlarmsProps {
  readonly promises: readonly Promised[];

  /** Says who is told. */
  readonly stage: Stage;
}

/** An alarm for each promise, and who is told when it is broken and when it is kept again. */
export class Alarms extends Construct {
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, { promises, stage }: AlarmsProps) {
    super(scope, id);

    this.alarms = promises.map((promised) => this.makeAlarm(promised, stage));
    for (const [index, arn] of stage.alarmTopicArns.entries()) {
      const action = new SnsAction(Topic.fromTopicArn(this, `Topic${index}`, arn));
      for (const alarm of this.alarms) {
        alarm.addAlarmAction(action);
        alarm.addOkAction(action);
      }
    }
  }

  private makeAlarm(promised: Promised, stage: Stage): Alarm {
    const { id, when, means, first, metric, threshold, periods, datapoints } = promised;
    return new Alarm(this, id, {
      // What somebody who is woken reads first.
      alarmName: `agent-availability-${stage.name}-${id}`,
      alarmDescription: `${when}, stage ${stage.name}: ${means} First: ${first} Runbook: docs/operate/runbook.md, ${id}.`,
      metric,
      threshold,
      comparisonOperator:
        promised.comparison ?? ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: periods,
      datapointsToAlarm: datapoints,
      treatMissingData: promised.missing ?? TreatMissingData.NOT_BREACHING,
    });
  }
}
