import { Duration } from "aws-cdk-lib";
import type { ITableV2 } from "aws-cdk-lib/aws-dynamodb";
import { MetricType, StartingPosition } from "aws-cdk-lib/aws-lambda";
import { DynamoEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import type { IBucket } from "aws-cdk-lib/aws-s3";

import { OnFailureBucket } from "./on-failure-bucket.ts";

export interface StreamSourceProps {
  readonly table: ITableV2;
  /** Receives batches that could not be processed for 22 hours. */
  readonly onFailureDestination: IBucket;
  /** @default - none */
  readonly maxBatchingWindow?: Duration;
}

/**
 * Creates an event source of the table's stream, which is the outbox. It grants the function what Lambda needs to
 * read the stream. A shard allows two readers, and the failures of one do not affect the other.
 */
export function createStreamSource({
  table,
  onFailureDestination,
  maxBatchingWindow,
}: StreamSourceProps): DynamoEventSource {
  return new DynamoEventSource(table, {
    startingPosition: StartingPosition.TRIM_HORIZON,
    batchSize: 100,
    // One batch per shard at a time keeps the versions of an agent in order.
    parallelizationFactor: 1,
    // Retried until shortly before the stream deletes the records, after 24 hours.
    maxRecordAge: Duration.hours(22),
    bisectBatchOnError: true,
    reportBatchItemFailures: true,
    onFailure: new OnFailureBucket(onFailureDestination),
    // Alarms about failed and lost records use these metrics.
    metricsConfig: { metrics: [MetricType.EVENT_COUNT] },
    ...(maxBatchingWindow && { maxBatchingWindow }),
  });
}
