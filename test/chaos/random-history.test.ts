import { describe, expect, it } from "@jest/globals";

import { randomHistory } from "./random-history.ts";
import { createRandom, seedFor } from "./seeded-random.ts";

interface Payload {
  readonly timestamp: number;
  readonly data: {
    readonly agent_availability: { readonly id: string; readonly updated_at: string };
  };
}

const FROM = Date.parse("2026-11-24T09:00:00Z");
const options = { accountId: "42", agents: 5, changes: 20, from: FROM };
const historyOf = (seed: number, more: Partial<typeof options> & { maxDelayMs?: number } = {}) =>
  randomHistory({ ...options, ...more }, createRandom(seed));
const payloadsOf = (history: ReturnType<typeof historyOf>) =>
  history.flatMap(({ payloads }) => payloads as Payload[]);

describe("a random history", () => {
  it("is the same for the same seed and differs between scenarios", () => {
    expect(historyOf(7)).toEqual(historyOf(7));
    expect(historyOf(seedFor("race", 7))).not.toEqual(historyOf(seedFor("storm", 7)));
  });

  it("delivers every change, some twice, out of order, at equal times, in batches of up to four", () => {
    const history = historyOf(7);
    const payloads = payloadsOf(history);
    const times = payloads
      .filter(({ data }) => data.agent_availability.id === "a0")
      .map(({ timestamp }) => timestamp);

    expect(new Set(payloads).size).toBe(100);
    expect(payloads.length).toBeGreaterThan(110);
    expect(times).not.toEqual(times.toSorted((one, other) => one - other));
    expect(new Set(times).size).toBeLessThan(20);
    expect(new Set(history.map(({ payloads: some }) => some.length))).toEqual(
      new Set([1, 2, 3, 4]),
    );
    expect(new Set(history.map(({ id }) => id)).size).toBe(history.length);
  });

  it("is in order if no delivery is delayed", () => {
    const times = payloadsOf(historyOf(7, { maxDelayMs: 0 })).map(({ timestamp }) => timestamp);

    expect(times).toEqual(times.toSorted((one, other) => one - other));
  });
});
