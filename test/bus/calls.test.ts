import { describe, expect, it } from "@jest/globals";

import { callsOf, isTooLarge } from "../../functions/bus/calls.ts";
import { anEntry } from "../builders/entry.ts";

const KB = 1024;
const sizesOf = (...sizes: number[]) =>
  callsOf(sizes.map((bytes) => anEntry("id", bytes))).map((call) => call.map(({ bytes }) => bytes));

describe("an entry", () => {
  it("may have at most 240 KB", () => {
    expect(isTooLarge(anEntry("id", 240 * KB))).toBe(false);
    expect(isTooLarge(anEntry("id", 240 * KB + 1))).toBe(true);
  });
});

describe("calls", () => {
  it("contain at most 10 entries, in their order", () => {
    const entries = Array.from({ length: 21 }, (_, index) => anEntry(String(index)));

    const calls = callsOf(entries);

    expect(calls.map((call) => call.length)).toEqual([10, 10, 1]);
    expect(calls.flat()).toEqual(entries);
  });

  it("contain at most 240 KB in total", () => {
    expect(sizesOf(120 * KB, 120 * KB)).toEqual([[120 * KB, 120 * KB]]);
    expect(sizesOf(120 * KB, 120 * KB + 1)).toEqual([[120 * KB], [120 * KB + 1]]);
    expect(sizesOf(100 * KB, 100 * KB, 100 * KB, 100 * KB, 240 * KB)).toEqual([
      [100 * KB, 100 * KB],
      [100 * KB, 100 * KB],
      [240 * KB],
    ]);
  });

  it("do not exist without entries", () => {
    expect(callsOf([])).toEqual([]);
  });
});
