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

/** What a write is counted as. */
export type WriteKind =
  "repaired" | "confirmed" | "created" | "updated" | "session" | "merged" | "forgotten" | "removed";

/** A conditional write, and what it is counted as if the item was still as it was read. */
export interface CountedWrite {
  readonly kind: WriteKind;
  readonly write: ConditionalWrite;
}

/** Numbers of writes by kind; `overtaken` are those whose item had changed since it was read. */
export type WriteCounts = Readonly<Record<WriteKind | "overtaken", number>>;

/** Writes in flight at the same time. */
const CONCURRENCY = 25;

/**
 * Milliseconds that each write takes at least: at most 500 writes a second. All items of an account can be in one
 * partition of the table, which accepts 1,000 writes of up to 1 KB a second. The rest is left to ingest.
 */
const WRITE_PAUSE_MS = 50;

/** How fast writes are made. */
export interface ApplyOptions {
  /** Milliseconds that each write takes at least. @default 50 */
  readonly writePauseMs?: number | undefined;
}

/** Returns the writes that need no confirmation by Freshdesk. */
export function writesOf(
  { merges, users, sessions, obsolete, forgotten }: Reconciliation,
  account: ReconciledAccount,
): readonly CountedWrite[] {
  const microseconds = microsecondsOf(account.receivedAt);
  return [
    ...merges.map((merge) => ({
      kind: merge.facts === undefined ? ("confirmed" as const) : ("repaired" as const),
      write: mergeWrite(merge),
    })),
    ...users.map((user) => ({
      kind: user.isNew ? ("created" as const) : ("updated" as const),
      write: userItemWrite(user, account),
    })),
    ...sessions.map((session) => ({
      kind: "session" as const,
      write: sessionItemWrite(session, account),
    })),
    ...obsolete.map((item) => ({
      kind: "merged" as const,
      write: tombstoneWrite(item, { because: "merged", microseconds }),
    })),
    ...forgotten.map((item) => ({
      kind: "forgotten" as const,
      write: tombstoneWrite(item, { because: "forgotten", microseconds }),
    })),
  ];
}

/** Makes writes, a few at a time, and counts them. */
export async function apply(
  store: ReconcileStore,
  writes: readonly CountedWrite[],
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
