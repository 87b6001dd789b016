import type { Alarm } from "aws-cdk-lib/aws-cloudwatch";
import { EventField, Rule, RuleTargetInput } from "aws-cdk-lib/aws-events";
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";

import { type AlarmDefinition, createAlarm } from "./alarm.ts";
import type { Stage } from "./stage.ts";
import { alarmNameOf } from "./stage-names.ts";

export interface AlarmGroupProps {
  readonly stage: Stage;
  readonly definitions: readonly AlarmDefinition[];
}

/** The fields of CloudWatch's own notification that on-call tools use to resolve an incident. */
const clearedNotification = RuleTargetInput.fromObject({
  AlarmName: EventField.fromPath("$.detail.alarmName"),
  AlarmDescription: EventField.fromPath("$.detail.configuration.description"),
  AWSAccountId: EventField.account,
  Region: EventField.region,
  AlarmArn: EventField.fromPath("$.resources[0]"),
  OldStateValue: EventField.fromPath("$.detail.previousState.value"),
  NewStateValue: EventField.fromPath("$.detail.state.value"),
  NewStateReason: EventField.fromPath("$.detail.state.reason"),
  StateChangeTime: EventField.fromPath("$.detail.state.timestamp"),
});

/** Alarms about one topic. The stage's SNS topics are notified when one fires and when it clears. */
export class AlarmGroup extends Construct {
  readonly alarms: readonly Alarm[];

  constructor(scope: Construct, id: string, { stage, definitions }: AlarmGroupProps) {
    super(scope, id);

    this.alarms = definitions.map((definition) => createAlarm(this, stage, definition));
    if (stage.alarmTopicArns.length > 0) {
      this.notifyWhenCleared(
        stage,
        definitions.map(({ name }) => alarmNameOf(stage, name)),
      );
    }
  }

  /**
   * A new alarm goes from INSUFFICIENT_DATA to OK, and CloudWatch runs its OK actions: an installation would
   * send one message per alarm. So a rule notifies only when an alarm goes from ALARM to OK.
   */
  private notifyWhenCleared(stage: Stage, names: readonly string[]): void {
    const { alarmTopicArns: topics } = stage;
    const publish = new PolicyStatement({ actions: ["sns:Publish"], resources: [...topics] });
    const role = new Role(this, "NotificationRole", {
      assumedBy: new ServicePrincipal("events.amazonaws.com"),
      inlinePolicies: { Publish: new PolicyDocument({ statements: [publish] }) },
    });
    new Rule(this, "Cleared", {
      description: `Stage ${stage.name}: notifications of cleared alarms`,
      eventPattern: {
        source: ["aws.cloudwatch"],
        detailType: ["CloudWatch Alarm State Change"],
        detail: {
          alarmName: names,
          previousState: { value: ["ALARM"] },
          state: { value: ["OK"] },
        },
      },
      // The CDK's own target would set up event buses for a topic of another account.
      targets: topics.map((arn) => ({ bind: () => ({ arn, role, input: clearedNotification }) })),
    });
  }
}
