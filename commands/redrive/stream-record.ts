import type { AttributeValue, DynamoDBRecord } from "aws-lambda";
import * as z from "zod";

const textSchema = z.object({ S: z.string() });

/** What every record of the table's stream has, however its images look. */
const placedSchema = z.object({
  dynamodb: z.object({
    Keys: z.object({ accountId: textSchema, availabilityId: textSchema }),
    SequenceNumber: z.string(),
  }),
});

/** A record of the table's stream; its images are read, and judged, by the publisher's own code. */
export const recordSchema = z.custom<DynamoDBRecord>(
  (value) => placedSchema.safeParse(value).success,
  "no record of the table's stream",
);

/** The version of an agent that a record is about. */
export interface Version {
  readonly accountId: string;
  readonly availabilityId: string;
  /** 0 where the record does not say. */
  readonly epoch: number;
  /** 0 where the record does not say; of a deletion the one after the last. */
  readonly version: number;
}

function countOf(value: string | undefined): number {
  const count = Number(value);
  return Number.isSafeInteger(count) ? count : 0;
}

function textOf(value: AttributeValue | undefined): string {
  return value?.S ?? "";
}

/** Which version of which agent a record is about, read without judging the rest of it. */
export function versionOf({ dynamodb = {} }: DynamoDBRecord): Version {
  const { Keys: keys = {}, NewImage: after, OldImage: before = {} } = dynamodb;
  const { epoch, version } = after ?? before;
  const last = countOf(version?.N);
  return {
    accountId: textOf(keys["accountId"]),
    availabilityId: textOf(keys["availabilityId"]),
    epoch: countOf(epoch?.N),
    version: after ? last : last + 1,
  };
}

function sequenceOf({ dynamodb }: DynamoDBRecord): string {
  return dynamodb?.SequenceNumber ?? "";
}

/** The same record has the same identity wherever it was put aside, and however often. */
export function identityOf(record: DynamoDBRecord): string {
  const { accountId, availabilityId } = versionOf(record);
  return JSON.stringify([record.eventSourceARN, sequenceOf(record), accountId, availabilityId]);
}

/** Sorts records of one agent: oldest first. */
export function compareVersions(first: DynamoDBRecord, second: DynamoDBRecord): number {
  const [one, other] = [versionOf(first), versionOf(second)];
  const [a, b] = [sequenceOf(first), sequenceOf(second)];
  return (
    one.epoch - other.epoch ||
    one.version - other.version ||
    a.length - b.length ||
    (a < b ? -1 : Number(a > b))
  );
}
