import type { DynamoDBRecord } from "aws-lambda";

import type { Mapping } from "./mapping.ts";
import type { Outcome } from "./outcome.ts";

/** Why records were given up. */
export type Condition = "RetryAttemptsExhausted" | "RecordAgeExceeded";

/** What delivering needs of the outside world. */
export interface Surroundings {
  /** Calls the function with a batch. */
  readonly call: (records: readonly DynamoDBRecord[]) => Promise<Outcome>;
  /** Puts what is given up where the mapping says; tried until it succeeds. */
  readonly giveUp: (
    records: readonly DynamoDBRecord[],
    condition: Condition,
    calls: number,
  ) => Promise<void>;
  /** Waits; rejects when the driver is being stopped. */
  readonly pause: (milliseconds: number) => Promise<void>;
  readonly now: () => number;
}

/**
 * Pauses between tries, in milliseconds. AWS's grow as well, from about a second; here nobody should
 * have to wait to see a record come again.
 */
const FIRST_PAUSE_MS = 100;
const MOST_PAUSE_MS = 2000;

function pauseAfter(failures: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** failures, MOST_PAUSE_MS);
}

/** Whether a record is older than the mapping wants to carry. */
function isOld({ dynamodb }: DynamoDBRecord, { maximumRecordAge }: Mapping, now: number): boolean {
  const age = now / 1000 - (dynamodb?.ApproximateCreationDateTime ?? now / 1000);
  return maximumRecordAge >= 0 && age > maximumRecordAge;
}

/**
 * Delivers a batch as Lambda does it for a stream: in order, and never past a record that was neither
 * taken by the function nor given up.
 *
 * Two points are assumptions, since AWS's documentation is silent on them: an identifier of no record of
 * the batch fails the whole batch, and the count of tries starts anew when the checkpoint moves.
 */
export async function deliver(
  batch: readonly DynamoDBRecord[],
  mapping: Mapping,
  surroundings: Surroundings,
): Promise<void> {
  const { call, giveUp, pause, now } = surroundings;
  let left = batch;
  let tries = 0;
  let failures = 0;
  let calls = 0;

  /** Gives up what is older than the mapping wants to carry. */
  async function giveUpOld(): Promise<void> {
    const old = left.findIndex((record) => !isOld(record, mapping, now()));
    const count = old === -1 ? left.length : old;
    if (count > 0) {
      await giveUp(left.slice(0, count), "RecordAgeExceeded", calls);
      [left, tries] = [left.slice(count), 0];
    }
  }

  async function wholeFailed(): Promise<"halved" | "again"> {
    if (mapping.bisect && left.length > 1) {
      const middle = Math.ceil(left.length / 2);
      await pause(pauseAfter(failures));
      await deliver(left.slice(0, middle), mapping, surroundings);
      await deliver(left.slice(middle), mapping, surroundings);
      return "halved";
    }
    tries += 1;
    if (mapping.maximumRetryAttempts >= 0 && tries > mapping.maximumRetryAttempts) {
      await giveUp(left, "RetryAttemptsExhausted", calls);
      return "halved";
    }
    return "again";
  }

  while (left.length > 0) {
    await giveUpOld();
    if (left.length === 0) {
      return;
    }
    const outcome = await call(left);
    if (outcome.kind === "done") {
      return;
    }
    if (outcome.kind === "failed") {
      calls += 1;
      if (outcome.from > 0 && mapping.partialFailures) {
        [left, tries] = [left.slice(outcome.from), 0];
      } else if ((await wholeFailed()) === "halved") {
        return;
      }
    }
    await pause(pauseAfter(failures));
    failures += 1;
  }
}
