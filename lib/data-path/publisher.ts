import { Duration } from "aws-cdk-lib";
import type { TableV2 } from "aws-cdk-lib/aws-dynamodb";
import type { IEventBus } from "aws-cdk-lib/aws-events";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import {
  type Alias,
  CfnEventSourceMapping,
  type IEventSourceDlq,
  type IFunction,
  StartingPosition,
} from "aws-cdk-lib/aws-lambda";
import { DynamoEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket } from "aws-cdk-lib/aws-s3";
import { type IQueue, Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";

import { NodeFunction } from "../node-function.ts";
import { removalPolicyOf } from "../removal-policy.ts";
import type { Stage } from "../stage.ts";

/** What the publisher needs to know. */
export interface PublisherProps {
  /** The table whose stream is the outbox. */
  readonly table: TableV2;

  /** The bus that consumers listen to. */
  readonly eventBus: IEventBus;

  /** Says whether names are published, and whether set-aside records outlive the stack. */
  readonly stage: Stage;
}

/**
 * A bucket as failure destination of a stream's mapping. CDK's own would let the function read, write
 * and delete whatever lies there; Lambda asks for no more than this.
 */
class WholeRecords implements IEventSourceDlq {
  private readonly bucket: IBucket;

  constructor(bucket: IBucket) {
    this.bucket = bucket;
  }

  bind(_mapping: unknown, publisher: IFunction) {
    const { bucketArn } = this.bucket;
    publisher.addToRolePolicy(
      new PolicyStatement({
        actions: ["s3:PutObject"],
        resources: [this.bucket.arnForObjects("*")],
      }),
    );
    publisher.addToRolePolicy(
      new PolicyStatement({ actions: ["s3:ListBucket"], resources: [bucketArn] }),
    );
    return { destination: bucketArn };
  }
}

/**
 * The id that the mapping has had since before the alias. Under another it would be another mapping, which
 * reads the stream from its start: a day's events once more. From function to alias the old one moves in place.
 */
const MAPPING_ID =
  "PublisherFunctionDynamoDBEventSourceAgentAvailabilityStoreTable801B7AD37F5F6050";

function keepMapping(live: Alias): void {
  for (const each of live.node.findAll()) {
    if (each instanceof CfnEventSourceMapping) {
      each.overrideLogicalId(MAPPING_ID);
    }
  }
}

/** Kept longer than a holiday lasts; what lies there waits for a person. */
const KEPT = Duration.days(14);

/** Takes every change of the table to the bus, each agent's in order. */
export class Publisher extends Construct {
  /** Where what can never be published waits for a person, each record with its cause. */
  readonly setAside: IQueue;

  /** Where the mapping puts records, whole, that did not get through for 22 hours. */
  readonly failed: IBucket;

  /** The function by the alias that the stream is mapped to. */
  readonly live: Alias;

  /** What alarms and queries find its metrics and logs by. */
  readonly watched: Readonly<Record<"PublisherFunctionName" | "PublisherLogName", string>>;

  constructor(scope: Construct, id: string, { table, eventBus, stage }: PublisherProps) {
    super(scope, id);

    const removalPolicy = removalPolicyOf(stage);
    this.setAside = new Queue(this, "SetAside", {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: KEPT,
      removalPolicy,
    });
    this.failed = new Bucket(this, "Failed", {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      lifecycleRules: [{ expiration: KEPT, abortIncompleteMultipartUploadAfter: Duration.days(1) }],
      removalPolicy,
    });
    const publisher = new NodeFunction(this, "Function", {
      folder: "publisher",
      description: "Takes agent availability changes from the table's stream to the bus",
      environment: {
        STAGE: stage.name,
        BUS_NAME: eventBus.eventBusName,
        SET_ASIDE_QUEUE_URL: this.setAside.queueUrl,
        PERSONAL_DATA_IN_EVENTS: String(stage.personalDataInEvents),
      },
      memorySize: 256,
      timeout: Duration.minutes(1),
      stage,
    });
    this.watched = {
      PublisherFunctionName: publisher.functionName,
      PublisherLogName: publisher.logGroup.logGroupName,
    };
    eventBus.grantPutEventsTo(publisher);
    this.setAside.grant(publisher, "sqs:SendMessage");

    this.live = publisher.makeLive();
    this.live.addEventSource(
      new DynamoEventSource(table, {
        startingPosition: StartingPosition.TRIM_HORIZON,
        batchSize: 100,
        // One batch a shard at a time: what keeps an agent's versions in order.
        parallelizationFactor: 1,
        // Tried without limit, until the records are nearly as old as the stream keeps them.
        maxRecordAge: Duration.hours(22),
        bisectBatchOnError: true,
        reportBatchItemFailures: true,
        onFailure: new WholeRecords(this.failed),
      }),
    );
    keepMapping(this.live);
  }
}
