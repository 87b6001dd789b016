import type { DynamoDBRecord } from "aws-lambda";

import { type HistoryRow, historyRowOf } from "../availability/history.ts";
import type { Transition } from "../availability/typed-event.ts";
import {
  agentKeyOf,
  isForgetting,
  recordedAtOf,
  sequenceNumberOf,
  transitionOf,
  UnreadableRecordError,
} from "../store/outbox-record.ts";
import type { ItemKey } from "../store/item-key.ts";
import { historyPositionOf } from "../store/read-history-item.ts";
import type { ChangePosition, HistoryTable } from "./history-table.ts";

/** Records up to this age arrive in the order of the stream. An older record may have been redriven. */
const MAX_AGE_IN_ORDER_MS = 10 * 60_000;

export interface RecordBatchDependencies {
  readonly table: HistoryTable;
  /** Returns whether an item of the table of agents is the tombstone of a forgotten person. */
  readonly isForgotten: (key: ItemKey) => Promise<boolean>;
}

export interface BatchOutcome {
  storedChanges: number;
  /** Changes of forgotten agents that were deleted or not stored. */
  forgottenChanges: number;
  /** Records that this version cannot parse. The publisher dead-letters them. */
  unreadableRecords: number;
  /** The sequence number of the first record to retry. All later records are retried, too. */
  failedFrom?: string;
  error?: unknown;
}

/** A change that is not stored yet. */
interface PendingChange {
  readonly row: HistoryRow;
  readonly sequenceNumber: string;
}

/** A step of processing a batch: stores changes together, or deletes the changes to a record's item. */
type Step =
  | { readonly kind: "put"; readonly changes: PendingChange[]; readonly keys: Set<string> }
  | { readonly kind: "delete"; readonly record: DynamoDBRecord };

function keyOf({ dynamodb }: DynamoDBRecord) {
  const { accountId, availabilityId } = dynamodb?.Keys ?? {};
  return { accountId: accountId?.S ?? "", availabilityId: availabilityId?.S ?? "" };
}

/** Returns the position of a record's tombstone; `undefined` if its epoch or version is missing or not a number. */
function tombstonePositionOf({ dynamodb }: DynamoDBRecord): ChangePosition | undefined {
  const { epoch, version } = dynamodb?.NewImage ?? {};
  const position = { epoch: Number(epoch?.N), version: Number(version?.N) };
  return Object.values(position).every(Number.isSafeInteger) ? position : undefined;
}

/** Parses a record. Returns `undefined` if this version cannot parse it. */
function parse(record: DynamoDBRecord): Transition | undefined {
  try {
    return transitionOf(record);
  } catch (error) {
    if (error instanceof UnreadableRecordError) {
      return undefined;
    }
    throw error;
  }
}

/** Creates the function that stores the changes in a batch of stream records, in order. */
export function createRecordBatch({ table, isForgotten }: RecordBatchDependencies) {
  async function shouldStore(record: DynamoDBRecord): Promise<boolean> {
    const ageMs = Date.now() - recordedAtOf(record).getTime();
    return ageMs < MAX_AGE_IN_ORDER_MS || !(await isForgotten(keyOf(record)));
  }

  function add(steps: Step[], record: DynamoDBRecord, row: HistoryRow): void {
    const key = `${agentKeyOf(record)} ${historyPositionOf(row)}`;
    const last = steps.at(-1);
    const change = { row, sequenceNumber: sequenceNumberOf(record) };
    // DynamoDB rejects a batch that contains a key twice.
    if (last?.kind === "put" && last.changes.length < table.maxRows && !last.keys.has(key)) {
      last.changes.push(change);
      last.keys.add(key);
    } else {
      steps.push({ kind: "put", changes: [change], keys: new Set([key]) });
    }
  }

  async function plan(records: readonly DynamoDBRecord[], outcome: BatchOutcome): Promise<Step[]> {
    const steps: Step[] = [];
    for (const record of records) {
      if (isForgetting(record)) {
        steps.push({ kind: "delete", record });
        continue;
      }
      const transition = parse(record);
      const row = transition && historyRowOf(transition);
      if (transition === undefined) {
        outcome.unreadableRecords += 1;
      } else if (row !== undefined && (await shouldStore(record))) {
        add(steps, record, row);
      } else if (row !== undefined) {
        outcome.forgottenChanges += 1;
      }
    }
    return steps;
  }

  async function run(step: Step, outcome: BatchOutcome, signal: AbortSignal): Promise<void> {
    if (step.kind === "delete") {
      const { record } = step;
      const last = tombstonePositionOf(record);
      outcome.forgottenChanges += await table.deleteUntil(keyOf(record), last, signal);
      return;
    }
    await table.put(
      step.changes.map(({ row }) => row),
      signal,
    );
    outcome.storedChanges += step.changes.length;
  }

  return async (records: readonly DynamoDBRecord[], signal: AbortSignal): Promise<BatchOutcome> => {
    const outcome: BatchOutcome = { storedChanges: 0, forgottenChanges: 0, unreadableRecords: 0 };
    for (const step of await plan(records, outcome)) {
      try {
        await run(step, outcome, signal);
      } catch (error) {
        const failedFrom =
          step.kind === "delete" ? sequenceNumberOf(step.record) : step.changes[0]?.sequenceNumber;
        return { ...outcome, failedFrom: failedFrom ?? "", error };
      }
    }
    return outcome;
  };
}
