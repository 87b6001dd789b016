import { describe, expect, it } from "@jest/globals";

import { parseDay, passedPartOf } from "../../../commands/report/report-day.ts";

const NOW = new Date("2026-11-29T12:00:00.000Z");
const HOUR = 3_600_000;

describe("the day of a report", () => {
  it.each([
    ["2026-11-28", "Europe/Berlin", "2026-11-27T23:00:00.000Z", 24],
    ["2026-10-25", "Europe/Berlin", "2026-10-24T22:00:00.000Z", 25],
    ["2026-03-29", "Europe/Berlin", "2026-03-28T23:00:00.000Z", 23],
    ["2026-11-28", "Pacific/Kiritimati", "2026-11-27T10:00:00.000Z", 24],
    ["2026-11-28", "Pacific/Pago_Pago", "2026-11-28T11:00:00.000Z", 24],
  ])("%s in %s begins at %s and has %d hours", (date, timeZone, start, hours) => {
    const { from, to } = passedPartOf(date, timeZone, NOW);

    expect(new Date(from).toISOString()).toBe(start);
    expect((to - from) / HOUR).toBe(hours);
  });

  it("ends now if the day is not over", () => {
    expect(passedPartOf("2026-11-29", "UTC", NOW).to).toBe(NOW.getTime());
  });

  it("must have begun, and must exist in the time zone", () => {
    expect(() => passedPartOf("2026-11-30", "UTC", NOW)).toThrow(
      "--day must not be in the future (got 2026-11-30 in UTC)",
    );
    expect(() => passedPartOf("2011-12-30", "Pacific/Apia", NOW)).toThrow(
      "--day must exist in the time zone Pacific/Apia, which skipped it (got 2011-12-30)",
    );
  });

  it.each(["28.11.2026", "2026-02-30", "2026-11-28T00:00Z", "yesterday"])(
    "cannot be %s",
    (text) => {
      expect(() => parseDay(text)).toThrow("Must be a day such as 2026-11-28.");
    },
  );
});
