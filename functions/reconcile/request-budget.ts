import { setTimeout as sleep } from "node:timers/promises";

/** Freshdesk's limits count the requests of all callers within a minute. */
const WINDOW_MS = 60_000;

/** Share of the account's rate limit that reconcile uses. */
const MAX_SHARE = 0.25;

/** Share of the account's rate limit that is left to other callers. */
const MIN_REMAINING = 0.2;

/** Freshdesk's smallest documented limit, which is that of a trial. */
const SMALLEST_LIMIT = 50;

const shareOf = (limit: number) => Math.max(1, Math.floor(limit * MAX_SHARE));

/** The request must wait until after the deadline. */
export class BudgetExhaustedError extends Error {
  override readonly name = "BudgetExhaustedError";
  /** Milliseconds until the request is allowed. */
  readonly waitMs: number;

  constructor(waitMs: number) {
    super(`the next request to Freshdesk must wait ${waitMs} ms, which is after the deadline`);
    this.waitMs = waitMs;
  }
}

/** Clock and deadline of a budget. */
export interface BudgetOptions {
  /** Epoch milliseconds until which a request may wait. */
  readonly deadline: number;
  /** @default Date.now */
  readonly now?: () => number;
  /** @default - waits on the real clock */
  readonly pause?: (milliseconds: number) => Promise<unknown>;
}

/** The rate limit of an account as a response states it. An unknown value is absent. */
export interface RateLimit {
  readonly total: number | undefined;
  readonly remaining: number | undefined;
}

/**
 * Creates the budget of one account's requests: at most a quarter of the rate limit per minute, and a pause
 * while less than a fifth of it remains. Until a response states the limit, it is assumed to be that of a trial.
 */
export function createRequestBudget({ deadline, now = Date.now, pause = sleep }: BudgetOptions) {
  let sentAt: readonly number[] = [];
  let maxRequests = shareOf(SMALLEST_LIMIT);
  let blockedUntil = 0;

  /** Returns epoch milliseconds from which the next request is allowed. */
  function nextAllowedAt(): number {
    sentAt = sentAt.filter((time) => time > now() - WINDOW_MS);
    const oldestCounted = sentAt.at(-maxRequests);
    const isFull = sentAt.length >= maxRequests && oldestCounted !== undefined;
    return Math.max(blockedUntil, isFull ? oldestCounted + WINDOW_MS : 0);
  }

  function block(milliseconds: number): void {
    blockedUntil = Math.max(blockedUntil, now() + milliseconds);
  }

  return {
    /**
     * Waits until a request is allowed, and counts it.
     *
     * @throws BudgetExhaustedError if it would have to wait until after the deadline.
     */
    async acquire(): Promise<void> {
      const waitMs = nextAllowedAt() - now();
      if (waitMs > 0) {
        if (now() + waitMs > deadline) {
          throw new BudgetExhaustedError(waitMs);
        }
        await pause(waitMs);
      }
      sentAt = [...sentAt, now()];
    },

    /** Allows no request for a time, as a response with `Retry-After` demands. */
    block,

    /** Adapts the budget to the rate limit that a response states. */
    record({ total, remaining }: RateLimit): void {
      if (total === undefined) {
        return;
      }
      maxRequests = shareOf(total);
      if (remaining !== undefined && remaining < total * MIN_REMAINING) {
        block(WINDOW_MS);
      }
    },
  };
}

/** @see createRequestBudget */
export type RequestBudget = ReturnType<typeof createRequestBudget>;
