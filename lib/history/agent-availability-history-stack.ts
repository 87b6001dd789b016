import { Duration, RemovalPolicy, Stack, type StackProps, Tags } from "aws-cdk-lib";
import { AttributeType, Billing, TableEncryptionV2, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { ManagedPolicy, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { type EventSourceMapping, MetricType, StartingPosition } from "aws-cdk-lib/aws-lambda";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import type { Construct } from "constructs";

import {
  historyExpiresAt,
  historyPartitionKey,
  historySortKey,
} from "../../functions/store/history-attributes.ts";
import { AlarmGroup } from "../alarm-group.ts";
import { NodeFunction } from "../node-function.ts";
import { createOnFailureBucket, OnFailureBucket } from "../on-failure-bucket.ts";
import { addStageParameters, stageParameter } from "../stage-parameters.ts";
import type { Stage } from "../stage.ts";
import { historyAlarms } from "./history-alarms.ts";

/** The properties of the history stack. */
export interface AgentAvailabilityHistoryStackProps extends StackProps {
  readonly stage: Stage;
}

/** Keeps every change of every agent for a number of days. The publisher does not depend on it, nor it on the publisher. */
export class AgentAvailabilityHistoryStack extends Stack {
  private readonly stage: Stage;

  constructor(
    scope: Construct,
    id: string,
    { stage, ...props }: AgentAvailabilityHistoryStackProps,
  ) {
    super(scope, id, {
      stackName: `AgentAvailabilityHistory-${stage.name}`,
      description: "The history of agent availability",
      terminationProtection: stage.retainData,
      ...props,
    });
    this.stage = stage;

    const table = this.createTable();
    const failures = createOnFailureBucket(this, "OnFailureDestination", stage);
    const recorder = this.createFunction(table);
    const mapping = this.readStream(recorder, failures);
    const policy = this.createPolicy(table);
    new AlarmGroup(this, "HistoryAlarms", {
      stage,
      definitions: historyAlarms({
        stage,
        recorder,
        eventSourceMappingId: mapping.eventSourceMappingId,
      }),
    });

    addStageParameters(this, stage.name, {
      HistoryEventSourceMappingId: mapping.eventSourceMappingId,
      HistoryFunctionName: recorder.functionName,
      HistoryLogName: recorder.logGroup.logGroupName,
      HistoryOnFailureBucketName: failures.bucketName,
      HistoryPolicyArn: policy.managedPolicyArn,
      HistoryTableName: table.tableName,
    });
    Tags.of(this).add("application", "agent-availability-hub");
    Tags.of(this).add("stage", stage.name);
  }

  private createTable(): TableV2 {
    const { retainData, backupDays } = this.stage;
    return new TableV2(this, "Table", {
      partitionKey: { name: historyPartitionKey, type: AttributeType.STRING },
      sortKey: { name: historySortKey, type: AttributeType.STRING },
      billing: Billing.onDemand(),
      encryption: TableEncryptionV2.dynamoOwnedKey(),
      timeToLiveAttribute: historyExpiresAt,
      pointInTimeRecoverySpecification: retainData
        ? { pointInTimeRecoveryEnabled: true, recoveryPeriodInDays: backupDays }
        : { pointInTimeRecoveryEnabled: false },
      deletionProtection: retainData,
      // As for the table of agents: deletion protection would make the rollback of a failed first deployment fail.
      removalPolicy: retainData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
  }

  private createFunction(table: TableV2): NodeFunction {
    const { stage } = this;
    const recorder = new NodeFunction(this, "Recorder", {
      folder: "history",
      description: "Stores changes of agent availability in the history",
      environment: {
        STAGE: stage.name,
        TABLE_NAME: stageParameter(this, stage.name, "TableName"),
        HISTORY_TABLE_NAME: table.tableName,
        HISTORY_DAYS: String(stage.historyDays),
      },
      memorySize: 256,
      timeout: Duration.minutes(1),
      stage,
    });
    const allow = (actions: readonly string[], arn: string) => {
      recorder.addToRolePolicy(new PolicyStatement({ actions: [...actions], resources: [arn] }));
    };
    allow(["dynamodb:BatchWriteItem", "dynamodb:Query"], table.tableArn);
    allow(["dynamodb:GetItem"], stageParameter(this, stage.name, "TableArn"));
    allow(
      ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"],
      stageParameter(this, stage.name, "TableStreamArn"),
    );
    return recorder;
  }

  /** The second of the two readers that a shard of the stream allows. Its failures do not affect the publisher. */
  private readStream(recorder: NodeFunction, failures: IBucket): EventSourceMapping {
    return recorder.addEventSourceMapping("Stream", {
      eventSourceArn: stageParameter(this, this.stage.name, "TableStreamArn"),
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: 100,
      // Fewer invocations. No caller waits for the history.
      maxBatchingWindow: Duration.seconds(5),
      // One batch per shard at a time: what was stored before an agent is forgotten is there to be deleted.
      parallelizationFactor: 1,
      // Retried until shortly before the stream deletes the records, after 24 hours.
      maxRecordAge: Duration.hours(22),
      bisectBatchOnError: true,
      reportBatchItemFailures: true,
      onFailure: new OnFailureBucket(failures),
      metricsConfig: { metrics: [MetricType.EVENT_COUNT] },
    });
  }

  private createPolicy(table: TableV2): ManagedPolicy {
    return new ManagedPolicy(this, "Policy", {
      description: `Read the history of agents of stage ${this.stage.name}, nothing else`,
      statements: [
        new PolicyStatement({ actions: ["dynamodb:Query"], resources: [table.tableArn] }),
      ],
    });
  }
}
