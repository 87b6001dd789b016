import type {
  _Record as StreamRecord,
  AttributeValue as StreamValue,
} from "@aws-sdk/client-dynamodb-streams";
import type { AttributeValue, DynamoDBRecord } from "aws-lambda";

type Attributes = Record<string, AttributeValue>;

const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");

/** Lambda's event is JSON, so it contains bytes as base64. */
function valueOf(value: StreamValue): AttributeValue {
  if (value.B) {
    return { B: base64(value.B) };
  }
  if (value.BS) {
    return { BS: value.BS.map(base64) };
  }
  if (value.L) {
    return { L: value.L.map(valueOf) };
  }
  if (value.M) {
    return { M: attributesOf(value.M) };
  }
  if (value.$unknown) {
    throw new Error(`the stream contains a value of the unknown type ${value.$unknown[0]}`);
  }
  return value;
}

function attributesOf(attributes: Record<string, StreamValue>): Attributes {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, valueOf(value)]),
  );
}

function changeOf(change: StreamRecord["dynamodb"] = {}): DynamoDBRecord["dynamodb"] {
  const { Keys, NewImage, OldImage, ApproximateCreationDateTime: time, ...rest } = change;
  return {
    ...rest,
    ...(time && { ApproximateCreationDateTime: Math.floor(time.getTime() / 1000) }),
    ...(Keys && { Keys: attributesOf(Keys) }),
    ...(NewImage && { NewImage: attributesOf(NewImage) }),
    ...(OldImage && { OldImage: attributesOf(OldImage) }),
  };
}

/** Returns a record of the Streams API as Lambda passes it to a function. */
export function lambdaRecord(record: StreamRecord, streamArn: string): DynamoDBRecord {
  const { dynamodb, userIdentity: who, eventName, ...rest } = record;
  return {
    ...rest,
    ...(eventName && { eventName }),
    dynamodb: changeOf(dynamodb),
    eventSourceARN: streamArn,
    ...(who && { userIdentity: { type: who.Type, principalId: who.PrincipalId } }),
  };
}
