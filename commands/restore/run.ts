import { setTimeout as sleep } from "node:timers/promises";

import { type DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";

import { type Attributes, UnreadableItemError } from "../../functions/store/read-item.ts";
import { type Restore, RestoreOvertakenError } from "./write-items.ts";

/** How far a restore has come. */
export interface Progress {
  /** Items that were put into the table. */
  restored: number;
  /** Items of agents that were forgotten after the backup: their tombstones were put into the table. */
  forgotten: number;
  /** Items that the table has as new, or newer. */
  kept: number;
  /** Items of the table that got the new epoch, and so are published. */
  renewed: number;
  /** Items of the table that had this epoch, or a later one: those that this restore has put there among them. */
  current: number;
  /** Items that could not be, and why. */
  readonly failed: { readonly agent: string; readonly reason: string }[];
}

/** From where to where, and how fast. */
export interface Run {
  readonly client: DynamoDBClient;
  /** Absent where the stage's own table is the restored one. */
  readonly backup: string | undefined;
  readonly table: string;
  readonly restore: Restore;
  /** Items a second. */
  readonly rate: number;
  /** Ends the run after the items at hand. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
}

/** A restore was broken off after this much. */
export class InterruptedError extends Error {
  override readonly name = "InterruptedError";
  readonly progress: Progress;

  constructor(progress: Progress) {
    super("the restore was interrupted");
    this.progress = progress;
  }
}

const SECOND_MS = 1000;

/** Side by side; more would be of no use at these rates. */
const ABREAST = 25;

/** In slices, each of which takes at least as long as the rate gives it. */
async function inPace(
  items: readonly Attributes[],
  { rate, signal }: Run,
  each: (item: Attributes) => Promise<void>,
): Promise<void> {
  const size = Math.min(ABREAST, rate);
  for (let start = 0; start < items.length && !signal.aborted; start += size) {
    const slice = items.slice(start, start + size);
    await Promise.all([...slice.map(each), sleep((slice.length / rate) * SECOND_MS)]);
  }
}

const nameOf = (item: Attributes) =>
  `${item["accountId"]?.S ?? "?"}/${item["availabilityId"]?.S ?? "?"}`;

/**
 * Puts what the backup holds into the table, then gives every item of the table the new epoch. Both are
 * safe to break off and to do again.
 */
export async function runRestore(run: Run): Promise<Progress> {
  const { client, backup, table, restore, signal, onProgress } = run;
  const progress: Progress = {
    restored: 0,
    forgotten: 0,
    kept: 0,
    renewed: 0,
    current: 0,
    failed: [],
  };

  async function guarded(item: Attributes, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof UnreadableItemError || error instanceof RestoreOvertakenError)) {
        throw error;
      }
      progress.failed.push({ agent: nameOf(item), reason: error.message });
    }
  }

  async function throughout(tableName: string, each: (item: Attributes) => Promise<void>) {
    const pages = paginateScan({ client }, { TableName: tableName, ConsistentRead: true });
    for await (const { Items: items = [] } of pages) {
      await inPace(items, run, async (item) => {
        await guarded(item, async () => {
          await each(item);
        });
      });
      onProgress(progress);
      if (signal.aborted) {
        return;
      }
    }
  }

  if (backup !== undefined) {
    await throughout(backup, async (item) => {
      progress[await restore.restore(item)] += 1;
    });
  }
  if (!signal.aborted) {
    await throughout(table, async (item) => {
      const outcome = await restore.renew(item);
      if (outcome !== "nobody") {
        progress[outcome] += 1;
      }
    });
  }
  return progress;
}
