import { InvalidArgumentError } from "commander";

import { type DayPeriod, daysOf } from "../../client/history/days.ts";
import { CommandError } from "../shared/command-error.ts";

const DAY_MS = 86_400_000;

export function parseDay(text: string): string {
  const isDay =
    /^\d{4}-\d{2}-\d{2}$/.test(text) &&
    !Number.isNaN(Date.parse(text)) &&
    new Date(text).toISOString().startsWith(text);
  if (!isDay) {
    throw new InvalidArgumentError("Must be a day such as 2026-11-28.");
  }
  return text;
}

/**
 * Returns the part of a time zone's calendar day that has passed.
 *
 * @throws CommandError if the day has not begun, or the time zone skipped it.
 */
export function passedPartOf(date: string, timeZone: string, now: Date): DayPeriod {
  // No time zone is further than a day from UTC.
  const midnight = Date.parse(date);
  const around = { from: midnight - 2 * DAY_MS, to: midnight + 3 * DAY_MS };
  const day = daysOf(around, timeZone).find((each) => each.date === date);
  if (day === undefined) {
    throw new CommandError(
      `--day must exist in the time zone ${timeZone}, which skipped it (got ${date})`,
    );
  }
  if (day.from >= now.getTime()) {
    throw new CommandError(`--day must not be in the future (got ${date} in ${timeZone})`);
  }
  return { ...day, to: Math.min(day.to, now.getTime()) };
}
