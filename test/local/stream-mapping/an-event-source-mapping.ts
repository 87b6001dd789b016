import type { DynamoDBRecord } from "aws-lambda";

import type { EventSourceMapping } from "../../../local/stream-mapping/event-source-mapping.ts";

/** A mapping like the publisher's: unlimited attempts, bisecting, partial batch responses. */
export function aMapping(settings: Partial<EventSourceMapping> = {}): EventSourceMapping {
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

/** A record with a sequence number and a creation time in epoch seconds. */
export function aRecord(sequenceNumber: number, createdAt = 1_795_486_584): DynamoDBRecord {
  return {
    eventID: `e${sequenceNumber}`,
    dynamodb: { SequenceNumber: String(sequenceNumber), ApproximateCreationDateTime: createdAt },
  };
}
