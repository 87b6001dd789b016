import type { DynamoDBRecord } from "aws-lambda";

import type { EventSourceMapping } from "./event-source-mapping.ts";
import type { InvocationOutcome } from "./invocation-outcome.ts";

/** Records that are passed to the function together, and their previous attempts. */
export interface Batch {
  readonly records: readonly DynamoDBRecord[];
  /** Failed attempts since its first record became the first. */
  readonly attempts: number;
  readonly invocations: number;
  /** Consecutive failures, including requests that did not invoke the function. The pause grows with them. */
  readonly failures: number;
}

/** The step after an invocation. */
export type NextStep =
  /** These batches replace the batch, in order; none if it is done. */
  | { readonly kind: "continue"; readonly batches: readonly Batch[] }
  | { readonly kind: "discard"; readonly batch: Batch };

/** Returns a batch with which the function has not been invoked. */
export function newBatch(records: readonly DynamoDBRecord[]): Batch {
  return { records, attempts: 0, invocations: 0, failures: 0 };
}

function continueWith(...batches: readonly Batch[]): NextStep {
  return { kind: "continue", batches };
}

function afterFailedAttempt(batch: Batch, { maximumRetryAttempts }: EventSourceMapping): NextStep {
  const { attempts, failures } = batch;
  const attempted = { ...batch, attempts: attempts + 1, failures: failures + 1 };
  return maximumRetryAttempts >= 0 && attempted.attempts > maximumRetryAttempts
    ? { kind: "discard", batch: attempted }
    : continueWith(attempted);
}

function afterFailure(batch: Batch, mapping: EventSourceMapping): NextStep {
  const { records, invocations } = batch;
  if (!mapping.bisect || records.length === 1) {
    return afterFailedAttempt(batch, mapping);
  }
  const middle = Math.ceil(records.length / 2);
  return continueWith(
    { ...newBatch(records.slice(0, middle)), invocations, failures: 1 },
    { ...newBatch(records.slice(middle)), invocations },
  );
}

function afterPartialFailure(
  batch: Batch,
  failedAt: number,
  mapping: EventSourceMapping,
): NextStep {
  const { records, invocations } = batch;
  return failedAt === 0
    ? afterFailedAttempt(batch, mapping)
    : continueWith({ ...newBatch(records.slice(failedAt)), invocations, failures: 1 });
}

/**
 * Returns what follows an invocation, as AWS documents it. Bisecting does not count as an attempt.
 *
 * Assumption: attempts are counted from 0 again if another record becomes the first. AWS does not document it.
 */
export function afterInvocation(
  before: Batch,
  outcome: InvocationOutcome,
  mapping: EventSourceMapping,
): NextStep {
  const batch = { ...before, invocations: before.invocations + 1 };
  if (outcome.kind === "not invoked") {
    return continueWith({ ...before, failures: before.failures + 1 });
  }
  if (outcome.kind === "succeeded") {
    return continueWith();
  }
  return outcome.kind === "partially failed"
    ? afterPartialFailure(batch, outcome.failedAt, mapping)
    : afterFailure(batch, mapping);
}

/** Splits off the records at the head of a batch that exceed the mapping's maximum age. */
export function splitByAge(
  batch: Batch,
  { maximumRecordAge }: EventSourceMapping,
  now: number,
): { readonly old: readonly DynamoDBRecord[]; readonly rest: Batch } {
  const isOld = ({ dynamodb }: DynamoDBRecord) => {
    const createdAt = dynamodb?.ApproximateCreationDateTime ?? now / 1000;
    return maximumRecordAge >= 0 && now / 1000 - createdAt > maximumRecordAge;
  };
  const firstRecent = batch.records.findIndex((record) => !isOld(record));
  const count = firstRecent === -1 ? batch.records.length : firstRecent;
  return count === 0
    ? { old: [], rest: batch }
    : {
        old: batch.records.slice(0, count),
        rest: { ...batch, records: batch.records.slice(count), attempts: 0 },
      };
}
