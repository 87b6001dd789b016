import type { DynamoDBRecord } from "aws-lambda";

import type { ListedObject, OnFailureDestination } from "./on-failure-destination.ts";
import type { FailedRecord, PendingRecord } from "./pending-records.ts";
import { type Remaining, remainingAt, unrecognizedAt } from "./remaining.ts";
import { identityOf } from "./stream-record.ts";

const place = "on-failure-destination";

/** Reads the records of all objects that satisfy a condition. */
export async function readRecords(
  destination: OnFailureDestination,
  objects: readonly ListedObject[],
  condition: (record: DynamoDBRecord) => boolean,
): Promise<FailedRecord[]> {
  const found: FailedRecord[] = [];
  for (const { key } of objects) {
    const object = await destination.read(key);
    if (object && "records" in object) {
      const { records, expiresAt } = object;
      found.push(...records.filter(condition).map((record) => ({ key, expiresAt, record })));
    }
  }
  return found;
}

/** Returns a record's copies that remain in the on-failure destination, with the reasons. */
export function remainingRecords({ record, causes, failedRecords }: PendingRecord): Remaining[] {
  return failedRecords.flatMap(({ key: id, expiresAt }) =>
    remainingAt({ place, id, expiresAt }, record, causes),
  );
}

/**
 * Removes published records from an object, and deletes the object if it has no others.
 *
 * @param published identities of the published records.
 * @returns whether the object was deleted, and `unrecognized` if it is not an invocation record.
 */
export async function removePublishedRecords(
  destination: OnFailureDestination,
  { key }: ListedObject,
  published: ReadonlySet<string>,
): Promise<{ readonly isRemoved: boolean; readonly unrecognized?: Remaining }> {
  const object = await destination.read(key);
  if (object === undefined) {
    return { isRemoved: false };
  }
  const { etag, expiresAt } = object;
  if ("problem" in object) {
    const unrecognized = unrecognizedAt({ place, id: key, expiresAt }, object.problem);
    return { isRemoved: false, unrecognized };
  }
  const rest = object.records.filter((record) => !published.has(identityOf(record)));
  if (rest.length === 0) {
    return { isRemoved: await destination.remove(key, etag) };
  }
  if (rest.length < object.records.length) {
    await destination.replace(key, etag, object.withOnly(rest));
  }
  return { isRemoved: false };
}
