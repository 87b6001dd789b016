import { describe, expect, it } from "@jest/globals";

import { CommandError } from "../../commands/shared/command-error.ts";
import { periodOf } from "../../commands/replay/period.ts";
import { timeIn } from "../../commands/replay/time.ts";

const now = new Date("2026-11-25T09:07:31.250Z");

describe("a time", () => {
  it.each([
    ["2 hours ago", "2026-11-25T07:07:00.000Z"],
    ["an hour ago", "2026-11-25T08:07:00.000Z"],
    ["90 minutes ago", "2026-11-25T07:37:00.000Z"],
    ["1 minute ago", "2026-11-25T09:06:00.000Z"],
    ["  3  Days ago ", "2026-11-22T09:07:00.000Z"],
    ["a day ago", "2026-11-24T09:07:00.000Z"],
    ["8:05", "2026-11-25T08:05:00.000Z"],
    ["today 08:05", "2026-11-25T08:05:00.000Z"],
    ["yesterday 14:00", "2026-11-24T14:00:00.000Z"],
    ["Yesterday 23:59 UTC", "2026-11-24T23:59:00.000Z"],
    ["2026-11-25T08:00Z", "2026-11-25T08:00:00.000Z"],
    ["2026-11-25 08:00", "2026-11-25T08:00:00.000Z"],
    ["2026-11-25T08:00:12", "2026-11-25T08:00:12.000Z"],
    ["2026-11-25T08:00:12.345Z", "2026-11-25T08:00:12.345Z"],
    ["2026-11-25T08:00+01:00", "2026-11-25T07:00:00.000Z"],
    ["2026-11-25T08:00-03:30", "2026-11-25T11:30:00.000Z"],
    ["2026-02-28 23:00-01:00", "2026-03-01T00:00:00.000Z"],
  ])("may be %p", (text, instant) => {
    expect(timeIn(text, "--from", now).toISOString()).toBe(instant);
  });

  it("of yesterday is of the day before also on the first of a year", () => {
    const newYear = new Date("2027-01-01T00:10:00Z");

    expect(timeIn("yesterday 14:00", "--from", newYear).toISOString()).toBe(
      "2026-12-31T14:00:00.000Z",
    );
  });

  it.each([
    "",
    "now",
    "soon",
    "2 weeks ago",
    "-2 hours ago",
    "2.5 hours ago",
    "in 2 hours",
    "25:00",
    "24:00",
    "12:60",
    "tomorrow 10:00",
    "2026-02-30T08:00Z",
    "2026-13-01T08:00Z",
    "2026-11-25",
    "2026-11-25T08:00+25:00",
    "2026-11-25T08:00Z and more",
    "1795507200",
  ])("may not be %p: a sentence says what is allowed", (text) => {
    const call = () => timeIn(text, "--to", now);

    expect(call).toThrow(CommandError);
    expect(call).toThrow(
      `--to is ${JSON.stringify(text)}, which is no time; allowed are\n    2026-11-25T14:00Z`,
    );
  });
});

describe("a period", () => {
  const period = (from: string, to: string) => {
    const { from: start, to: end } = periodOf({ from, to }, now);
    return [start.toISOString(), end.toISOString()];
  };

  it("is of whole minutes: all that hold any of it", () => {
    expect(period("2026-11-25T08:00:59.999Z", "2026-11-25T08:05:00.001Z")).toEqual([
      "2026-11-25T08:00:00.000Z",
      "2026-11-25T08:06:00.000Z",
    ]);
  });

  it("that begins and ends on a minute stays as it is", () => {
    expect(period("08:00", "08:10")).toEqual([
      "2026-11-25T08:00:00.000Z",
      "2026-11-25T08:10:00.000Z",
    ]);
  });

  it("may end ten minutes ago, in words and by the clock", () => {
    expect(period("20 minutes ago", "10 minutes ago")[1]).toBe("2026-11-25T08:57:00.000Z");
    expect(period("20 minutes ago", "08:57")[1]).toBe("2026-11-25T08:57:00.000Z");
  });

  it.each(["9 minutes ago", "08:58", "2026-11-25T08:57:01Z", "2026-11-26T08:00Z"])(
    "may not end later, as %p does",
    (to) => {
      expect(() => period("2 hours ago", to)).toThrow(
        /^--to is 2026-11-2\dT\d\d:\d\dZ, and it is 2026-11-25T09:07Z: an event may take 10 minutes to be in the archive, so 2026-11-25T08:57Z or earlier is allowed$/,
      );
    },
  );

  it.each([
    ["08:00", "08:00"],
    ["08:01", "08:00"],
    ["an hour ago", "2 hours ago"],
  ])("from %p to %p holds no minute", (from, to) => {
    expect(() => period(from, to)).toThrow(
      /^--to is \S+Z, and --from \S+Z: the end has to be after the start, by a minute at least$/,
    );
  });
});
