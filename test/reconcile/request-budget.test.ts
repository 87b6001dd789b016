import { describe, expect, it } from "@jest/globals";

import {
  BudgetExhaustedError,
  createRequestBudget,
  newSlot,
  type RateLimit,
  type RequestSlot,
} from "../../functions/reconcile/request-budget.ts";
import { aClock } from "../builders/freshdesk.ts";

/** Sends requests that all have the same response. @returns when each was sent, in seconds. */
async function times(count: number, limit: RateLimit): Promise<readonly number[]> {
  const clock = aClock(0);
  const budget = createRequestBudget({ ...clock, deadline: Number.POSITIVE_INFINITY });
  const sent: number[] = [];
  for (let index = 0; index < count; index += 1) {
    await budget.acquire();
    sent.push(clock.now() / 1000);
    await budget.record(limit);
  }
  return sent;
}

const spaced = (count: number, seconds: number) =>
  Array.from({ length: count }, (_, index) => index * seconds);

describe("the budget of requests", () => {
  it("spaces requests evenly at a quarter of the limit per minute, after the first response", async () => {
    expect(await times(5, { total: 200, remaining: 200 })).toEqual([0, 5, 6.2, 7.4, 8.6]);
  });

  it("spaces requests at a quarter of a trial's limit if responses contain no limit", async () => {
    const limit = { total: undefined, remaining: undefined };
    expect(await times(13, limit)).toEqual(spaced(13, 5));
  });

  it("allows one request a minute if the limit is very small", async () => {
    expect(await times(3, { total: 0, remaining: undefined })).toEqual([0, 5, 65]);
  });

  it("pauses while less than a fifth of the limit remains", async () => {
    expect(await times(3, { total: 200, remaining: 40 })).toEqual([0, 5, 6.2]);
    expect(await times(3, { total: 200, remaining: 39 })).toEqual([0, 60, 120]);
  });

  it("does not allow a request for the time in Retry-After", async () => {
    const clock = aClock(0);
    const budget = createRequestBudget({ ...clock, deadline: 10_000 });
    await budget.block(10_000);
    await budget.block(5000);

    await budget.acquire();

    expect(clock.now()).toBe(10_000);
  });

  it("rejects a request that would wait until after the deadline, and does not wait", async () => {
    const clock = aClock(0);
    const budget = createRequestBudget({ ...clock, deadline: 9999 });
    await budget.block(10_000);

    await expect(budget.acquire()).rejects.toMatchObject({ waitMs: 10_000 });
    expect(clock.now()).toBe(0);
  });

  it("waits only if a request is not allowed immediately", async () => {
    const pauses: number[] = [];
    const clock = aClock(0);
    const budget = createRequestBudget({
      deadline: Number.POSITIVE_INFINITY,
      now: clock.now,
      pause: async (milliseconds) => {
        pauses.push(milliseconds);
        await clock.pause(milliseconds);
      },
    });

    await budget.acquire();
    await budget.acquire();
    await clock.pause(5000);
    await budget.acquire();

    expect(pauses).toEqual([5000]);
  });

  it("uses the real clock if none is given", async () => {
    const start = Date.now();
    const budget = createRequestBudget({ deadline: Number.POSITIVE_INFINITY });
    await budget.block(50);

    await budget.acquire();

    // A timer can end a millisecond early.
    expect(Date.now() - start).toBeGreaterThanOrEqual(49);
  });
});

describe("the budget of invocations that share a slot", () => {
  /** A budget that shares a slot, and the slots that it has stored. */
  function aSharedBudget(shared: { slot: RequestSlot }) {
    const stored: RequestSlot[] = [];
    const clock = aClock(0);
    const budget = createRequestBudget({
      ...clock,
      deadline: Number.POSITIVE_INFINITY,
      slots: {
        replace: async (known, next) => {
          await Promise.resolve();
          if (known.nextAt !== shared.slot.nextAt) {
            return shared.slot;
          }
          shared.slot = next;
          stored.push(next);
          return undefined;
        },
      },
    });
    return { budget, clock, stored };
  }

  it("sends a request when the slot of another invocation allows it", async () => {
    const { budget, clock, stored } = aSharedBudget({ slot: { nextAt: 7000, limit: 200 } });

    await budget.acquire();

    expect(clock.now()).toBe(7000);
    expect(stored).toEqual([{ nextAt: 8200, limit: 200 }]);
  });

  it("stores the limit of the first response, and nothing if a response does not change it", async () => {
    const { budget, stored } = aSharedBudget({ slot: newSlot });

    await budget.acquire();
    await budget.record({ total: 200, remaining: 200 });
    const slots = [
      { nextAt: 5000, limit: 50 },
      { nextAt: 5000, limit: 200 },
    ];

    expect(stored).toEqual(slots);
    await budget.record({ total: 200, remaining: 199 });
    await budget.record({ total: undefined, remaining: 199 });
    expect(stored).toEqual(slots);
  });

  it("stores the pause after a response with less than a fifth remaining, although the limit is the same", async () => {
    const { budget, stored } = aSharedBudget({ slot: newSlot });

    await budget.record({ total: 50, remaining: 9 });

    expect(stored).toEqual([{ nextAt: 60_000, limit: 50 }]);
  });
});

it.each([
  [1, "1 second"],
  [1000, "1 second"],
  [1001, "2 seconds"],
])("the error for a wait of %d ms recommends trying again in %s", (waitMs, duration) => {
  const error = new BudgetExhaustedError(waitMs);

  expect(error.message).toContain(`Try again in ${duration}.`);
  expect(error).toMatchObject({ name: "BudgetExhaustedError", waitMs });
});
