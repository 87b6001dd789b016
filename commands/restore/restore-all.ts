import { setTimeout as sleep } from "node:timers/promises";

import { type DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";

import { OvertakenError } from "../../functions/store/item-changes.ts";
import { type Attributes, UnreadableItemError } from "../../functions/store/read-item.ts";
import type { ItemWrites } from "./item-writes.ts";

export interface Progress {
  /** Items of the backup that were written to the table. */
  restored: number;
  /** Items of the backup whose agents were forgotten later: a tombstone was written to the table. */
  forgotten: number;
  /** Items of the backup that the table has in the same or a newer state. */
  kept: number;
  /** Items of the table that got the new epoch and are therefore published. */
  republished: number;
  /** Items of the table that already had this epoch or a later one, including those restored. */
  current: number;
  /** Items that failed, and why. */
  readonly failed: { readonly agent: string; readonly reason: string }[];
}

interface RestoreRun {
  readonly client: DynamoDBClient;
  /** Absent if the current state is only republished. */
  readonly backup: string | undefined;
  readonly table: string;
  readonly writes: ItemWrites;
  /** Items per second. */
  readonly rate: number;
  /** Interrupts the restore after the items in progress. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

/** The restore was interrupted after this progress. */
export class InterruptedError extends Error {
  override readonly name = "InterruptedError";
  readonly progress: Progress;

  constructor(progress: Progress) {
    super("the restore was interrupted");
    this.progress = progress;
  }
}

const SECOND_MS = 1000;

/** Higher concurrency does not help at these rates. */
const MAX_CONCURRENCY = 25;

/** Processes items in slices, each of which takes at least as long as the rate allows. */
async function processAtRate(
  items: readonly Attributes[],
  { rate, signal }: RestoreRun,
  process: (item: Attributes) => Promise<void>,
): Promise<void> {
  const size = Math.min(MAX_CONCURRENCY, rate);
  for (let start = 0; start < items.length && !signal.aborted; start += size) {
    const slice = items.slice(start, start + size);
    await Promise.all([...slice.map(process), sleep((slice.length / rate) * SECOND_MS)]);
  }
}

const nameOf = (item: Attributes) =>
  `${item["accountId"]?.S ?? "?"}/${item["availabilityId"]?.S ?? "?"}`;

/**
 * Writes the items of the backup to the table, then gives every item of the table the new epoch. Both steps
 * can be interrupted and repeated.
 *
 * @throws InterruptedError
 */
export async function restoreAll(run: RestoreRun): Promise<Progress> {
  const { client, backup, table, writes, signal, onProgress } = run;
  const progress: Progress = {
    restored: 0,
    forgotten: 0,
    kept: 0,
    republished: 0,
    current: 0,
    failed: [],
  };

  async function recordFailure(item: Attributes, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof UnreadableItemError || error instanceof OvertakenError)) {
        throw error;
      }
      progress.failed.push({ agent: nameOf(item), reason: error.message });
    }
  }

  async function forEachItem(tableName: string, work: (item: Attributes) => Promise<void>) {
    const pages = paginateScan({ client }, { TableName: tableName, ConsistentRead: true });
    for await (const { Items: items = [] } of pages) {
      await processAtRate(items, run, async (item) => {
        await recordFailure(item, async () => {
          await work(item);
        });
      });
      onProgress(progress);
      if (signal.aborted) {
        throw new InterruptedError(progress);
      }
    }
  }

  if (backup !== undefined) {
    await forEachItem(backup, async (item) => {
      progress[await writes.restore(item)] += 1;
    });
  }
  await forEachItem(table, async (item) => {
    const outcome = await writes.republish(item);
    if (outcome !== "tombstone") {
      progress[outcome] += 1;
    }
  });
  return progress;
}
