import type { DynamoDBRecord } from "aws-lambda";

import { agentOf } from "../../functions/publisher/outbox-record.ts";
import type { SetAsideMessage } from "./set-aside-queue.ts";
import { compareVersions, identityOf } from "./stream-record.ts";

/** A record of a batch that lies in the bucket. */
export interface FailedRecord {
  readonly key: string;
  readonly keptUntil: Date | undefined;
  readonly record: DynamoDBRecord;
}

/** A record that waits to be published, with all the places where it was put aside. */
export interface Waiting {
  readonly record: DynamoDBRecord;
  /** `metadata.id` of those of its events that wait; absent where all do. */
  readonly eventIds: ReadonlySet<string> | undefined;
  /** Whether names or e-mail addresses, left out of the record, differed. */
  readonly profileChanged: boolean;
  readonly messages: readonly SetAsideMessage[];
  readonly failed: readonly FailedRecord[];
}

function waitingOf(
  messages: readonly SetAsideMessage[],
  failed: readonly FailedRecord[],
): Waiting | undefined {
  // In the bucket a record is whole; from the queue's, names and e-mail addresses may be missing.
  const record = failed[0]?.record ?? messages[0]?.record;
  const ids = messages.map(({ cause }) => cause.eventId);
  const known = ids.filter((id) => id !== undefined);
  const isPartial = failed.length === 0 && known.length === ids.length;
  return (
    record && {
      record,
      eventIds: isPartial ? new Set(known) : undefined,
      profileChanged: failed.length === 0 && messages.some((message) => message.profileChanged),
      messages,
      failed,
    }
  );
}

/**
 * Brings together what was put aside of the same record: a message for each event that was refused,
 * any of them twice, and perhaps its batch in the bucket.
 */
export function gather(
  messages: readonly SetAsideMessage[],
  failed: readonly FailedRecord[],
): Waiting[] {
  const messagesOf = Map.groupBy(messages, ({ record }) => identityOf(record));
  const failedOf = Map.groupBy(failed, ({ record }) => identityOf(record));
  return [...new Set([...messagesOf.keys(), ...failedOf.keys()])].flatMap(
    (identity) => waitingOf(messagesOf.get(identity) ?? [], failedOf.get(identity) ?? []) ?? [],
  );
}

/** Agents side by side, each agent's versions in order: all first ones, then all second ones. */
export function inTurn(waiting: readonly Waiting[]): Waiting[] {
  const agents = Map.groupBy(waiting, ({ record }) => agentOf(record));
  const turns: Waiting[][] = [];
  for (const ofAgent of agents.values()) {
    const sorted = ofAgent.toSorted((a, b) => compareVersions(a.record, b.record));
    for (const [turn, each] of sorted.entries()) {
      (turns[turn] ??= []).push(each);
    }
  }
  return turns.flat();
}
