import type { DynamoDBRecord } from "aws-lambda";

import type { Cause } from "../../functions/publisher/set-aside.ts";
import { type Version, versionOf } from "./stream-record.ts";

/** Something that still lies where it lay, and why. */
export interface LeftThere extends Partial<Version> {
  readonly place: "queue" | "bucket";
  /** The message's id, or the object's key. */
  readonly id: string;
  /** `metadata.id` of the event; absent when it is not known, or all of the record's are meant. */
  readonly eventId?: string | undefined;
  /** `Unintelligible`, `NotTried`, `Waits`, `NotMade`, `NotRemoved`, or a code as in a cause. */
  readonly code: string;
  readonly message: string;
  /** ISO 8601 UTC: when the queue, or the bucket, itself removes it. */
  readonly keptUntil?: string | undefined;
}

interface Where extends Pick<LeftThere, "place" | "id"> {
  readonly keptUntil: Date | undefined;
}

/** Reports reasons for which a record is left. */
export function leftOf(
  { place, id, keptUntil }: Where,
  record: DynamoDBRecord,
  reasons: readonly Cause[],
): LeftThere[] {
  return reasons.map(({ code, message, eventId }) => ({
    place,
    id,
    ...versionOf(record),
    eventId,
    code,
    message,
    keptUntil: keptUntil?.toISOString(),
  }));
}

/** Reports something that is not what is put there. */
export function strangeAt({ place, id, keptUntil }: Where, message: string): LeftThere {
  return { place, id, code: "Unintelligible", message, keptUntil: keptUntil?.toISOString() };
}
