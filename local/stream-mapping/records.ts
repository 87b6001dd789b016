import type { _Record as StreamRecord } from "@aws-sdk/client-dynamodb-streams";
import type { DynamoDBRecord } from "aws-lambda";

/** A record of the Streams API as Lambda hands it to a function: a time in epoch seconds, not as a date. */
export function lambdaRecord(record: StreamRecord, streamArn: string): DynamoDBRecord {
  const { dynamodb: { ApproximateCreationDateTime: time, ...dynamodb } = {}, ...rest } = record;
  const seconds = time && Math.floor(time.getTime() / 1000);
  const event: unknown = {
    ...rest,
    dynamodb: {
      ...dynamodb,
      ...(seconds !== undefined && { ApproximateCreationDateTime: seconds }),
    },
    eventSourceARN: streamArn,
  };
  return asRecord(event);
}

function isRecord(value: unknown): value is DynamoDBRecord {
  return typeof value === "object" && value !== null && "dynamodb" in value;
}

function asRecord(value: unknown): DynamoDBRecord {
  if (!isRecord(value)) {
    throw new Error("the stream holds something that is no record");
  }
  return value;
}
