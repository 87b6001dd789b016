import { describe, expect, it } from "@jest/globals";

import { dayOf, daysOf, parseTimeZone } from "../../../client/history/days.ts";

const HOUR = 3_600_000;

const hoursOf = (date: string, timeZone: string) => {
  const { from, to } = dayOf(date, timeZone);
  return (to - from) / HOUR;
};

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
    expect(hoursOf(date, timeZone)).toBe(hours);
  });

  it("begins at midnight of its time zone, also with an offset of 45 minutes", () => {
    expect(new Date(dayOf("2026-11-28", "Asia/Kathmandu").from).toISOString()).toBe(
      "2026-11-27T18:15:00.000Z",
    );
  });

  it.each(["2026-02-30", "2026-13-01", "28.11.2026", "2026-11-28T00:00Z", ""])(
    "must be a date (got %j)",
    (date) => {
      expect(() => dayOf(date, "UTC")).toThrow(
        `day must be a date such as 2026-11-28 (got "${date}")`,
      );
    },
  );
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
  it("is parsed by its IANA name, in any case", () => {
    expect(parseTimeZone("europe/berlin")).toBe("Europe/Berlin");
    expect(parseTimeZone("UTC")).toBe("UTC");
  });

  it.each(["Mars/Olympus", "CET+1", "", 7, undefined])("must exist (got %j)", (timeZone) => {
    expect(() => parseTimeZone(timeZone)).toThrow(
      "timeZone must be an IANA time zone such as Europe/Berlin (got",
    );
  });
});
