import { setTimeout as sleep } from "node:timers/promises";

/** Freshdesk's limits count the requests of all callers within a minute. */
const WINDOW_MS = 60_000;

/** Share of the account's rate limit that reconcile uses. */
const MAX_SHARE = 0.25;

/** Share of the account's rate limit that is left to other callers. */
const MIN_REMAINING = 0.2;

/** Freshdesk's smallest documented limit: that of a trial. */
const SMALLEST_LIMIT = 50;

/** Returns the milliseconds between two requests at which no minute exceeds the share. */
function intervalOf(limit: number): number {
  const share = Math.max(1, Math.floor(limit * MAX_SHARE));
  return Math.ceil(WINDOW_MS / share);
}

/** A request would have to wait until after the deadline. */
export class BudgetExhaustedError extends Error {
  override readonly name = "BudgetExhaustedError";
  /** Milliseconds until the request is allowed. */
  readonly waitMs: number;

  constructor(waitMs: number) {
    const seconds = Math.ceil(waitMs / 1000);
    const duration = seconds === 1 ? "1 second" : `${seconds} seconds`;
    super(`reconcile has used up its share of the account's rate limit. Try again in ${duration}.`);
    this.waitMs = waitMs;
  }
}

/** When the next request to an account may be sent. All invocations that send requests to the account share it. */
export interface RequestSlot {
  /** Epoch milliseconds; 0 if no request has been sent. */
  readonly nextAt: number;
  /** Requests a minute of all callers, according to the last response. Before the first one, the limit of a trial. */
  readonly limit: number;
}

/** The slot of an account to which no request has been sent. */
export const newSlot: RequestSlot = { nextAt: 0, limit: SMALLEST_LIMIT };

/** Stores an account's slot. */
export interface RequestSlots {
  /**
   * Replaces the slot unless it has changed since it was read.
   *
   * @returns the stored slot if it has changed; `undefined` if it was replaced.
   */
  replace(known: RequestSlot, next: RequestSlot): Promise<RequestSlot | undefined>;
}

/** The slots of a process that does not share them. */
const unsharedSlots: RequestSlots = { replace: async () => await Promise.resolve(undefined) };

/** Clock and deadline of a budget. */
export interface BudgetOptions {
  /** Epoch milliseconds until which a request may wait. */
  readonly deadline: number;
  /** @default - the budget is not shared */
  readonly slots?: RequestSlots;
  /** @default Date.now */
  readonly now?: (() => number) | undefined;
  /** @default - waits on the real clock */
  readonly pause?: ((milliseconds: number) => Promise<unknown>) | undefined;
}

/** The rate limit of an account, according to a response. An unknown value is absent. */
export interface RateLimit {
  readonly total: number | undefined;
  readonly remaining: number | undefined;
}

/**
 * Creates the budget of one account's requests: evenly spaced, at most a quarter of the rate limit per minute, and
 * a pause while less than a fifth of the limit remains. Until a response contains the limit, that of a trial is
 * assumed.
 */
export function createRequestBudget({
  deadline,
  slots = unsharedSlots,
  now = Date.now,
  pause = sleep,
}: BudgetOptions) {
  let slot = newSlot;

  /** Changes the slot, and tries again if another invocation has changed it. @returns the previous slot. */
  async function change(update: (before: RequestSlot) => RequestSlot): Promise<RequestSlot> {
    for (;;) {
      const before = slot;
      const next = update(before);
      const isChange = next.nextAt !== before.nextAt || next.limit !== before.limit;
      const changed = isChange ? await slots.replace(before, next) : undefined;
      slot = changed ?? next;
      if (changed === undefined) {
        return before;
      }
    }
  }

  const startOf = ({ nextAt }: RequestSlot) => Math.max(now(), nextAt);

  return {
    /**
     * Waits until a request is allowed, and counts it.
     *
     * @throws BudgetExhaustedError if it would have to wait until after the deadline; then it is not counted.
     */
    async acquire(): Promise<void> {
      let start = 0;
      await change((before) => {
        start = startOf(before);
        if (start > deadline) {
          throw new BudgetExhaustedError(start - now());
        }
        return { ...before, nextAt: start + intervalOf(before.limit) };
      });
      const waitMs = start - now();
      if (waitMs > 0) {
        await pause(waitMs);
      }
    },

    /** Blocks requests for a duration, as `Retry-After` in a response requires. */
    async block(milliseconds: number): Promise<void> {
      const until = now() + milliseconds;
      await change((before) => ({ ...before, nextAt: Math.max(before.nextAt, until) }));
    },

    /** Adapts the budget to the rate limit in a response. */
    async record({ total: limit, remaining = limit }: RateLimit): Promise<void> {
      if (limit === undefined || remaining === undefined) {
        return;
      }
      const until = remaining < limit * MIN_REMAINING ? now() + WINDOW_MS : 0;
      await change((before) => ({ limit, nextAt: Math.max(before.nextAt, until) }));
    },
  };
}

export type RequestBudget = ReturnType<typeof createRequestBudget>;
