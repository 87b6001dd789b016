import { describe, expect, it } from "@jest/globals";

import { readingToShow } from "../../board/day.ts";
import type { BoardInterval } from "../../functions/board/board-data.ts";

const at = (time: string) => `2026-11-28T${time}.000Z`;
const unknown = (time: string): BoardInterval => ({ from: at(time), channels: {}, unknown: true });
const status = (time: string, name: string): BoardInterval => ({
  from: at(time),
  status: { id: name, name },
  channels: {},
  unknown: false,
});
const reading = (time: string, ...intervals: BoardInterval[]) => ({
  data: { accountId: "42", agentId: "7", intervals },
  asOf: Date.parse(at(time)),
  clockOffset: 0,
});

const previous = reading("12:59:55", unknown("00:00:00"), status("08:00:00", "Available"));
/** The agent went to lunch at 13:00, and the history does not have this change yet. */
const incompleteAt = (time: string) =>
  reading(time, unknown("00:00:00"), status("13:00:00", "Lunch"));

describe("the reading of an agent's day that the board shows", () => {
  it("is the first one, even if parts of it are unknown", () => {
    const first = incompleteAt("13:00:05");

    expect(readingToShow(undefined, first)).toBe(first);
  });

  it("is the previous one until the history has the newest change", () => {
    expect(readingToShow(previous, incompleteAt("13:00:05"))).toBe(previous);
    const complete = reading("13:00:15", ...previous.data.intervals, status("13:00:00", "Lunch"));

    expect(readingToShow(previous, complete)).toBe(complete);
  });

  it("is the latest one if the change is still missing after half a minute", () => {
    const late = incompleteAt("13:00:25");

    expect(readingToShow(previous, late)).toBe(late);
  });

  it("is the latest one if its unknown time starts after the previous reading", () => {
    const afterRemoval = reading("13:00:05", ...previous.data.intervals, unknown("13:00:00"));

    expect(readingToShow(previous, afterRemoval)).toBe(afterRemoval);
  });
});
