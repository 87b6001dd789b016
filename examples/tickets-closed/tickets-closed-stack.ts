import { fileURLToPath } from "node:url";

import {
  AgentAvailabilityHub,
  AgentAvailabilityRule,
  OnceTable,
} from "agent-availability-hub/consumer";
import { CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from "aws-cdk-lib";
import { SqsQueue } from "aws-cdk-lib/aws-events-targets";
import { Architecture, Runtime } from "aws-cdk-lib/aws-lambda";
import { SqsEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import { NodejsFunction } from "aws-cdk-lib/aws-lambda-nodejs";
import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { Topic } from "aws-cdk-lib/aws-sns";
import { Queue, QueueEncryption, type QueueProps } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";

export interface TicketsClosedProps extends StackProps {
  /** The hub's stage, deployed in this AWS account and region. */
  readonly stage: string;
  /** How long tickets have to be closed before the topic is told: 1 to 900, which is what a queue can delay. */
  readonly seconds: number;
}

const safe: QueueProps = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true };

/** rule ─▶ queue that waits ─▶ function that looks whether it is still so ─▶ topic */
export class TicketsClosedStack extends Stack {
  constructor(scope: Construct, id: string, { stage, seconds, ...props }: TicketsClosedProps) {
    super(scope, id, props);
    if (!Number.isInteger(seconds) || seconds < 1 || seconds > 900) {
      throw new Error(`seconds: ${seconds} is not allowed; a whole number from 1 to 900 is`);
    }

    const hub = AgentAvailabilityHub.fromStage(this, "Hub", { stage });
    const topic = new Topic(this, "Topic", { enforceSSL: true });
    const failed = new Queue(this, "Failed", { ...safe, retentionPeriod: Duration.days(14) });
    const waiting = new Queue(this, "Waiting", {
      ...safe,
      deliveryDelay: Duration.seconds(seconds),
      visibilityTimeout: Duration.minutes(1),
      deadLetterQueue: { queue: failed, maxReceiveCount: 5 },
    });

    new AgentAvailabilityRule(this, "Closed", {
      hub,
      events: "Agent Channel Availability Changed",
      channels: ["freshdesk"],
      available: false,
      // An agent whom the hub meets for the first time has not closed anything now.
      wasAvailable: true,
      target: new SqsQueue(waiting),
      // What the function fails on comes here too, so that the rule's alarm rings for both.
      deadLetterQueue: failed,
    });

    const once = new OnceTable(this, "Once");
    const look = new NodejsFunction(this, "Look", {
      description: "Tells a topic of agents whose tickets are still closed",
      entry: fileURLToPath(new URL("look.ts", import.meta.url)),
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      timeout: Duration.seconds(10),
      bundling: { bundleAwsSDK: true, minify: true },
      logGroup: new LogGroup(this, "Logs", {
        retention: RetentionDays.ONE_MONTH,
        removalPolicy: RemovalPolicy.DESTROY,
      }),
      environment: {
        AGENTS_TABLE: hub.tableName,
        ONCE_TABLE: once.tableName,
        TOPIC_ARN: topic.topicArn,
        WAITING_URL: waiting.queueUrl,
        SECONDS: String(seconds),
      },
    });
    hub.grantLookups(look);
    once.grantReadWriteData(look);
    topic.grantPublish(look);
    waiting.grantSendMessages(look);
    look.addEventSource(new SqsEventSource(waiting, { batchSize: 1 }));

    new CfnOutput(this, "TopicArn", { value: topic.topicArn });
  }
}
