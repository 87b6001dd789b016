import type { DynamoDBRecord } from "aws-lambda";

import { afterInvocation, type Batch, newBatch, splitByAge } from "./batch.ts";
import type { EventSourceMapping } from "./event-source-mapping.ts";
import type { InvocationOutcome } from "./invocation-outcome.ts";

/** Records that are not retried anymore. */
export interface DiscardedBatch {
  readonly records: readonly DynamoDBRecord[];
  readonly condition: "RetryAttemptsExhausted" | "RecordAgeExceeded";
  /** Number of invocations with these records. */
  readonly invocations: number;
}

export interface DeliveryDependencies {
  readonly invoke: (records: readonly DynamoDBRecord[]) => Promise<InvocationOutcome>;
  /** Sends discarded records to the on-failure destination. Resolves when they have arrived. */
  readonly discard: (batch: DiscardedBatch) => Promise<void>;
  /** Waits. Rejects if the driver is being stopped. */
  readonly pause: (milliseconds: number) => Promise<void>;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** AWS does not document its pauses between attempts. These are short, so that a developer need not wait. */
const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 5000;

/** Returns how long to wait after consecutive failures: doubled each time, 0 after none. */
export function pauseAfter(failures: number): number {
  return failures === 0 ? 0 : Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), MAX_PAUSE_MS);
}

/**
 * Delivers records as Lambda does for a stream: in order, and never past a record that has neither succeeded
 * nor been discarded. Rejects only if the pause does.
 */
export async function deliver(
  records: readonly DynamoDBRecord[],
  mapping: EventSourceMapping,
  { invoke, discard, pause, now }: DeliveryDependencies,
): Promise<void> {
  let pending: readonly Batch[] = [newBatch(records)];
  for (;;) {
    const [first, ...later] = pending;
    if (first === undefined) {
      return;
    }
    const { old, rest } = splitByAge(first, mapping, now());
    if (old.length > 0) {
      const { invocations } = first;
      await discard({ records: old, condition: "RecordAgeExceeded", invocations });
    }
    if (rest.records.length === 0) {
      pending = later;
      continue;
    }
    const next = afterInvocation(rest, await invoke(rest.records), mapping);
    if (next.kind === "discard") {
      const { records: failed, invocations } = next.batch;
      await discard({ records: failed, condition: "RetryAttemptsExhausted", invocations });
      pending = later;
    } else {
      pending = [...next.batches, ...later];
      await pause(pauseAfter(next.batches[0]?.failures ?? 0));
    }
  }
}
