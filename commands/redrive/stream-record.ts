import type { AttributeValue, DynamoDBRecord } from "aws-lambda";
import * as z from "zod";

import { sequenceNumberOf } from "../../functions/store/outbox-record.ts";

const textSchema = z.object({ S: z.string() });

/** The part that every record of the table's stream has, whatever its images look like. */
const positionSchema = z.object({
  dynamodb: z.object({
    Keys: z.object({ accountId: textSchema, availabilityId: textSchema }),
    SequenceNumber: z.string(),
  }),
});

/** A record of the table's stream. Its images are parsed by the publisher's own code. */
export const recordSchema = z.custom<DynamoDBRecord>(
  (value) => positionSchema.safeParse(value).success,
  "must be a record of the table's stream",
);

export interface AgentVersion {
  readonly accountId: string;
  readonly availabilityId: string;
  /** 0 if the record does not contain it. */
  readonly epoch: number;
  /** 0 if unknown, because the record does not contain it; the last version + 1 for a deletion. */
  readonly version: number;
}

function readText(value: AttributeValue | undefined): string {
  return value?.S ?? "";
}

function readNumber(value: AttributeValue | undefined): number {
  const number = Number(value?.N);
  return Number.isSafeInteger(number) ? number : 0;
}

/** Returns the agent and version that a record describes, even if the rest of the record cannot be parsed. */
export function versionOf({ dynamodb = {} }: DynamoDBRecord): AgentVersion {
  const { Keys: keys = {}, NewImage: newImage, OldImage: oldImage = {} } = dynamodb;
  const { epoch, version } = newImage ?? oldImage;
  const last = readNumber(version);
  return {
    accountId: readText(keys["accountId"]),
    availabilityId: readText(keys["availabilityId"]),
    epoch: readNumber(epoch),
    version: newImage || last === 0 ? last : last + 1,
  };
}

/** Returns a key that is the same for all copies of a record. */
export function identityOf(record: DynamoDBRecord): string {
  const { accountId, availabilityId } = versionOf(record);
  return JSON.stringify([
    record.eventSourceARN,
    sequenceNumberOf(record),
    accountId,
    availabilityId,
  ]);
}

/** Compares two records of one agent; the older one sorts first. */
export function compareVersions(first: DynamoDBRecord, second: DynamoDBRecord): number {
  const [one, other] = [versionOf(first), versionOf(second)];
  const [a, b] = [sequenceNumberOf(first), sequenceNumberOf(second)];
  return (
    one.epoch - other.epoch ||
    one.version - other.version ||
    a.length - b.length ||
    (a < b ? -1 : Number(a > b))
  );
}
