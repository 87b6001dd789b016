import { describe, expect, it } from "@jest/globals";

import { randomHistory } from "./history.ts";
import { createChance, seedFor } from "./random.ts";

interface Payload {
  readonly timestamp: number;
  readonly data: {
    readonly agent_availability: { readonly id: string; readonly updated_at: string };
  };
}

const FROM = Date.parse("2026-11-24T09:00:00Z");
const options = { accountId: "42", agents: 5, changes: 20, from: FROM };
const historyOf = (seed: number, more: Partial<typeof options> & { late?: number } = {}) =>
  randomHistory({ ...options, ...more }, createChance(seed));
const payloadsOf = (history: ReturnType<typeof historyOf>) =>
  history.flatMap(({ payloads }) => payloads as Payload[]);

describe("a random history", () => {
  it("is the same for the same seed, and another for another scenario", () => {
    expect(historyOf(7)).toEqual(historyOf(7));
    expect(historyOf(seedFor("race", 7))).not.toEqual(historyOf(seedFor("storm", 7)));
  });

  it("tells every change, some again, late, at the same instant, and in lists of up to four", () => {
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

  it("is told in order where nothing comes late", () => {
    const times = payloadsOf(historyOf(7, { late: 0 })).map(({ timestamp }) => timestamp);

    expect(times).toEqual(times.toSorted((one, other) => one - other));
  });
});
