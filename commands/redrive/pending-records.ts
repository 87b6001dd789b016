import type { DynamoDBRecord } from "aws-lambda";

import type { Cause } from "../../functions/publisher/dead-letter.ts";
import type { PublishRequest } from "../../functions/publisher/delivery.ts";
import { agentKeyOf } from "../../functions/store/outbox-record.ts";
import type { DeadLetterMessage } from "./dead-letter-queue.ts";
import { compareVersions, identityOf } from "./stream-record.ts";

/** A record in an object of the on-failure destination. */
export interface FailedRecord {
  readonly key: string;
  /** When the bucket deletes the object; absent if unknown. */
  readonly expiresAt: Date | undefined;
  readonly record: DynamoDBRecord;
}

/** A record to redrive, with all its copies and the result so far. */
export interface PendingRecord extends PublishRequest {
  readonly shouldPublish: (eventId: string) => boolean;
  readonly profileChanged: boolean;
  readonly messages: readonly DeadLetterMessage[];
  readonly failedRecords: readonly FailedRecord[];
  /** `metadata.id` of the events that the bus has accepted. */
  readonly published: Set<string>;
  /** Why events of the record are not published; empty once all of them are. */
  causes: readonly Cause[];
}

const notAttemptedCause: Cause = { code: "Pending", message: "not attempted yet" };

function pendingRecord(
  messages: readonly DeadLetterMessage[],
  failedRecords: readonly FailedRecord[],
): PendingRecord | undefined {
  // The on-failure destination has the complete record. The queue's may lack names and email addresses.
  const record = failedRecords[0]?.record ?? messages[0]?.record;
  const eventIds = new Set(messages.map(({ cause }) => cause.eventId));
  const isWholeRecord = failedRecords.length > 0 || eventIds.has(undefined);
  const published = new Set<string>();
  return (
    record && {
      record,
      shouldPublish: (id) => !published.has(id) && (isWholeRecord || eventIds.has(id)),
      profileChanged:
        failedRecords.length === 0 && messages.some((message) => message.profileChanged),
      messages,
      failedRecords,
      published,
      causes: [notAttemptedCause],
    }
  );
}

/**
 * Groups all copies by record: there is a message for each rejected event, there may be duplicates, and the
 * on-failure destination may have the record too.
 */
export function groupByRecord(
  messages: readonly DeadLetterMessage[],
  failedRecords: readonly FailedRecord[],
): PendingRecord[] {
  const messagesOf = Map.groupBy(messages, ({ record }) => identityOf(record));
  const failedOf = Map.groupBy(failedRecords, ({ record }) => identityOf(record));
  return [...new Set([...messagesOf.keys(), ...failedOf.keys()])].flatMap(
    (identity) => pendingRecord(messagesOf.get(identity) ?? [], failedOf.get(identity) ?? []) ?? [],
  );
}

/** Sorts records for publishing: first the oldest record of every agent, then the second oldest, and so on. */
export function inPublishingOrder(records: readonly PendingRecord[]): PendingRecord[] {
  const agents = Map.groupBy(records, ({ record }) => agentKeyOf(record));
  const rounds: PendingRecord[][] = [];
  for (const agentRecords of agents.values()) {
    const sorted = agentRecords.toSorted((a, b) => compareVersions(a.record, b.record));
    for (const [round, each] of sorted.entries()) {
      (rounds[round] ??= []).push(each);
    }
  }
  return rounds.flat();
}
