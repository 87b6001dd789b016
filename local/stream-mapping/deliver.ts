import type { DynamoDBRecord } from "aws-lambda";

import { afterCall, type Batch, newBatch, splitByAge } from "./batch.ts";
import type { Mapping } from "./mapping.ts";
import type { Outcome } from "./outcome.ts";

/** Records that are given up, why, and after how many calls of the function. */
export interface GivenUp {
  readonly records: readonly DynamoDBRecord[];
  readonly condition: "RetryAttemptsExhausted" | "RecordAgeExceeded";
  readonly calls: number;
}

/** What delivering needs of the outside world. */
export interface Surroundings {
  /** Calls the function with a batch. */
  readonly call: (records: readonly DynamoDBRecord[]) => Promise<Outcome>;
  /** Puts what is given up where the mapping says; resolves when it is there. */
  readonly giveUp: (givenUp: GivenUp) => Promise<void>;
  /** Waits; rejects when the driver is being stopped. */
  readonly pause: (milliseconds: number) => Promise<void>;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/**
 * Pauses between tries, in milliseconds, doubled each time. AWS does not say how long its own are; here
 * nobody should have to wait to see a record come again.
 */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5000;

/** How long to wait after so many failures in a row; not at all after none. */
export function pauseAfter(failures: number): number {
  return failures === 0 ? 0 : Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), LONGEST_PAUSE_MS);
}

/**
 * Delivers records as Lambda does it for a stream: in order, and never past a record that the function
 * has not taken and the mapping does not give up. Rejects only when the pause does.
 */
export async function deliver(
  records: readonly DynamoDBRecord[],
  mapping: Mapping,
  { call, giveUp, pause, now }: Surroundings,
): Promise<void> {
  let waiting: readonly Batch[] = [newBatch(records)];
  for (;;) {
    const [first, ...later] = waiting;
    if (first === undefined) {
      return;
    }
    const { old, rest } = splitByAge(first, mapping, now());
    if (old.length > 0) {
      await giveUp({ records: old, condition: "RecordAgeExceeded", calls: first.calls });
    }
    if (rest.records.length === 0) {
      waiting = later;
      continue;
    }
    const next = afterCall(rest, await call(rest.records), mapping);
    if (next.kind === "give up") {
      const { records: lost, calls } = next.batch;
      await giveUp({ records: lost, condition: "RetryAttemptsExhausted", calls });
      waiting = later;
    } else {
      waiting = [...next.batches, ...later];
      await pause(pauseAfter(next.batches[0]?.failures ?? 0));
    }
  }
}
