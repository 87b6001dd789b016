import { CfnResource, Duration } from "aws-cdk-lib";
import {
  Alarm,
  type AlarmProps,
  ComparisonOperator,
  Metric,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import {
  type ILambdaDeploymentConfig,
  LambdaApplication,
  LambdaDeploymentConfig,
  LambdaDeploymentGroup,
  TrafficRouting,
} from "aws-cdk-lib/aws-codedeploy";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Alias } from "aws-cdk-lib/aws-lambda";
import { type ITopic, Topic } from "aws-cdk-lib/aws-sns";
import { Construct, type IConstruct } from "constructs";

import { type IngestMetric, METRICS_NAMESPACE } from "../../functions/availability/metrics.ts";
import type { Ingest } from "./ingest.ts";
import { NodeFunction } from "../node-function.ts";
import type { Publisher } from "./publisher.ts";
import type { Stage } from "../stage.ts";
import { type GradualDeployAlarm, gradualDeployAlarmName } from "../stage-names.ts";

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

  /** Who hears that a release goes wrong. */
  private readonly topics: readonly ITopic[];

  constructor(scope: Construct, id: string, { ingest, publisher, stage }: GradualDeployProps) {
    super(scope, id);

    this.application = new LambdaApplication(this, "Application");
    this.topics = stage.alarmTopicArns.map((arn, index) =>
      Topic.fromTopicArn(this, `Topic${index}`, arn),
    );
    const check = this.makeCheck(ingest, stage);
    const shifted = this.shift("Ingest", ingest.live, TENTH_FIRST, [
      this.alarm("IngestErrors", stage, {
        metric: errorsOf(ingest.live),
        threshold: 1,
        evaluationPeriods: 1,
        means:
          "the new version of ingest fails on requests of relays, which park their events. It is taken back by itself.",
      }),
      this.alarm("IngestRefusals", stage, {
        metric: this.ingestMetric("RejectedDependencyFailed", stage),
        threshold: 1,
        evaluationPeriods: 5,
        datapointsToAlarm: 3,
        means:
          "while a new version of ingest is deployed, table or keys cannot be reached, and relays park their events. It is taken back by itself.",
      }),
    ]);
    shifted.addPreHook(check);
    // CodeDeploy has to be allowed to call the check; CDK sees no need.
    waitFor(ingest.live, [policyOf(shifted)]);
    // One after the other: CloudFormation would stop a deployment of one function if the other's failed.
    waitFor(publisher.live, [ingest.live]);
    this.shift("Publisher", publisher.live, this.almostAtOnce(), [
      this.alarm("PublisherErrors", stage, {
        metric: errorsOf(publisher.live),
        threshold: 1,
        evaluationPeriods: 5,
        datapointsToAlarm: 2,
        means:
          "the new version of the publisher fails, and changes wait in the stream. It is taken back by itself.",
      }),
      this.alarm("PublisherIteratorAge", stage, {
        metric: publisher.live.lambda.metric("IteratorAge", {
          statistic: "Maximum",
          period: MINUTE,
        }),
        threshold: 60_000,
        comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
        evaluationPeriods: 3,
        means:
          "while a new version of the publisher is deployed, changes wait over a minute in the stream. It is taken back by itself.",
      }),
    ]);
  }

  /** No data is a night in which nobody changes anything: no reason to take a release back. */
  private alarm(
    id: GradualDeployAlarm,
    stage: Stage,
    { means, ...props }: Omit<AlarmProps, "treatMissingData"> & { readonly means: string },
  ): Alarm {
    const alarm = new Alarm(this, id, {
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      ...props,
      alarmName: gradualDeployAlarmName(stage, id),
      alarmDescription: `Now, stage ${stage.name}: ${means} First: see in CodeDeploy which deployment failed. Runbook: docs/operate/runbook.md, GradualDeploy.`,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    const actions = this.topics.map((topic) => new SnsAction(topic));
    alarm.addAlarmAction(...actions);
    alarm.addOkAction(...actions);
    return alarm;
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
