import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { AttributeType, type ITableV2, TableEncryptionV2, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { EventField, Rule, RuleTargetInput, Schedule } from "aws-cdk-lib/aws-events";
import { LambdaFunction, SqsQueue } from "aws-cdk-lib/aws-events-targets";
import { SqsEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";

import { availableIndex } from "../../functions/store/attributes.ts";
import { accountKey, channelKey } from "../../functions/supervision/coverage-key.ts";
import type { IAgentAvailabilityHub } from "../consumer/agent-availability-hub.ts";
import { AgentAvailabilityRule } from "../consumer/agent-availability-rule.ts";
import type { NodeFunction } from "../node-function.ts";
import { createDeadLetterQueue, createQueue } from "../queue.ts";
import type { Stage } from "../stage.ts";

export interface CoverageProps {
  /** The stage setting `coverage`. Must not be empty. */
  readonly coverage: Stage["coverage"];
  readonly hub: IAgentAvailabilityHub;
  readonly supervisor: NodeFunction;
  readonly tableArn: string;
  readonly coverageTable: ITableV2;
}

/** Time for the index of available agents to show the change, and for another agent to take over the channel. */
const DELAY = Duration.seconds(10);

/** AWS recommends six times the function's timeout. A failed message is processed again after this time. */
const VISIBILITY_TIMEOUT = Duration.minutes(3);

/** Maximum number of concurrent batches; 2 is Lambda's minimum for this setting. */
const MAX_CONCURRENCY = 2;

/**
 * Creates the coverage table. The stack keeps it even without the setting: a new table would restart versions, and
 * consumers that remember event IDs would ignore the events.
 */
export function createCoverageTable(scope: Construct): TableV2 {
  return new TableV2(scope, "CoverageTable", {
    partitionKey: { name: accountKey, type: AttributeType.STRING },
    sortKey: { name: channelKey, type: AttributeType.STRING },
    encryption: TableEncryptionV2.dynamoOwnedKey(),
    // A new stack would not find a retained table.
    removalPolicy: RemovalPolicy.DESTROY,
  });
}

/** Evaluates the coverage of channels every minute, and ten seconds after a change. */
export class Coverage extends Construct {
  readonly deadLetterQueue: Queue;

  constructor(scope: Construct, id: string, props: CoverageProps) {
    super(scope, id);

    const { coverage, supervisor, tableArn, coverageTable } = props;
    const channels = [...new Set(coverage.map(({ channel }) => channel))];
    this.deadLetterQueue = createDeadLetterQueue(this);
    const queue = createQueue(this, "Queue", {
      deliveryDelay: DELAY,
      visibilityTimeout: VISIBILITY_TIMEOUT,
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount: 3 },
    });
    this.evaluateChanges(props, channels, queue);
    this.evaluateEveryMinute(supervisor);

    coverageTable.grant(supervisor, "dynamodb:GetItem", "dynamodb:Scan", "dynamodb:UpdateItem");
    supervisor.allow(
      ["dynamodb:Query"],
      channels.map((channel) => `${tableArn}/index/${availableIndex(channel).name}`),
    );
    supervisor.addEnvironment("COVERAGE_TABLE_NAME", coverageTable.tableName);
    supervisor.addEnvironment("COVERAGE_QUEUE_ARN", queue.queueArn);
    supervisor.addEventSource(
      new SqsEventSource(queue, {
        batchSize: 10,
        maxConcurrency: MAX_CONCURRENCY,
        reportBatchItemFailures: true,
      }),
    );
  }

  private evaluateChanges(
    { coverage, hub }: CoverageProps,
    channels: readonly CoverageProps["coverage"][number]["channel"][],
    queue: Queue,
  ): void {
    const accounts = coverage.flatMap(({ accountId }) => accountId ?? []);
    const isForAllAccounts = accounts.length < coverage.length;
    new AgentAvailabilityRule(this, "ChannelChanges", {
      hub,
      events: "Agent Channel Availability Changed",
      channels,
      ...(!isForAllAccounts && { accounts: [...new Set(accounts)] }),
      target: new SqsQueue(queue, {
        message: RuleTargetInput.fromObject({
          accountId: EventField.fromPath("$.detail.accountId"),
          channel: EventField.fromPath("$.detail.channel"),
        }),
      }),
      deadLetterQueue: this.deadLetterQueue,
    });
  }

  /** A failure is not retried: the next evaluation is due a minute later. */
  private evaluateEveryMinute(supervisor: NodeFunction): void {
    supervisor.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(1) });
    new Rule(this, "Schedule", {
      description: "Evaluates the coverage of all channels",
      schedule: Schedule.rate(Duration.minutes(1)),
      targets: [
        new LambdaFunction(supervisor, {
          event: RuleTargetInput.fromObject({ kind: "evaluate-all" }),
          retryAttempts: 0,
          maxEventAge: Duration.minutes(1),
        }),
      ],
    });
  }
}
