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

  /** Determines whether names are published, and whether dead-lettered events are retained. */
  readonly stage: Stage;
}

/**
 * An S3 bucket as on-failure destination. The CDK's own class also lets the function read and delete
 * objects, which Lambda does not need.
 */
class OnFailureBucket implements IEventSourceDlq {
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

/** Longer than a holiday: only an operator empties the dead-letter queue and the on-failure destination. */
const RETENTION = Duration.days(14);

/** Takes every change of the table to the bus, each agent's in order. */
export class Publisher extends Construct {
  /** Keeps events and records that cannot be published, each with its cause, until an operator redrives them. */
  readonly deadLetterQueue: IQueue;

  /** Receives complete batches that could not be published for 22 hours. */
  readonly onFailureDestination: IBucket;

  /** The function by the alias that the stream is mapped to. */
  readonly live: Alias;

  /** What alarms and queries find its metrics and logs by. */
  readonly watched: Readonly<Record<"PublisherFunctionName" | "PublisherLogName", string>>;

  constructor(scope: Construct, id: string, { table, eventBus, stage }: PublisherProps) {
    super(scope, id);

    const removalPolicy = removalPolicyOf(stage);
    this.deadLetterQueue = new Queue(this, "DeadLetterQueue", {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: RETENTION,
      removalPolicy,
    });
    this.onFailureDestination = new Bucket(this, "OnFailureDestination", {
      encryption: BucketEncryption.S3_MANAGED,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      lifecycleRules: [
        { expiration: RETENTION, abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
      removalPolicy,
    });
    const publisher = new NodeFunction(this, "Function", {
      folder: "publisher",
      description: "Takes agent availability changes from the table's stream to the bus",
      environment: {
        STAGE: stage.name,
        BUS_NAME: eventBus.eventBusName,
        DEAD_LETTER_QUEUE_URL: this.deadLetterQueue.queueUrl,
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
    this.deadLetterQueue.grant(publisher, "sqs:SendMessage");

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
        onFailure: new OnFailureBucket(this.onFailureDestination),
      }),
    );
    keepMapping(this.live);
  }
}
