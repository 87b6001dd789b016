import type { DynamoDBRecord } from "aws-lambda";

import type { Mapping } from "./mapping.ts";
import type { Outcome } from "./outcome.ts";

/** Records that the function is called with together, and what came of it so far. */
export interface Batch {
  readonly records: readonly DynamoDBRecord[];
  /** Failed tries since its first record became the first. */
  readonly tries: number;
  /** Calls of the function. */
  readonly calls: number;
  /** What failed in a row, calls that could not be made included: the pause grows by it. */
  readonly failures: number;
}

/** What becomes of a batch after a call. */
export type Next =
  /** These take its place, in order; none when it is done. */
  | { readonly kind: "go on"; readonly batches: readonly Batch[] }
  | { readonly kind: "give up"; readonly batch: Batch };

/** A batch that the function has not been called with. */
export function newBatch(records: readonly DynamoDBRecord[]): Batch {
  return { records, tries: 0, calls: 0, failures: 0 };
}

function goOn(...batches: readonly Batch[]): Next {
  return { kind: "go on", batches };
}

function triedInVain(batch: Batch, { maximumRetryAttempts }: Mapping): Next {
  const tried = { ...batch, tries: batch.tries + 1, failures: batch.failures + 1 };
  return maximumRetryAttempts >= 0 && tried.tries > maximumRetryAttempts
    ? { kind: "give up", batch: tried }
    : goOn(tried);
}

function failed(batch: Batch, mapping: Mapping): Next {
  const { records, calls } = batch;
  if (!mapping.bisect || records.length === 1) {
    return triedInVain(batch, mapping);
  }
  const middle = Math.ceil(records.length / 2);
  return goOn(
    { ...newBatch(records.slice(0, middle)), calls, failures: 1 },
    { ...newBatch(records.slice(middle)), calls },
  );
}

function partlyDone(batch: Batch, failedAt: number, mapping: Mapping): Next {
  return failedAt === 0
    ? triedInVain(batch, mapping)
    : goOn({ ...newBatch(batch.records.slice(failedAt)), calls: batch.calls, failures: 1 });
}

/**
 * What Lambda's documentation says becomes of a batch after a call. Halving is not counted as a try.
 *
 * Assumed, since the documentation is silent: the count of tries starts anew when the first record is
 * another one.
 */
export function afterCall(before: Batch, outcome: Outcome, mapping: Mapping): Next {
  if (outcome.kind === "not called") {
    return goOn({ ...before, failures: before.failures + 1 });
  }
  if (outcome.kind === "done") {
    return goOn();
  }
  const batch = { ...before, calls: before.calls + 1 };
  return outcome.kind === "partly done"
    ? partlyDone(batch, outcome.failedAt, mapping)
    : failed(batch, mapping);
}

/** Splits off the records at its head that are older than the mapping wants to carry. */
export function splitByAge(
  batch: Batch,
  { maximumRecordAge }: Mapping,
  now: number,
): { readonly old: readonly DynamoDBRecord[]; readonly rest: Batch } {
  const isOld = ({ dynamodb }: DynamoDBRecord) => {
    const bornAt = dynamodb?.ApproximateCreationDateTime ?? now / 1000;
    return maximumRecordAge >= 0 && now / 1000 - bornAt > maximumRecordAge;
  };
  const firstYoung = batch.records.findIndex((record) => !isOld(record));
  const count = firstYoung === -1 ? batch.records.length : firstYoung;
  return count === 0
    ? { old: [], rest: batch }
    : {
        old: batch.records.slice(0, count),
        rest: { ...batch, records: batch.records.slice(count), tries: 0 },
      };
}
