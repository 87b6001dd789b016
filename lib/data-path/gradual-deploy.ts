import { CfnResource, Duration } from "aws-cdk-lib";
import { type Alarm, ComparisonOperator, Metric } from "aws-cdk-lib/aws-cloudwatch";
import {
  type ILambdaDeploymentConfig,
  LambdaApplication,
  LambdaDeploymentConfig,
  LambdaDeploymentGroup,
  TrafficRouting,
} from "aws-cdk-lib/aws-codedeploy";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Alias } from "aws-cdk-lib/aws-lambda";
import { Construct, type IConstruct } from "constructs";

import { type IngestMetric, METRICS_NAMESPACE } from "../../functions/availability/metrics.ts";
import { type AlarmDefinition, createAlarm } from "../alarm.ts";
import type { Ingest } from "./ingest.ts";
import { NodeFunction } from "../node-function.ts";
import type { Publisher } from "./publisher.ts";
import type { Stage } from "../stage.ts";
import type { GradualDeployAlarm } from "../stage-names.ts";

/** What a gradual deployment needs to know. */
export interface GradualDeployProps {
  /** Whose new versions are tried with a ping, and then get a tenth of the requests first. */
  readonly ingest: Ingest;

  /** Whose new versions get the stream at once, and are watched for a while. */
  readonly publisher: Publisher;

  readonly stage: Stage;
}

const MINUTE = Duration.minutes(1);

const TENTH_FIRST = LambdaDeploymentConfig.CANARY_10PERCENT_10MINUTES;

function resourceOf(construct: IConstruct | undefined): CfnResource {
  const resource = construct?.node.defaultChild;
  if (!(resource instanceof CfnResource)) {
    throw new Error("what CodeDeploy works with is not made as this CDK version makes it");
  }
  return resource;
}

/** What CodeDeploy may do for a group besides what AWS's own policy says. */
function policyOf(group: LambdaDeploymentGroup): IConstruct | undefined {
  return group.role.node.tryFindChild("DefaultPolicy");
}

function waitFor(alias: Alias, first: readonly (IConstruct | undefined)[]): void {
  for (const each of first) {
    resourceOf(alias).addResourceDependency(resourceOf(each));
  }
}

/** Errors of the version that is being deployed, while the alias is divided between it and the old one. */
function errorsOf({ lambda, aliasName, version }: Alias): Metric {
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

/**
 * New versions of the two functions get traffic by and by, by CodeDeploy, and none once an alarm goes off.
 *
 * CodeDeploy looks at alarms only while there is traffic left to shift. So ingest gets a tenth of the
 * requests for ten minutes, and the publisher, whose order one version at a time keeps simple, all but a
 * hundredth of the batches for five.
 */
export class GradualDeploy extends Construct {
  private readonly application: LambdaApplication;

  constructor(scope: Construct, id: string, { ingest, publisher, stage }: GradualDeployProps) {
    super(scope, id);

    this.application = new LambdaApplication(this, "Application");
    const check = this.makeCheck(ingest, stage);
    const shifted = this.shift("Ingest", ingest.live, TENTH_FIRST, [
      this.createAlarm(stage, {
        name: "GradualDeployIngestErrors",
        impact:
          "The new version of ingest fails. Relays park the affected events. CodeDeploy rolls the version back.",
        metric: errorsOf(ingest.live),
        threshold: 1,
        evaluationPeriods: 1,
      }),
      this.createAlarm(stage, {
        name: "GradualDeployIngestUnavailable",
        impact:
          "During the deployment of ingest, the table or the signing keys are unavailable. Relays park the affected events. CodeDeploy rolls the version back.",
        metric: this.ingestMetric("RejectedDependencyFailed", stage),
        threshold: 1,
        evaluationPeriods: 5,
        datapointsToAlarm: 3,
      }),
    ]);
    shifted.addPreHook(check);
    // CodeDeploy has to be allowed to call the check; CDK sees no need.
    waitFor(ingest.live, [policyOf(shifted)]);
    // One after the other: CloudFormation would stop a deployment of one function if the other's failed.
    waitFor(publisher.live, [ingest.live]);
    this.shift("Publisher", publisher.live, this.almostAtOnce(), [
      this.createAlarm(stage, {
        name: "GradualDeployPublisherErrors",
        impact:
          "The new version of the publisher fails. Changes wait in the stream. CodeDeploy rolls the version back.",
        metric: errorsOf(publisher.live),
        threshold: 1,
        evaluationPeriods: 5,
        datapointsToAlarm: 2,
      }),
      this.createAlarm(stage, {
        name: "GradualDeployPublisherDelayed",
        impact:
          "During the deployment of the publisher, changes wait more than 1 minute in the stream. CodeDeploy rolls the version back.",
        metric: publisher.live.lambda.metric("IteratorAge", {
          statistic: "Maximum",
          period: MINUTE,
        }),
        threshold: 60_000,
        comparison: ComparisonOperator.GREATER_THAN_THRESHOLD,
        evaluationPeriods: 3,
      }),
    ]);
  }

  private createAlarm(
    stage: Stage,
    definition: Omit<AlarmDefinition, "firstStep" | "severity"> & {
      readonly name: GradualDeployAlarm;
    },
  ): Alarm {
    return createAlarm(this, stage, {
      severity: "page",
      firstStep: "find the failed deployment in CodeDeploy.",
      runbookEntry: "GradualDeploy",
      ...definition,
    });
  }

  private ingestMetric(name: IngestMetric, stage: Stage): Metric {
    return new Metric({
      namespace: METRICS_NAMESPACE,
      metricName: name,
      dimensionsMap: { service: "ingest", stage: stage.name },
      statistic: "Sum",
      period: MINUTE,
    });
  }

  private almostAtOnce(): LambdaDeploymentConfig {
    return new LambdaDeploymentConfig(this, "AlmostAtOnce", {
      trafficRouting: TrafficRouting.timeBasedCanary({
        percentage: 99,
        interval: Duration.minutes(5),
      }),
    });
  }

  private shift(
    id: string,
    alias: Alias,
    deploymentConfig: ILambdaDeploymentConfig,
    alarms: Alarm[],
  ): LambdaDeploymentGroup {
    // Traffic moves only once the alarms look at the version that it moves to.
    waitFor(alias, alarms);
    return new LambdaDeploymentGroup(this, id, {
      application: this.application,
      alias,
      deploymentConfig,
      alarms,
      autoRollback: { failedDeployment: true, stoppedDeployment: true, deploymentInAlarm: true },
    });
  }

  /** The function that calls a new version of ingest itself, before any relay does. */
  private makeCheck(ingest: Ingest, stage: Stage): NodeFunction {
    const check = new NodeFunction(this, "Check", {
      folder: "deploy-check",
      description: "Tries a new version of ingest with a signed ping before relays meet it",
      environment: {
        VERSION_ARN: ingest.live.version.functionArn,
        SIGNING_KEYS_SECRET_ARN: ingest.signingKeys.secretArn,
        ALLOWED_SOURCES: stage.allowedSources.join(" "),
      },
      memorySize: 256,
      timeout: Duration.minutes(1),
      stage,
    });
    check.addToRolePolicy(
      new PolicyStatement({
        actions: ["lambda:InvokeFunction"],
        // Any version: the right to call the one that is made just now might not have got round in time.
        resources: [`${ingest.live.lambda.functionArn}:*`],
      }),
    );
    check.addToRolePolicy(
      new PolicyStatement({
        actions: ["secretsmanager:GetSecretValue"],
        resources: [ingest.signingKeys.secretArn],
      }),
    );
    return check;
  }
}
