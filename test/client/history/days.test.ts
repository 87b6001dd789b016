import { describe, expect, it } from "@jest/globals";

import { daysOf, parseTimeZone } from "../../../client/history/days.ts";

const HOUR = 3_600_000;

/** Returns a whole calendar day. The period around its UTC midnight contains the day of every time zone. */
function wholeDay(date: string, timeZone: string) {
  const midnight = Date.parse(`${date}T00:00:00Z`);
  const period = { from: midnight - 48 * HOUR, to: midnight + 72 * HOUR };
  const [day, ...others] = daysOf(period, timeZone).filter((each) => each.date === date);
  if (day === undefined || others.length > 0) {
    throw new Error(`${date} must be one day in ${timeZone}`);
  }
  return day;
}

describe("a calendar day", () => {
  it.each([
    ["UTC", "2026-11-28", 24],
    ["Europe/Berlin", "2026-03-29", 23],
    ["Europe/Berlin", "2026-10-25", 25],
    // Clocks change by half an hour.
    ["Australia/Lord_Howe", "2026-10-04", 23.5],
    ["Australia/Lord_Howe", "2026-04-05", 24.5],
    // Clocks change at midnight: the first hour of the day does not exist.
    ["Africa/Cairo", "2026-04-24", 23],
    ["America/Havana", "2026-03-08", 23],
    // The hour before midnight occurs twice.
    ["Africa/Cairo", "2026-10-29", 25],
  ])("in %s of %s has %d hours", (timeZone, date, hours) => {
    const { from, to } = wholeDay(date, timeZone);

    expect((to - from) / HOUR).toBe(hours);
  });

  it("begins at midnight of its time zone, even with an offset of 45 minutes", () => {
    expect(new Date(wholeDay("2026-11-28", "Asia/Kathmandu").from).toISOString()).toBe(
      "2026-11-27T18:15:00.000Z",
    );
  });
});

describe("the days of a period", () => {
  it("begin and end with the period", () => {
    const from = Date.parse("2026-11-27T22:00:00Z");
    const to = Date.parse("2026-11-29T00:30:00Z");

    expect(
      daysOf({ from, to }, "Europe/Berlin").map(({ date, ...day }) => [
        date,
        (day.to - day.from) / HOUR,
      ]),
    ).toEqual([
      ["2026-11-27", 1],
      ["2026-11-28", 24],
      ["2026-11-29", 1.5],
    ]);
  });

  it("leave out a day that a time zone skipped", () => {
    const from = Date.parse("2011-12-29T12:00:00Z");
    const to = Date.parse("2011-12-31T12:00:00Z");

    expect(daysOf({ from, to }, "Pacific/Apia").map(({ date }) => date)).toEqual([
      "2011-12-29",
      "2011-12-31",
      "2012-01-01",
    ]);
  });
});

describe("a time zone", () => {
  it("is parsed from its IANA name in upper or lower case", () => {
    expect(parseTimeZone("europe/berlin")).toBe("Europe/Berlin");
    expect(parseTimeZone("UTC")).toBe("UTC");
  });

  it.each(["Mars/Olympus", "CET+1", "", 7, undefined])(
    "is rejected if it does not exist: %j",
    (timeZone) => {
      expect(() => parseTimeZone(timeZone)).toThrow(
        "timeZone must be an IANA time zone such as Europe/Berlin (got",
      );
    },
  );
});
