import type { DynamoDBRecord } from "aws-lambda";

import type { Cause } from "../../functions/publisher/dead-letter.ts";
import { type AgentVersion, versionOf } from "./stream-record.ts";

/** A message of the dead-letter queue, or an object of the on-failure destination. */
export interface Location {
  readonly place: "dead-letter-queue" | "on-failure-destination" | "history-on-failure-destination";
  /** The message's ID, or the object's key. */
  readonly id: string;
  /** When the queue or the bucket deletes it; absent if unknown. */
  readonly expiresAt?: Date | undefined;
}

/** An event or record that remains where it was, and why. */
export interface Remaining extends Partial<AgentVersion> {
  readonly place: Location["place"];
  readonly id: string;
  /** `metadata.id` of the event; absent if it is unknown or the whole record remains. */
  readonly eventId?: string | undefined;
  /** `Unrecognized`, `Pending`, `Blocked`, `NoSuchEvent`, `NotRemoved`, `NotStored`, `InvocationDenied`, `MaybeForgotten`, or the code of a cause. */
  readonly code: string;
  readonly message: string;
  /** ISO 8601 UTC: when the queue or the bucket deletes it; absent if unknown. */
  readonly expiresAt?: string | undefined;
}

/** Returns the reasons that a record remains at a location: one item for each cause. */
export function remainingAt(
  { place, id, expiresAt }: Location,
  record: DynamoDBRecord,
  causes: readonly Cause[],
): Remaining[] {
  return causes.map(({ code, message, eventId }) => ({
    place,
    id,
    ...versionOf(record),
    eventId,
    code,
    message,
    expiresAt: expiresAt?.toISOString(),
  }));
}

/** Returns the remaining message or object that neither the hub nor Lambda wrote. */
export function unrecognizedAt({ place, id, expiresAt }: Location, problem: string): Remaining {
  const code = "Unrecognized";
  return { place, id, code, message: problem, expiresAt: expiresAt?.toISOString() };
}
