import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { DynamoDBRecord } from "aws-lambda";

import type { Transition } from "../availability/typed-event.ts";
import type { RemovalReason } from "../availability/state.ts";
import { removedBecause } from "./attributes.ts";
import { type Attributes, isOrdered, readItem, UnreadableItemError } from "./read-item.ts";

/** A stream record cannot be parsed. The message never contains a stored value. */
export class UnreadableRecordError extends Error {
  override readonly name = "UnreadableRecordError";
}

/** An image in the types of `aws-lambda`, which differ from the SDK's but mean the same. */
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

/** Returns when the store recorded a change; the current time if the record contains no time. */
export function recordedAtOf({ dynamodb }: DynamoDBRecord): Date {
  // Epoch seconds in Lambda's event, unlike the Streams API, which returns a date.
  const seconds = dynamodb?.ApproximateCreationDateTime;
  return seconds === undefined ? new Date() : new Date(seconds * 1000);
}

/** Returns a key that identifies the record's agent. Records of one agent are published in their order. */
export function agentKeyOf({ dynamodb }: DynamoDBRecord): string {
  const { accountId, availabilityId } = dynamodb?.Keys ?? {};
  return JSON.stringify([accountId?.S, availabilityId?.S]);
}

/** Returns a record's sequence number in its shard. To Lambda, an empty string means the whole batch. */
export function sequenceNumberOf({ dynamodb }: DynamoDBRecord): string {
  return dynamodb?.SequenceNumber ?? "";
}

const FORGOTTEN: RemovalReason = "forgotten";

/** Returns whether an item is the tombstone of a forgotten person's item. */
export function isForgotten(
  item: Readonly<Record<string, { readonly S?: string | undefined }>> | undefined,
): boolean {
  return item?.[removedBecause]?.S === FORGOTTEN;
}

/** Returns whether a record's write forgot an item. An item that this version cannot parse can be forgotten too. */
export function isForgetting({ dynamodb }: DynamoDBRecord): boolean {
  return isForgotten(dynamodb?.NewImage);
}

/** The images that a record of each kind contains: the stream's view type is NEW_AND_OLD_IMAGES. */
const IMAGES = {
  INSERT: ["NewImage"],
  MODIFY: ["OldImage", "NewImage"],
  REMOVE: ["OldImage"],
} as const;

function requireImages({ eventName, dynamodb = {} }: DynamoDBRecord): void {
  if (dynamodb.OldImage === undefined && dynamodb.NewImage === undefined) {
    throw new UnreadableRecordError("stream record must contain an image (got none)");
  }
  const missing = eventName && IMAGES[eventName].find((image) => dynamodb[image] === undefined);
  if (missing) {
    throw new UnreadableRecordError(`${eventName} record must contain ${missing} (got none)`);
  }
}

function readImage(image: Image | undefined) {
  const attributes = attributesOf(image);
  try {
    return attributes && readItem(attributes);
  } catch (error) {
    if (error instanceof UnreadableItemError) {
      throw new UnreadableRecordError(error.message, { cause: error });
    }
    throw error;
  }
}

/**
 * Returns the old and new image of an item in a stream record.
 *
 * @throws UnreadableRecordError if an image is missing or this version cannot parse it.
 */
export function transitionOf(record: DynamoDBRecord): Transition {
  requireImages(record);
  const { OldImage: oldImage, NewImage: newImage } = record.dynamodb ?? {};
  // The store replaces an item that is not ordered as if nothing were stored.
  const isReplaced = newImage !== undefined && !isOrdered(attributesOf(oldImage) ?? {});
  return {
    before: isReplaced ? undefined : readImage(oldImage),
    after: readImage(newImage),
    recordedAt: recordedAtOf(record).toISOString(),
  };
}
