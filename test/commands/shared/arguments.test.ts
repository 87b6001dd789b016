import { describe, expect, it } from "@jest/globals";
import { InvalidArgumentError } from "commander";

import { parseDuration, parseInstant } from "../../../commands/shared/arguments.ts";

describe("a time", () => {
  it.each([
    ["2026-11-25T08:00Z", "2026-11-25T08:00:00.000Z"],
    ["2026-11-25 08:00", "2026-11-25T08:00:00.000Z"],
    ["2026-11-25T08:00:12", "2026-11-25T08:00:12.000Z"],
    ["2026-11-25T08:00:12.345Z", "2026-11-25T08:00:12.345Z"],
    ["2026-11-25T08:00+01:00", "2026-11-25T07:00:00.000Z"],
    ["2026-11-25T08:00-03:30", "2026-11-25T11:30:00.000Z"],
    ["2026-02-28 23:00-01:00", "2026-03-01T00:00:00.000Z"],
    ["2026-11-25", "2026-11-25T00:00:00.000Z"],
  ])("can be %p", (text, time) => {
    expect(parseInstant(text).toISOString()).toBe(time);
  });

  it.each([
    "",
    "now",
    "yesterday",
    "2 hours ago",
    "14:00",
    "2026-11-25T25:00Z",
    "2026-02-30T08:00Z",
    "2026-13-01T08:00Z",
    "2026-11-25T08:00+25:00",
    "2026-11-25T08:00Z and more",
    "1795507200",
  ])("cannot be %p", (text) => {
    expect(() => parseInstant(text)).toThrow(
      new InvalidArgumentError("Must be an ISO 8601 time such as 2026-11-25T14:00Z."),
    );
  });
});

describe("a duration", () => {
  it.each([
    ["1m", 1],
    ["90m", 90],
    ["2h", 120],
    ["3d", 4320],
  ])("can be %p, which is %d minutes", (text, minutes) => {
    expect(parseDuration(text)).toBe(minutes);
  });

  it.each(["", "2", "0h", "-2h", "2.5h", "2 h", "2H", "2w", "2hours", "h", "1234567m"])(
    "cannot be %p",
    (text) => {
      expect(() => parseDuration(text)).toThrow(
        new InvalidArgumentError("Must be a duration such as 90m, 2h or 3d."),
      );
    },
  );
});
