import { Duration } from "aws-cdk-lib";
import { ComparisonOperator, Metric } from "aws-cdk-lib/aws-cloudwatch";
import {
  type ILambdaDeploymentConfig,
  LambdaApplication,
  LambdaDeploymentConfig,
  LambdaDeploymentGroup,
  TrafficRouting,
} from "aws-cdk-lib/aws-codedeploy";
import type { Alias } from "aws-cdk-lib/aws-lambda";
import { Construct, type IConstruct } from "constructs";

import type { AlarmDefinition } from "../alarm.ts";
import { AlarmGroup } from "../alarm-group.ts";
import { hubMetric } from "../hub-metric.ts";
import { resourceOf } from "../resource-of.ts";
import type { Stage } from "../stage.ts";
import type { GradualDeployAlarmName } from "../stage-names.ts";
import { DeployCheck } from "./deploy-check.ts";
import type { Ingest } from "./ingest.ts";
import type { Publisher } from "./publisher.ts";

export interface GradualDeployProps {
  readonly ingest: Ingest;
  readonly publisher: Publisher;
  readonly stage: Stage;
}

const MINUTE = Duration.minutes(1);

const sharedDefinition = {
  severity: "page",
  firstStep: "check in CodeDeploy whether a deployment failed.",
  runbookEntry: "GradualDeploy",
} as const;

/**
 * Lets CodeDeploy shift traffic to new versions of ingest and the publisher, and roll them back if an alarm
 * fires.
 *
 * CodeDeploy observes alarms only until all traffic is shifted. Ingest therefore receives 10% of the requests
 * for 10 minutes. The publisher receives 99% of the batches for 5 minutes, because events are easier to
 * keep in order if almost all batches go to one version.
 */
export class GradualDeploy extends Construct {
  private readonly stage: Stage;
  private readonly application: LambdaApplication;

  constructor(scope: Construct, id: string, { ingest, publisher, stage }: GradualDeployProps) {
    super(scope, id);

    this.stage = stage;
    this.application = new LambdaApplication(this, "Application");
    this.deployIngest(ingest);
    this.deployPublisher(publisher);
    // CloudFormation would cancel the deployment of one function if the other's failed at the same time.
    dependOn(publisher.live, ingest.live);
  }

  private deployIngest(ingest: Ingest): void {
    const group = this.addGroup(
      "Ingest",
      ingest.live,
      LambdaDeploymentConfig.CANARY_10PERCENT_10MINUTES,
      [
        {
          name: "GradualDeployIngestErrors",
          impact:
            "The new version of ingest fails. Relays park the affected events. CodeDeploy rolls the version back.",
          metric: newVersionErrors(ingest.live),
        },
        {
          name: "GradualDeployIngestUnavailable",
          impact:
            "The table or the signing keys are unavailable. Relays park the affected events. CodeDeploy rolls back a running deployment of ingest.",
          metric: hubMetric(this.stage, "ingest", "RejectedDependencyFailed", { period: MINUTE }),
          evaluationPeriods: 5,
          datapointsToAlarm: 3,
        },
      ],
    );
    group.addPreHook(new DeployCheck(this, "Check", { ingest, stage: this.stage }));
    // The policy allows CodeDeploy to invoke the check. The CDK does not add this dependency.
    dependOn(ingest.live, group.role.node.tryFindChild("DefaultPolicy"));
  }

  private deployPublisher(publisher: Publisher): void {
    const canary99Percent5Minutes = new LambdaDeploymentConfig(this, "Canary99Percent5Minutes", {
      trafficRouting: TrafficRouting.timeBasedCanary({
        percentage: 99,
        interval: Duration.minutes(5),
      }),
    });
    this.addGroup("Publisher", publisher.live, canary99Percent5Minutes, [
      {
        name: "GradualDeployPublisherErrors",
        impact:
          "The new version of the publisher fails. Changes wait in the stream. CodeDeploy rolls the version back.",
        metric: newVersionErrors(publisher.live),
        evaluationPeriods: 5,
        datapointsToAlarm: 2,
      },
      {
        name: "GradualDeployPublisherDelayed",
        impact:
          "Changes wait more than 1 minute in the stream. CodeDeploy rolls back a running deployment of the publisher.",
        metric: publisher.live.lambda.metric("IteratorAge", {
          statistic: "Maximum",
          period: MINUTE,
        }),
        threshold: 60_000,
        comparison: ComparisonOperator.GREATER_THAN_THRESHOLD,
        evaluationPeriods: 3,
      },
    ]);
  }

  /** Adds a deployment group that shifts an alias' traffic, and rolls back if one of the alarms fires. */
  private addGroup(
    id: string,
    alias: Alias,
    deploymentConfig: ILambdaDeploymentConfig,
    definitions: readonly RollbackAlarm[],
  ): LambdaDeploymentGroup {
    const { alarms } = new AlarmGroup(this, `${id}Alarms`, {
      stage: this.stage,
      definitions: definitions.map((definition) => ({ ...definition, ...sharedDefinition })),
    });
    // Traffic must not shift before the alarms refer to the new version.
    dependOn(alias, ...alarms);
    return new LambdaDeploymentGroup(this, id, {
      application: this.application,
      alias,
      deploymentConfig,
      alarms: [...alarms],
      autoRollback: { failedDeployment: true, stoppedDeployment: true, deploymentInAlarm: true },
    });
  }
}

type RollbackAlarm = Omit<AlarmDefinition, keyof typeof sharedDefinition> & {
  readonly name: GradualDeployAlarmName;
};

/** Returns the errors of the new version while the alias points to two versions. */
function newVersionErrors({ lambda, aliasName, version }: Alias): Metric {
  return new Metric({
    namespace: "AWS/Lambda",
    metricName: "Errors",
    dimensionsMap: {
      FunctionName: lambda.functionName,
      Resource: `${lambda.functionName}:${aliasName}`,
      ExecutedVersion: version.version,
    },
    statistic: "Sum",
    period: MINUTE,
  });
}

/** Makes CloudFormation create or update an alias after other constructs. */
function dependOn(alias: Alias, ...others: readonly (IConstruct | undefined)[]): void {
  for (const other of others) {
    resourceOf(alias).addResourceDependency(resourceOf(other));
  }
}
