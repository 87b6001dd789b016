import type { DynamoDBRecord } from "aws-lambda";

import type { Cause } from "../../functions/publisher/dead-letter.ts";
import {
  isForgetting,
  recordedAtOf,
  transitionOf,
  UnreadableRecordError,
} from "../../functions/store/outbox-record.ts";
import type { AuditEntry } from "../shared/audit-log.ts";
import { createForgottenCheck } from "../shared/forgotten-agents.ts";
import type { ListedObject, OnFailureDestination } from "./on-failure-destination.ts";
import { type Remaining, remainingAt, unrecognizedAt } from "./remaining.ts";
import type { StoreInHistory, StoreOutcome } from "./store-in-history.ts";
import { versionOf } from "./stream-record.ts";

/** The command stops after this many consecutive objects without a stored record. Another run continues. */
const MAX_FAILED_OBJECTS = 4;

/** Codes of records that the history function did not store. */
const NOT_STORED: ReadonlySet<string> = new Set(["NotStored", "InvocationDenied"]);

const place = "history-on-failure-destination";

export interface HistoryDependencies {
  readonly destination: OnFailureDestination;
  readonly store: StoreInHistory;
  readonly readForgetEntries: () => Promise<readonly AuditEntry[]>;
}

/** The objects in the history's on-failure destination, and the agents who were forgotten. */
export interface HistoryFailures {
  readonly objects: readonly ListedObject[];
  /** Audit entries of `agent forget`. They are read only if there are objects; otherwise the list is empty. */
  readonly forgetEntries: readonly AuditEntry[];
}

/** The outcome of redriving the history's on-failure destination. */
export interface HistoryReport {
  readonly found: number;
  /** Number of records that the history function has stored. */
  readonly stored: number;
  /** Number of records that were skipped, because their agent was forgotten after them. */
  readonly forgotten: number;
  readonly removed: number;
}

type ObjectResult = Omit<HistoryReport, "found"> & { readonly remaining: readonly Remaining[] };

const EMPTY_RESULT: ObjectResult = { stored: 0, forgotten: 0, removed: 0, remaining: [] };

/**
 * Returns the reason that this version of the hub cannot parse a record; `undefined` if it can, or if parsing
 * is not needed.
 */
function unreadableCause(record: DynamoDBRecord): Cause | undefined {
  try {
    if (!isForgetting(record)) {
      transitionOf(record);
    }
    return undefined;
  } catch (error) {
    if (error instanceof UnreadableRecordError) {
      return { code: "UnreadableRecord", message: error.message };
    }
    throw error;
  }
}

/** Returns the reason that each record remains; `undefined` if it was stored. */
function causesOf(records: readonly DynamoDBRecord[], { stored, cause }: StoreOutcome) {
  return records.map((record, index) => (index < stored ? unreadableCause(record) : cause));
}

/** Whether an agent was forgotten after a record; `maybe` if `agent forget` failed or has no recorded outcome. */
type ForgottenAfter = "yes" | "maybe" | "no";

const MAYBE_FORGOTTEN: Cause = {
  code: "MaybeForgotten",
  message: "agent forget failed or has no recorded outcome",
};

/** Passes the records of an object to the history function, and removes the object if all are stored. */
async function redriveObject(
  { destination, store }: HistoryDependencies,
  { key: id }: ListedObject,
  forgottenAfter: (record: DynamoDBRecord) => ForgottenAfter,
): Promise<ObjectResult> {
  const object = await destination.read(id);
  if (object === undefined) {
    return EMPTY_RESULT;
  }
  const location = { place, id, expiresAt: object.expiresAt } as const;
  if ("problem" in object) {
    return { ...EMPTY_RESULT, remaining: [unrecognizedAt(location, object.problem)] };
  }
  const {
    no: records = [],
    maybe: doubtful = [],
    yes: forgotten = [],
  } = Object.groupBy(object.records, forgottenAfter);
  const outcome = records.length === 0 ? { stored: 0 } : await store(records);
  const causes = causesOf(records, outcome);
  const remaining = [
    ...records.flatMap((record, index) => {
      const cause = causes[index];
      return cause ? remainingAt(location, record, [cause]) : [];
    }),
    ...doubtful.flatMap((record) => remainingAt(location, record, [MAYBE_FORGOTTEN])),
  ];
  const isRemoved = remaining.length === 0 && (await destination.remove(id, object.etag));
  return {
    stored: outcome.stored,
    forgotten: forgotten.length,
    removed: Number(isRemoved),
    remaining,
  };
}

/** Returns whether an agent was forgotten after a record. The record of the tombstone itself does not count. */
function createForgottenAfter(entries: readonly AuditEntry[]) {
  const done = new Set(entries.flatMap(({ id, outcome }) => (outcome === "done" ? [id] : [])));
  const isForgotten = createForgottenCheck(entries.filter(({ id }) => done.has(id)));
  const mayBeForgotten = createForgottenCheck(entries);
  return (record: DynamoDBRecord): ForgottenAfter => {
    const state = { ...versionOf(record), receivedAt: recordedAtOf(record).toISOString() };
    if (isForgetting(record) || !mayBeForgotten(state)) {
      return "no";
    }
    return isForgotten(state) ? "yes" : "maybe";
  };
}

/** Finds the history's failed records, and the agents who were forgotten. Changes nothing. */
export async function findHistoryFailures({
  destination,
  readForgetEntries,
}: HistoryDependencies): Promise<HistoryFailures> {
  const objects = await destination.list();
  return { objects, forgetEntries: objects.length === 0 ? [] : await readForgetEntries() };
}

/**
 * Stores the records in the history's on-failure destination, and removes each object whose records are all stored.
 *
 * Records of an agent from before `agent forget` are left out. The history function itself leaves them out only as
 * long as the agent has not been created again. If it is unknown whether the agent was forgotten, they remain.
 */
export async function redriveHistory(
  dependencies: HistoryDependencies,
  { objects, forgetEntries }: HistoryFailures,
  {
    signal,
    onStored,
  }: { readonly signal: AbortSignal; readonly onStored: (records: number) => void },
): Promise<HistoryReport & { readonly remaining: readonly Remaining[] }> {
  const total = { found: objects.length, stored: 0, forgotten: 0, removed: 0 };
  const remaining: Remaining[] = [];
  const forgottenAfter = createForgottenAfter(forgetEntries);
  let failedObjects = 0;
  for (const object of objects) {
    if (signal.aborted) {
      break;
    }
    if (failedObjects === MAX_FAILED_OBJECTS) {
      remaining.push({ place, id: object.key, code: "Pending", message: "not attempted yet" });
      continue;
    }
    const result = await redriveObject(dependencies, object, forgottenAfter);
    total.stored += result.stored;
    total.forgotten += result.forgotten;
    total.removed += result.removed;
    remaining.push(...result.remaining);
    const isFailed =
      result.stored === 0 && result.remaining.some(({ code }) => NOT_STORED.has(code));
    failedObjects = isFailed ? failedObjects + 1 : 0;
    onStored(total.stored);
  }
  return { ...total, remaining };
}
