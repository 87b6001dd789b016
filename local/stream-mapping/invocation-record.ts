import { randomUUID } from "node:crypto";

import type { DynamoDBRecord } from "aws-lambda";

import type { GivenUp } from "./deliver.ts";
import type { Mapping } from "./mapping.ts";

function timeOf(record: DynamoDBRecord | undefined): string {
  return new Date((record?.dynamodb?.ApproximateCreationDateTime ?? 0) * 1000).toISOString();
}

/**
 * What Lambda sends to a failure destination: why a batch was given up, and where in the stream it lies,
 * but not the batch.
 */
export function invocationRecord(mapping: Mapping, shardId: string, givenUp: GivenUp) {
  const { records, condition, calls } = givenUp;
  const [first, last] = [records[0], records.at(-1)];
  return {
    requestContext: {
      requestId: randomUUID(),
      functionArn: mapping.functionArn,
      condition,
      approximateInvokeCount: calls,
    },
    // Of what was too old before the function was ever called, there is no answer to tell of.
    ...(calls > 0 && {
      responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
    }),
    version: "1.0",
    timestamp: new Date().toISOString(),
    DDBStreamBatchInfo: {
      shardId,
      startSequenceNumber: first?.dynamodb?.SequenceNumber ?? "",
      endSequenceNumber: last?.dynamodb?.SequenceNumber ?? "",
      approximateArrivalOfFirstRecord: timeOf(first),
      approximateArrivalOfLastRecord: timeOf(last),
      batchSize: records.length,
      streamArn: mapping.streamArn,
    },
  };
}

/** The same for a bucket, which gets the whole event besides, as text. */
export function wholeInvocationRecord(mapping: Mapping, shardId: string, givenUp: GivenUp) {
  return {
    ...invocationRecord(mapping, shardId, givenUp),
    payload: JSON.stringify({ Records: givenUp.records }),
  };
}

/** Under which key Lambda puts it into a bucket. */
export function objectKey({ uuid }: Mapping, shardId: string, now: Date): string {
  const time = now.toISOString();
  const day = time.slice(0, 10).replaceAll("-", "/");
  const second = time.slice(0, 19).replaceAll(":", ".");
  return `aws/lambda/${uuid}/${shardId}/${day}/${second}-${randomUUID()}`;
}
