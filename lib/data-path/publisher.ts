import { Duration } from "aws-cdk-lib";
import type { TableV2 } from "aws-cdk-lib/aws-dynamodb";
import type { IEventBus } from "aws-cdk-lib/aws-events";
import type { Alias } from "aws-cdk-lib/aws-lambda";
import type { IBucket } from "aws-cdk-lib/aws-s3";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";

import { NodeFunction } from "../node-function.ts";
import { createOnFailureBucket } from "../on-failure-bucket.ts";
import { createDeadLetterQueue } from "../queue.ts";
import { removalPolicyOf } from "../removal-policy.ts";
import type { Stage } from "../stage.ts";
import { createStreamSource } from "../stream-source.ts";

export interface PublisherProps {
  /** The table whose stream is the outbox. */
  readonly table: TableV2;

  readonly eventBus: IEventBus;

  /** Determines whether names are published, and whether dead-lettered events are retained. */
  readonly stage: Stage;
}

/** Publishes every change to the table to the bus, in order for each agent. */
export class Publisher extends Construct {
  /** Keeps events and records that cannot be published, each with its cause, until an operator redrives them. */
  readonly deadLetterQueue: IQueue;

  /** Receives complete batches that could not be published for 22 hours. */
  readonly onFailureDestination: IBucket;

  /** The alias of the function that the event source mapping invokes. */
  readonly live: Alias;

  /** The stage parameters that metrics and logs are found by. */
  readonly parameters: Readonly<
    Record<"PublisherEventSourceMappingId" | "PublisherFunctionName" | "PublisherLogName", string>
  >;

  constructor(scope: Construct, id: string, { table, eventBus, stage }: PublisherProps) {
    super(scope, id);

    const removalPolicy = removalPolicyOf(stage);
    this.deadLetterQueue = createDeadLetterQueue(this, "DeadLetterQueue", { removalPolicy });
    this.onFailureDestination = createOnFailureBucket(this, "OnFailureDestination", stage);
    const publisher = new NodeFunction(this, "Function", {
      folder: "publisher",
      description: "Publishes the changes in the table's stream to the bus",
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
    eventBus.grantPutEventsTo(publisher);
    this.deadLetterQueue.grant(publisher, "sqs:SendMessage");

    this.live = publisher.createLiveAlias();
    const stream = createStreamSource({
      table,
      onFailureDestination: this.onFailureDestination,
    });
    this.live.addEventSource(stream);
    this.parameters = {
      PublisherEventSourceMappingId: stream.eventSourceMappingId,
      PublisherFunctionName: publisher.functionName,
      PublisherLogName: publisher.logGroup.logGroupName,
    };
  }
}
