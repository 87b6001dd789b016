import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { beforeEach, describe, expect, it } from "@jest/globals";

import { createSweepState, type SweepLease } from "../../functions/reconcile/sweep-state.ts";
import { aReconciledTable } from "../builders/reconciled-table.ts";

const ACCOUNT = "42";
const MINUTE = 60_000;
const START = Date.parse("2026-11-28T12:00:00Z");

let state: ReturnType<typeof createSweepState>;

beforeEach(() => {
  aReconciledTable();
  state = createSweepState(new DynamoDBClient(), "sweeps");
});

/** @throws Error if another sweep is running. */
async function acquired(now: number): Promise<SweepLease> {
  const lease = await state.acquire(ACCOUNT, now, now + 15 * MINUTE);
  if (lease === undefined) {
    throw new Error("another sweep is running");
  }
  return lease;
}

describe("the lease to sweep an account", () => {
  it("is acquired by one sweep at a time, and can be acquired again once it is released", async () => {
    const lease = await acquired(START);

    expect(await state.acquire(ACCOUNT, START + MINUTE, START + 16 * MINUTE)).toBeUndefined();
    await state.release(lease);
    expect(await state.acquire(ACCOUNT, START + MINUTE, START + 16 * MINUTE)).toBeDefined();
  });

  it("does not block a sweep of another account", async () => {
    await acquired(START);

    expect(await state.acquire("43", START, START + MINUTE)).toBeDefined();
  });

  it("expires if the function was killed", async () => {
    await acquired(START);

    expect(await state.acquire(ACCOUNT, START + 15 * MINUTE, START + 30 * MINUTE)).toBeUndefined();
    expect(
      await state.acquire(ACCOUNT, START + 15 * MINUTE + 1, START + 30 * MINUTE),
    ).toBeDefined();
  });

  it.each(["release", "complete"] as const)(
    "of a later sweep is kept when an earlier one calls %s after its own has expired",
    async (action) => {
      const earlier = await acquired(START);
      const later = await acquired(START + 16 * MINUTE);

      await (action === "release"
        ? state.release(earlier)
        : state.complete(earlier, START + 17 * MINUTE));

      const now = START + 18 * MINUTE;
      expect(await state.acquire(ACCOUNT, now, now + MINUTE)).toBeUndefined();
      await state.release(later);
      expect(await state.acquire(ACCOUNT, now, now + MINUTE)).toBeDefined();
    },
  );
});

describe("the time of the last complete sweep", () => {
  it("is the time when the account was first seen, until a sweep is complete", async () => {
    expect(await state.lastCompletedAt(ACCOUNT, START)).toBe(START);
    await state.release(await acquired(START));
    expect(await state.lastCompletedAt(ACCOUNT, START + MINUTE)).toBe(START);
  });

  it("is recorded even if the sweep took longer than its lease", async () => {
    const earlier = await acquired(START);
    await acquired(START + 16 * MINUTE);
    await state.complete(earlier, START + 17 * MINUTE);

    expect(await state.lastCompletedAt(ACCOUNT, START + 18 * MINUTE)).toBe(START + 17 * MINUTE);
  });
});
