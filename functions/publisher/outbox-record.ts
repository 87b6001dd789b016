import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { DynamoDBRecord } from "aws-lambda";

import type { Transition } from "../availability/events.ts";
import { type Attributes, readItem } from "../store/read-item.ts";

/** The stream's types say less of an attribute than the SDK's, and mean the same. */
type Image = NonNullable<NonNullable<DynamoDBRecord["dynamodb"]>["NewImage"]>;

function isAttribute(value: unknown): value is AttributeValue {
  return typeof value === "object" && value !== null;
}

function attributesOf(image: Image | undefined): Attributes | undefined {
  return (
    image &&
    Object.fromEntries(
      Object.entries(image).flatMap(([name, value]): [string, AttributeValue][] =>
        isAttribute(value) ? [[name, value]] : [],
      ),
    )
  );
}

/** When the store recorded the change. */
export function recordedAt({ dynamodb }: DynamoDBRecord): Date {
  // Lambda hands over epoch seconds, the Streams API a date.
  const seconds = dynamodb?.ApproximateCreationDateTime;
  return seconds === undefined ? new Date() : new Date(seconds * 1000);
}

/** The agent whose record it is; records of one agent are published in their order. */
export function agentOf({ dynamodb }: DynamoDBRecord): string {
  const { accountId, availabilityId } = dynamodb?.Keys ?? {};
  return JSON.stringify([accountId?.S, availabilityId?.S]);
}

/** Where the record lies in its shard. An empty text stands for the whole batch. */
export function sequenceNumberOf({ dynamodb }: DynamoDBRecord): string {
  return dynamodb?.SequenceNumber ?? "";
}

/**
 * What a record of the stream says became of an agent's item.
 *
 * @throws UnreadableItemError when an image is not as this version writes it.
 */
export function transitionOf(record: DynamoDBRecord): Transition {
  const before = attributesOf(record.dynamodb?.OldImage);
  const after = attributesOf(record.dynamodb?.NewImage);
  return {
    before: before && readItem(before),
    after: after && readItem(after),
    recordedAt: recordedAt(record).toISOString(),
  };
}
