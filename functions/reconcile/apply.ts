import { setTimeout as sleep } from "node:timers/promises";

import type { Reconciliation } from "../availability/reconcile.ts";
import { microsecondsOf } from "../availability/time.ts";
import type { ReconcileStore } from "../store/reconcile-store.ts";
import type { ConditionalWrite } from "../store/conditional-write.ts";
import {
  mergeWrite,
  type ReconciledAccount,
  sessionItemWrite,
  userItemWrite,
} from "../store/reconcile-writes.ts";
import { tombstoneWrite } from "../store/tombstone-writes.ts";
import { forEachConcurrently } from "./concurrently.ts";

/** The count to which a write is added. */
export type WriteKind =
  "repaired" | "confirmed" | "created" | "updated" | "session" | "merged" | "forgotten" | "removed";

/** A conditional write, and the kind that it counts as if the item has not changed since it was read. */
export interface CountedWrite {
  readonly kind: WriteKind;
  readonly write: ConditionalWrite;
}

/**
 * Numbers of items written, by kind. `overtaken` counts items that were not written because they had changed since
 * they were read.
 */
export type WriteCounts = Readonly<Record<WriteKind | "overtaken", number>>;

/** Maximum number of writes in flight. */
const CONCURRENCY = 25;

/**
 * Minimum duration of each write in milliseconds, for at most 500 writes a second. All items of an account can be in
 * one partition of the table, which accepts 1,000 writes of up to 1 KB a second. The rest is left to ingest.
 */
const WRITE_PAUSE_MS = 50;

/** Limits the rate of writes. */
export interface ApplyOptions {
  /** Minimum duration of each write in milliseconds. @default 50 */
  readonly writePauseMs?: number | undefined;
}

/**
 * Returns the writes that need no confirmation by Freshdesk. Each write is created just before it is sent, because
 * those of 50,000 agents would not fit into the function's memory.
 */
export function* writesOf(
  { merges, users, sessions, obsoleteItems, forgottenItems }: Reconciliation,
  account: ReconciledAccount,
): Generator<CountedWrite> {
  const microseconds = microsecondsOf(account.receivedAt);
  for (const merge of merges) {
    yield {
      kind: merge.facts === undefined ? "confirmed" : "repaired",
      write: mergeWrite(merge),
    };
  }
  for (const user of users) {
    yield { kind: user.isNew ? "created" : "updated", write: userItemWrite(user, account) };
  }
  for (const session of sessions) {
    yield { kind: "session", write: sessionItemWrite(session, account) };
  }
  for (const item of obsoleteItems) {
    yield { kind: "merged", write: tombstoneWrite(item, { reason: "merged", microseconds }) };
  }
  for (const item of forgottenItems) {
    yield {
      kind: "forgotten",
      write: tombstoneWrite(item, { reason: "forgotten", microseconds }),
    };
  }
}

/** Makes writes, a few at a time, and counts them. */
export async function apply(
  store: ReconcileStore,
  writes: Iterable<CountedWrite>,
  { writePauseMs = WRITE_PAUSE_MS }: ApplyOptions = {},
): Promise<WriteCounts> {
  const counts: Record<WriteKind | "overtaken", number> = {
    repaired: 0,
    confirmed: 0,
    created: 0,
    updated: 0,
    session: 0,
    merged: 0,
    forgotten: 0,
    removed: 0,
    overtaken: 0,
  };
  await forEachConcurrently(writes, CONCURRENCY, async ({ kind, write }) => {
    const [isWritten] = await Promise.all([store.write(write), sleep(writePauseMs)]);
    counts[isWritten ? kind : "overtaken"] += 1;
  });
  return counts;
}
