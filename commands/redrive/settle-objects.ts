import type { DynamoDBRecord } from "aws-lambda";

import type { FailedBucket, FailedObject } from "./failed-bucket.ts";
import { type LeftThere, leftOf, strangeAt } from "./left.ts";
import type { Progress } from "./republish.ts";
import { identityOf } from "./stream-record.ts";
import type { FailedRecord, Waiting } from "./waiting.ts";

/** Takes from the bucket, at the end, what is through. */
export function createObjectSettling(bucket: FailedBucket, progress: Progress) {
  const through = new Set<string>();
  const left: LeftThere[] = [];

  const recordsOf = async (
    objects: readonly FailedObject[],
    isWanted: (record: DynamoDBRecord) => boolean,
  ): Promise<FailedRecord[]> => {
    const found: FailedRecord[] = [];
    for (const { key } of objects) {
      const invocation = await bucket.read(key);
      if (invocation && "records" in invocation) {
        const { records, keptUntil } = invocation;
        found.push(...records.filter(isWanted).map((record) => ({ key, keptUntil, record })));
      }
    }
    return found;
  };

  const note = ({ record, failed }: Waiting): void => {
    const reasons = progress.reasonsOf(record);
    for (const { key: id, keptUntil } of failed) {
      left.push(...leftOf({ place: "bucket", id, keptUntil }, record, reasons));
    }
    if (reasons.length === 0) {
      through.add(identityOf(record));
    }
  };

  const finish = async ({ key }: FailedObject): Promise<boolean> => {
    const invocation = await bucket.read(key);
    if (invocation === undefined) {
      // Another run was faster.
      return false;
    }
    const { etag, keptUntil } = invocation;
    if ("problem" in invocation) {
      left.push(strangeAt({ place: "bucket", id: key, keptUntil }, invocation.problem));
      return false;
    }
    const { records } = invocation;
    const rest = records.filter((record) => !through.has(identityOf(record)));
    if (rest.length === 0) {
      return await bucket.remove(key, etag);
    }
    if (rest.length < records.length) {
      await bucket.replace(key, etag, invocation.withOnly(rest));
    }
    return false;
  };

  return {
    /** What stays, and why. */
    left,
    /** Their records, as far as they are wanted. */
    recordsOf,
    /** Takes note of what became of a record. */
    note,
    /** Removes an object of which all is through, or leaves in it what is not. Says whether it removed it. */
    finish,
  };
}
