import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { AttributeType, TableEncryptionV2, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { EventBus, EventField, Rule, RuleTargetInput, Schedule } from "aws-cdk-lib/aws-events";
import { SqsQueue } from "aws-cdk-lib/aws-events-targets";
import { SqsEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import { CfnSecret } from "aws-cdk-lib/aws-secretsmanager";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";

import { SOURCE } from "../../functions/availability/typed-event.ts";
import { accountKey, expiresAt, partKey } from "../../functions/reconcile/state-key.ts";
import { AlarmGroup } from "../alarm-group.ts";
import { NodeFunction } from "../node-function.ts";
import { createDeadLetterQueue, createQueue } from "../queue.ts";
import { removalPolicyOf } from "../removal-policy.ts";
import { busNameOf } from "../stage-names.ts";
import type { Stage } from "../stage.ts";
import { StageStack, type StageStackProps } from "../stage-stack.ts";
import { reconcileAlarms } from "./reconcile-alarms.ts";

export interface AgentAvailabilityReconcileStackProps extends StageStackProps {
  readonly settings: NonNullable<Stage["reconcile"]>;
}

/** The longest time that Lambda allows. A sweep mostly waits for the rate limit of Freshdesk. */
const TIMEOUT = Duration.minutes(15);

/** Accounts that are swept at the same time. */
const MAX_CONCURRENCY = 10;

/** Events that are late but not missed arrive within this time, so reconcile repairs only missed ones. */
const DELAY = Duration.seconds(90);

/** The address of the local cloud's fake Freshdesk API. The function accepts no other kind of address. */
const LOOPBACK = /^http:\/\/127\.0\.0\.1:\d{1,5}$/;

/** Compares the table with Freshdesk on a schedule and repairs differences. */
export class AgentAvailabilityReconcileStack extends StageStack {
  constructor(
    scope: Construct,
    id: string,
    { settings, ...props }: AgentAvailabilityReconcileStackProps,
  ) {
    super(scope, id, {
      name: "AgentAvailabilityReconcile",
      description: "Compares agent availability with Freshdesk and repairs differences",
      ...props,
    });
    const { stage } = props;

    const apiKeys = this.createSecret();
    const state = this.createStateTable();
    const { queue, deadLetterQueue } = this.createQueues();
    const localOrigin = this.localOrigin();
    const reconcile = this.createFunction({ apiKeys, state, queue, localOrigin });
    this.sweepEvery(Duration.minutes(settings.everyMinutes), queue, deadLetterQueue);
    this.compareAfterGap(queue, deadLetterQueue);
    // The local cloud rejects alarms with metric math.
    if (localOrigin === undefined) {
      const { everyMinutes } = settings;
      new AlarmGroup(this, "ReconcileAlarms", {
        stage,
        definitions: reconcileAlarms({ stage, everyMinutes, reconcile, deadLetterQueue }),
      });
    }

    this.addParameters({
      FreshdeskApiKeysSecretArn: apiKeys.ref,
      ReconcileDeadLetterQueueUrl: deadLetterQueue.queueUrl,
      ReconcileFunctionName: reconcile.functionName,
      ReconcileLogName: reconcile.logGroup.logGroupName,
      ReconcileQueueUrl: queue.queueUrl,
    });
  }

  /** Creates a secret without a value, as for the signing keys. Commands write it; a deployment never does. */
  private createSecret(): CfnSecret {
    const secret = new CfnSecret(this, "ApiKeys", {
      description: "Freshdesk API keys with which reconcile reads agents, by account",
    });
    secret.applyRemovalPolicy(removalPolicyOf(this.stage));
    return secret;
  }

  /**
   * Creates the table that holds each account's last sweep time, its share of the rate limit, and the rows that an
   * unfinished sweep has read. It is never retained: without it, the next sweep starts immediately.
   */
  private createStateTable(): TableV2 {
    return new TableV2(this, "State", {
      partitionKey: { name: accountKey, type: AttributeType.STRING },
      sortKey: { name: partKey, type: AttributeType.STRING },
      timeToLiveAttribute: expiresAt,
      encryption: TableEncryptionV2.dynamoOwnedKey(),
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }

  private createQueues() {
    const removalPolicy = removalPolicyOf(this.stage);
    const deadLetterQueue = createDeadLetterQueue(this, "DeadLetterQueue", { removalPolicy });
    const queue = createQueue(this, "Queue", {
      removalPolicy,
      deliveryDelay: DELAY,
      // After an hour, a message is useless: the schedule has sent another one.
      retentionPeriod: Duration.hours(1),
      visibilityTimeout: TIMEOUT.plus(Duration.minutes(1)),
      deadLetterQueue: { queue: deadLetterQueue, maxReceiveCount: 3 },
    });
    return { queue, deadLetterQueue };
  }

  private createFunction({
    apiKeys,
    state,
    queue,
    localOrigin,
  }: {
    readonly apiKeys: CfnSecret;
    readonly state: TableV2;
    readonly queue: Queue;
    readonly localOrigin: string | undefined;
  }): NodeFunction {
    const { stage } = this;
    const reconcile = new NodeFunction(this, "Reconcile", {
      folder: "reconcile",
      description: "Compares agent availability with Freshdesk",
      environment: {
        STAGE: stage.name,
        TABLE_NAME: this.parameter("TableName"),
        STATE_TABLE_NAME: state.tableName,
        API_KEYS_SECRET_ARN: apiKeys.ref,
        QUEUE_URL: queue.queueUrl,
        ...(localOrigin !== undefined && { LOCAL_FRESHDESK_ORIGIN: localOrigin }),
      },
      // Enough for an account with 50,000 agents.
      memorySize: 512,
      timeout: TIMEOUT,
      stage,
    });
    const readAndUpdate = ["dynamodb:Query", "dynamodb:UpdateItem"];
    reconcile.allow(["dynamodb:GetItem", ...readAndUpdate], [this.parameter("TableArn")]);
    reconcile.allow(["dynamodb:DeleteItem", ...readAndUpdate], [state.tableArn]);
    reconcile.allow(["secretsmanager:GetSecretValue"], [apiKeys.ref]);
    reconcile.allow(["sqs:SendMessage"], [queue.queueArn]);
    reconcile.addEventSource(
      new SqsEventSource(queue, { batchSize: 1, maxConcurrency: MAX_CONCURRENCY }),
    );
    return reconcile;
  }

  /** The local cloud passes the address of its fake Freshdesk API as CDK context. A stage's settings cannot set it. */
  private localOrigin(): string | undefined {
    const origin: unknown = this.node.tryGetContext("localFreshdeskOrigin");
    if (origin === undefined) {
      return undefined;
    }
    if (typeof origin !== "string" || !LOOPBACK.test(origin)) {
      throw new Error(
        `localFreshdeskOrigin must be a loopback URL such as http://127.0.0.1:8080 (got ${JSON.stringify(origin)})`,
      );
    }
    return origin;
  }

  private sweepEvery(interval: Duration, queue: Queue, deadLetterQueue: Queue): void {
    new Rule(this, "Schedule", {
      description: `${this.stackName}: starts a sweep of each connected account`,
      schedule: Schedule.rate(interval),
      targets: [
        new SqsQueue(queue, {
          message: RuleTargetInput.fromObject({ kind: "start" }),
          deadLetterQueue,
        }),
      ],
    });
  }

  /** Compares an agent after an event that reveals missed events. Agents without a user ID wait for the next sweep. */
  private compareAfterGap(queue: Queue, deadLetterQueue: Queue): void {
    new Rule(this, "Gaps", {
      description: `${this.stackName}: compares an agent after a missed event`,
      eventBus: EventBus.fromEventBusName(this, "Bus", busNameOf(this.stage)),
      eventPattern: {
        source: [SOURCE],
        // Every change has exactly one event of this type.
        detailType: ["Agent Availability Changed"],
        detail: {
          metadata: { origin: ["relay"], gap: [true] },
          agent: { userId: [{ exists: true }] },
        },
      },
      targets: [
        new SqsQueue(queue, {
          message: RuleTargetInput.fromObject({
            kind: "agent",
            accountId: EventField.fromPath("$.detail.accountId"),
            availabilityId: EventField.fromPath("$.detail.agent.availabilityId"),
            userId: EventField.fromPath("$.detail.agent.userId"),
          }),
          deadLetterQueue,
        }),
      ],
    });
  }
}
