import { describe, expect, it } from "@jest/globals";

import { type OpeningHours, openingPeriodAt } from "../../functions/supervision/opening-hours.ts";

const weekdays = ["mon", "tue", "wed", "thu", "fri"] as const;
const everyDay = [...weekdays, "sat", "sun"] as const;

const berlin: OpeningHours = {
  timeZone: "Europe/Berlin",
  days: weekdays,
  from: "08:00",
  to: "18:00",
};

const periodAt = (hours: readonly OpeningHours[], time: string) =>
  openingPeriodAt(hours, Date.parse(time));

describe("openingPeriodAt", () => {
  it.each([
    ["before the hours begin", "2026-11-30T06:59:59.999Z", undefined],
    ["when the hours begin", "2026-11-30T07:00:00.000Z", "2026-11-30T07:00:00.000Z"],
    ["while the hours last", "2026-11-30T12:00:00.000Z", "2026-11-30T07:00:00.000Z"],
    ["in the last millisecond", "2026-11-30T16:59:59.999Z", "2026-11-30T07:00:00.000Z"],
    ["when the hours end", "2026-11-30T17:00:00.000Z", undefined],
    ["on the next day", "2026-12-01T12:00:00.000Z", "2026-12-01T07:00:00.000Z"],
    ["on a Saturday", "2026-11-28T12:00:00.000Z", undefined],
    ["in summer", "2026-07-01T06:00:00.000Z", "2026-07-01T06:00:00.000Z"],
  ])("returns the period, or nothing if the channel is closed: %s", (_when, time, period) => {
    expect(periodAt([berlin], time)).toBe(period);
  });

  it("uses the day of the week in the time zone", () => {
    const auckland = { ...berlin, timeZone: "Pacific/Auckland" };

    // Monday, 08:30, in Auckland, and still Sunday in UTC.
    expect(periodAt([auckland], "2026-11-29T19:30:00.000Z")).toBe("2026-11-29T19:00:00.000Z");
    // Saturday, 08:30, in Auckland, and still Friday in UTC.
    expect(periodAt([auckland], "2026-11-27T19:30:00.000Z")).toBeUndefined();
  });

  it("supports time zones whose offset is not a whole hour", () => {
    const kathmandu = { ...berlin, timeZone: "Asia/Kathmandu" };

    expect(periodAt([kathmandu], "2026-11-30T02:15:00.000Z")).toBe("2026-11-30T02:15:00.000Z");
    expect(periodAt([kathmandu], "2026-11-30T02:14:59.999Z")).toBeUndefined();
  });

  it.each([
    ["in spring", "2026-03-28T23:30:00.000Z", "2026-03-29T21:00:00.000Z"],
    ["in autumn", "2026-10-24T22:30:00.000Z", "2026-10-25T22:00:00.000Z"],
  ])("uses local time on the day on which clocks change %s", (_when, from, to) => {
    const hours = { ...berlin, days: everyDay, from: "00:30", to: "23:00" };

    expect(periodAt([hours], from)).toBe(from);
    expect(periodAt([hours], new Date(Date.parse(to) - 1).toISOString())).toBe(from);
    expect(periodAt([hours], to)).toBeUndefined();
  });

  it("shifts a local time that does not occur by the clock change", () => {
    const hours = { ...berlin, days: everyDay, from: "02:30", to: "06:00" };

    // 03:30 in summer time.
    expect(periodAt([hours], "2026-03-29T01:29:59.999Z")).toBeUndefined();
    expect(periodAt([hours], "2026-03-29T01:30:00.000Z")).toBe("2026-03-29T01:30:00.000Z");
  });

  it("uses the first of two equal local times, and stays open when clocks are set back", () => {
    const hours = { ...berlin, days: everyDay, from: "02:30", to: "06:00" };

    // 02:30 in summer time, and 02:15 in winter time.
    expect(periodAt([hours], "2026-10-25T00:30:00.000Z")).toBe("2026-10-25T00:30:00.000Z");
    expect(periodAt([hours], "2026-10-25T01:15:00.000Z")).toBe("2026-10-25T00:30:00.000Z");
  });

  it.each([
    ["in the evening", "2026-11-27T22:00:00.000Z", "2026-11-27T21:00:00.000Z"],
    ["after midnight", "2026-11-28T04:59:59.999Z", "2026-11-27T21:00:00.000Z"],
    ["after the end", "2026-11-28T05:00:00.000Z", undefined],
    ["the next evening", "2026-11-28T22:00:00.000Z", undefined],
    ["the night before the first day", "2026-11-27T04:00:00.000Z", undefined],
  ])("continues hours past midnight: %s", (_when, time, period) => {
    const night = { ...berlin, days: ["fri"] as const, from: "22:00", to: "06:00" };

    expect(periodAt([night], time)).toBe(period);
  });

  it("returns one period for hours that overlap or are adjacent, in any order and in several time zones", () => {
    const newYork = { ...berlin, timeZone: "America/New_York" };
    const evening = { ...berlin, from: "18:00", to: "20:00" };
    const start = "2026-11-30T07:00:00.000Z";

    for (const hours of [
      [berlin, newYork, evening],
      [evening, newYork, berlin],
    ]) {
      expect(periodAt(hours, "2026-11-30T08:00:00.000Z")).toBe(start);
      expect(periodAt(hours, "2026-11-30T14:00:00.000Z")).toBe(start);
      expect(periodAt(hours, "2026-11-30T18:59:00.000Z")).toBe(start);
      expect(periodAt(hours, "2026-11-30T22:59:00.000Z")).toBe(start);
      expect(periodAt(hours, "2026-11-30T23:00:00.000Z")).toBeUndefined();
    }
  });

  it("returns two periods for hours with a break", () => {
    const hours = [
      { ...berlin, to: "12:00" },
      { ...berlin, from: "13:00" },
    ];

    expect(periodAt(hours, "2026-11-30T10:59:00.000Z")).toBe("2026-11-30T07:00:00.000Z");
    expect(periodAt(hours, "2026-11-30T11:30:00.000Z")).toBeUndefined();
    expect(periodAt(hours, "2026-11-30T12:00:00.000Z")).toBe("2026-11-30T12:00:00.000Z");
  });

  it("returns the same period at all times if the channel never closes", () => {
    const always = { ...berlin, days: everyDay, from: "00:00", to: "00:00" };
    const times = Array.from({ length: 60 }, (_, week) => Date.UTC(2026, 0, 1 + 7 * week, week));

    expect(new Set(times.map((time) => openingPeriodAt([always], time)))).toEqual(
      new Set(["always"]),
    );
    expect(openingPeriodAt(undefined, Date.UTC(2026, 0, 1))).toBe("always");
  });

  it("returns one period per week for hours from Monday to Saturday without a break", () => {
    const hours = { ...berlin, days: weekdays, from: "00:00", to: "00:00" };

    expect(periodAt([hours], "2026-11-29T22:59:00.000Z")).toBeUndefined();
    expect(periodAt([hours], "2026-11-29T23:00:00.000Z")).toBe("2026-11-29T23:00:00.000Z");
    expect(periodAt([hours], "2026-12-04T22:59:00.000Z")).toBe("2026-11-29T23:00:00.000Z");
    expect(periodAt([hours], "2026-12-04T23:00:00.000Z")).toBeUndefined();
  });

  it("returns nothing if the list of hours is empty", () => {
    expect(periodAt([], "2026-11-30T12:00:00.000Z")).toBeUndefined();
  });
});
