import { randomUUID } from "node:crypto";

import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { GetQueueUrlCommand, SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { DynamoDBRecord } from "aws-lambda";

import type { DiscardedBatch } from "./deliver.ts";
import type { EventSourceMapping } from "./event-source-mapping.ts";

export interface DestinationClients {
  readonly sqs: SQSClient;
  readonly s3: S3Client;
}

export interface DiscardedShardBatch {
  readonly mapping: EventSourceMapping;
  readonly shardId: string;
  readonly batch: DiscardedBatch;
}

function creationTimeOf(record: DynamoDBRecord | undefined): string {
  return new Date((record?.dynamodb?.ApproximateCreationDateTime ?? 0) * 1000).toISOString();
}

/** Returns the message that Lambda sends to a queue: the cause, and the batch's position in the stream. */
function invocationRecord({ mapping, shardId, batch }: DiscardedShardBatch) {
  const { records, condition, invocations } = batch;
  const [first, last] = [records[0], records.at(-1)];
  return {
    requestContext: {
      requestId: randomUUID(),
      functionArn: mapping.functionArn,
      condition,
      approximateInvokeCount: invocations,
    },
    // Records that were too old before the first invocation have no response.
    ...(invocations > 0 && {
      responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
    }),
    version: "1.0",
    timestamp: new Date().toISOString(),
    DDBStreamBatchInfo: {
      shardId,
      startSequenceNumber: first?.dynamodb?.SequenceNumber ?? "",
      endSequenceNumber: last?.dynamodb?.SequenceNumber ?? "",
      approximateArrivalOfFirstRecord: creationTimeOf(first),
      approximateArrivalOfLastRecord: creationTimeOf(last),
      batchSize: records.length,
      streamArn: mapping.streamArn,
    },
  };
}

/** Returns the key that Lambda uses in a bucket. */
function objectKey({ mapping, shardId }: DiscardedShardBatch, now: Date): string {
  const time = now.toISOString();
  const day = time.slice(0, 10).replaceAll("-", "/");
  const second = time.slice(0, 19).replaceAll(":", ".");
  return `aws/lambda/${mapping.uuid}/${shardId}/${day}/${second}-${randomUUID()}`;
}

/**
 * Sends discarded records to the mapping's on-failure destination. Without one they are lost, as on AWS.
 *
 * @throws the service's error.
 */
export async function sendToDestination(
  { s3, sqs }: DestinationClients,
  discarded: DiscardedShardBatch,
): Promise<void> {
  const [, , service, , , name = ""] = discarded.mapping.destination?.split(":") ?? [];
  const record = invocationRecord(discarded);
  if (service === "s3") {
    // The object also contains the event, as text.
    const payload = JSON.stringify({ Records: discarded.batch.records });
    await s3.send(
      new PutObjectCommand({
        Bucket: name,
        Key: objectKey(discarded, new Date()),
        Body: JSON.stringify({ ...record, payload }),
      }),
    );
  } else if (service === "sqs") {
    const { QueueUrl: url } = await sqs.send(new GetQueueUrlCommand({ QueueName: name }));
    const body = JSON.stringify(record);
    await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: body }));
  }
}
