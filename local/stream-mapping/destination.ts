import { randomUUID } from "node:crypto";

import type { DynamoDBRecord } from "aws-lambda";

import type { Condition } from "./deliver.ts";
import type { Mapping } from "./mapping.ts";

/** What is given up, and why. */
export interface GivenUp {
  readonly records: readonly DynamoDBRecord[];
  readonly condition: Condition;
  readonly calls: number;
  readonly shardId: string;
}

function timeOf(record: DynamoDBRecord | undefined): string {
  return new Date((record?.dynamodb?.ApproximateCreationDateTime ?? 0) * 1000).toISOString();
}

/** The invocation record that Lambda sends to a failure destination: where the batch lies, and why. */
export function invocationRecord(
  mapping: Mapping,
  { records, condition, calls, shardId }: GivenUp,
) {
  const [first, last] = [records[0], records.at(-1)];
  return {
    requestContext: {
      requestId: randomUUID(),
      functionArn: mapping.functionArn,
      condition,
      approximateInvokeCount: calls,
    },
    responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
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
export function wholeInvocationRecord(mapping: Mapping, givenUp: GivenUp) {
  return {
    ...invocationRecord(mapping, givenUp),
    payload: JSON.stringify({ Records: givenUp.records }),
  };
}

/** Under which key Lambda puts it into a bucket. */
export function objectKey({ uuid }: Mapping, shardId: string, now: Date): string {
  const time = now.toISOString();
  const day = time.slice(0, 10);
  const second = time.slice(0, 19).replaceAll(":", ".");
  return `aws/lambda/${uuid}/${shardId}/${day.replaceAll("-", "/")}/${second}-${randomUUID()}`;
}
