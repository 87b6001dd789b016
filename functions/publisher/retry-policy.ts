import type { DynamoDBRecord } from "aws-lambda";

import type { Rejection } from "../bus/event-bus.ts";
import { recordedAtOf } from "../store/outbox-record.ts";

/** EventBridge's codes for entries that it will never accept. Any other rejection may be temporary. */
const PERMANENT_CODES = new Set(["MalformedDetail", "InvalidArgument"]);

/**
 * Age of a record from which an entry is dead-lettered if the bus rejects it but accepts another one.
 * Otherwise one agent would block its whole shard.
 */
const DEAD_LETTER_AFTER_MS = 15 * 60_000;

/** A second attempt in the same invocation avoids most of the duplicates that a reported failure would cause. */
const MAX_ATTEMPTS = 2;

/** Attempts for a record that is old enough to be dead-lettered: a bus that recovers still rejects entries at random. */
const MAX_ATTEMPTS_IF_OLD = 4;

const FIRST_PAUSE_MS = 100;

/** Returns whether EventBridge will never accept an entry. */
export function isPermanent({ code }: Rejection): boolean {
  return PERMANENT_CODES.has(code);
}

/** Returns how long to wait after a number of attempts, in milliseconds. */
export function pauseMs(attempts: number): number {
  return FIRST_PAUSE_MS * 2 ** (attempts - 1);
}

/**
 * Creates the retry policy within one invocation.
 *
 * @param deadLetterAfterMs age of a record from which its rejected entries are dead-lettered.
 */
export function createRetryPolicy(deadLetterAfterMs = DEAD_LETTER_AFTER_MS) {
  const isOld = (record: DynamoDBRecord): boolean =>
    Date.now() - recordedAtOf(record).getTime() > deadLetterAfterMs;
  return {
    /** Returns whether a record's rejected entries are dead-lettered if the bus accepts others. */
    isOld,
    /** Returns the maximum number of attempts for a record's entries. */
    maxAttempts: (record: DynamoDBRecord): number =>
      isOld(record) ? MAX_ATTEMPTS_IF_OLD : MAX_ATTEMPTS,
  };
}
