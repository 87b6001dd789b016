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
  /** Seconds for which an agent must be unavailable before the topic is notified: 1 to 900, SQS's limit for delays. */
  readonly seconds: number;
}

const encrypted: QueueProps = { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true };

/** rule ─▶ queue with a delay ─▶ function that reads the agent's current state ─▶ topic */
export class TicketsClosedStack extends Stack {
  constructor(scope: Construct, id: string, { stage, seconds, ...props }: TicketsClosedProps) {
    super(scope, id, props);
    if (!Number.isInteger(seconds) || seconds < 1 || seconds > 900) {
      throw new Error(`seconds must be a whole number from 1 to 900 (got ${seconds})`);
    }

    const hub = AgentAvailabilityHub.fromStage(this, "Hub", { stage });
    const topic = new Topic(this, "Topic", { enforceSSL: true });
    const failed = new Queue(this, "Failed", { ...encrypted, retentionPeriod: Duration.days(14) });
    const delayQueue = new Queue(this, "Delay", {
      ...encrypted,
      deliveryDelay: Duration.seconds(seconds),
      visibilityTimeout: Duration.minutes(1),
      deadLetterQueue: { queue: failed, maxReceiveCount: 5 },
    });

    new AgentAvailabilityRule(this, "Closed", {
      hub,
      events: "Agent Channel Availability Changed",
      channels: ["freshdesk"],
      available: false,
      // Excludes events without a previous value: the agent has not just become unavailable.
      wasAvailable: true,
      target: new SqsQueue(delayQueue),
      // The function's failures go to the same queue, so the rule's alarm covers both.
      deadLetterQueue: failed,
    });

    const once = new OnceTable(this, "Once");
    const checkAgent = new NodejsFunction(this, "CheckAgent", {
      description: "Notifies a topic of agents who are still unavailable for tickets",
      entry: "check-agent.ts",
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
        DELAY_QUEUE_URL: delayQueue.queueUrl,
        SECONDS: String(seconds),
      },
    });
    hub.grantLookups(checkAgent);
    once.grantReadWriteData(checkAgent);
    topic.grantPublish(checkAgent);
    delayQueue.grantSendMessages(checkAgent);
    checkAgent.addEventSource(new SqsEventSource(delayQueue, { batchSize: 1 }));

    new CfnOutput(this, "TopicArn", { value: topic.topicArn });
  }
}
