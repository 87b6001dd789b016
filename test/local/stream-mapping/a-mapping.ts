import type { DynamoDBRecord } from "aws-lambda";

import type { Mapping } from "../../../local/stream-mapping/mapping.ts";

/** A mapping like the publisher's: tried without limit, halved, with partial failures. */
export function aMapping(settings: Partial<Mapping> = {}): Mapping {
  return {
    uuid: "6f1d",
    functionArn: "arn:aws:lambda:eu-central-1:000000000000:function:publisher:live",
    streamArn: "arn:aws:dynamodb:eu-central-1:000000000000:table/agents/stream/2026",
    batchSize: 100,
    batchingWindow: 0,
    startingPosition: "TRIM_HORIZON",
    maximumRetryAttempts: -1,
    maximumRecordAge: -1,
    bisect: true,
    partialFailures: true,
    destination: undefined,
    ...settings,
  };
}

/** A record of that sequence number, made at that time in epoch seconds. */
export function aRecord(sequenceNumber: number, bornAt = 1_795_486_584): DynamoDBRecord {
  return {
    eventID: `e${sequenceNumber}`,
    dynamodb: { SequenceNumber: String(sequenceNumber), ApproximateCreationDateTime: bornAt },
  };
}
