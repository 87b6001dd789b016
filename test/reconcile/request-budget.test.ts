import { describe, expect, it } from "@jest/globals";

import { createRequestBudget, type RateLimit } from "../../functions/reconcile/request-budget.ts";
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
  it("spaces requests evenly to a quarter of the stated limit per minute, after the first response", async () => {
    expect(await times(5, { total: 200, remaining: 200 })).toEqual([0, 5, 6.2, 7.4, 8.6]);
  });

  it("spaces requests at a quarter of a trial's limit if no limit is stated", async () => {
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

  it("allows no request for the time that a response demands", async () => {
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
});
