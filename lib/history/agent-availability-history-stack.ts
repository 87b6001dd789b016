import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { AttributeType, type ITableV2, TableEncryptionV2, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import { ManagedPolicy, PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { Construct } from "constructs";

import {
  historyExpiresAt,
  historyPartitionKey,
  historySortKey,
} from "../../functions/store/history-attributes.ts";
import { AlarmGroup } from "../alarm-group.ts";
import { readersPolicy } from "../lookup-grant.ts";
import { NodeFunction } from "../node-function.ts";
import { createOnFailureBucket } from "../on-failure-bucket.ts";
import { createStreamSource } from "../stream-source.ts";
import { StageStack, type StageStackProps } from "../stage-stack.ts";
import { historyAlarms } from "./history-alarms.ts";

/** The actions that readers of the history need. */
const READ_ACTIONS = ["dynamodb:Query"];

/** Keeps every change of every agent for `historyDays`. This stack and the publisher do not depend on each other. */
export class AgentAvailabilityHistoryStack extends StageStack {
  constructor(scope: Construct, id: string, props: StageStackProps) {
    super(scope, id, {
      name: "AgentAvailabilityHistory",
      description: "The history of agent availability",
      terminationProtection: props.stage.retainData,
      ...props,
    });
    const { stage } = props;

    const table = this.createTable();
    const failures = createOnFailureBucket(this, "OnFailureDestination", stage);
    const agents = TableV2.fromTableAttributes(this, "Agents", {
      tableArn: this.parameter("TableArn"),
      tableStreamArn: this.parameter("TableStreamArn"),
    });
    const recorder = this.createFunction(agents, table);
    const stream = createStreamSource({
      table: agents,
      onFailureDestination: failures,
      // Reduces invocations: no caller waits for the history.
      maxBatchingWindow: Duration.seconds(5),
    });
    recorder.addEventSource(stream);
    const policy = this.createPolicy(table);
    new AlarmGroup(this, "HistoryAlarms", {
      stage,
      definitions: historyAlarms({
        stage,
        recorder,
        eventSourceMappingId: stream.eventSourceMappingId,
      }),
    });

    this.addParameters({
      HistoryDays: String(stage.historyDays),
      HistoryEventSourceMappingId: stream.eventSourceMappingId,
      HistoryFunctionName: recorder.functionName,
      HistoryLogName: recorder.logGroup.logGroupName,
      HistoryOnFailureBucketName: failures.bucketName,
      HistoryPolicyArn: policy.managedPolicyArn,
      HistoryTableArn: table.tableArn,
      HistoryTableName: table.tableName,
    });
  }

  private createTable(): TableV2 {
    const { retainData, backupDays, readers } = this.stage;
    return new TableV2(this, "Table", {
      partitionKey: { name: historyPartitionKey, type: AttributeType.STRING },
      sortKey: { name: historySortKey, type: AttributeType.STRING },
      encryption: TableEncryptionV2.dynamoOwnedKey(),
      timeToLiveAttribute: historyExpiresAt,
      pointInTimeRecoverySpecification: retainData
        ? { pointInTimeRecoveryEnabled: true, recoveryPeriodInDays: backupDays }
        : { pointInTimeRecoveryEnabled: false },
      deletionProtection: retainData,
      ...(readers.length > 0 && { resourcePolicy: readersPolicy(readers, READ_ACTIONS) }),
      // As for the table of agents: with deletion protection, the rollback of a failed first deployment would fail.
      removalPolicy: retainData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
  }

  private createFunction(agents: ITableV2, table: ITableV2): NodeFunction {
    const { stage } = this;
    const recorder = new NodeFunction(this, "Recorder", {
      folder: "history",
      description: "Stores changes of agent availability in the history",
      environment: {
        STAGE: stage.name,
        TABLE_NAME: this.parameter("TableName"),
        HISTORY_TABLE_NAME: table.tableName,
        HISTORY_DAYS: String(stage.historyDays),
      },
      memorySize: 256,
      timeout: Duration.minutes(1),
      stage,
    });
    table.grant(recorder, "dynamodb:BatchWriteItem", "dynamodb:Query");
    agents.grant(recorder, "dynamodb:GetItem");
    return recorder;
  }

  private createPolicy(table: TableV2): ManagedPolicy {
    return new ManagedPolicy(this, "Policy", {
      description: `Allows only reading the agent history of stage ${this.stage.name}`,
      statements: [new PolicyStatement({ actions: READ_ACTIONS, resources: [table.tableArn] })],
    });
  }
}
