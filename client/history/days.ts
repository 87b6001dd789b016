import { Temporal } from "temporal-polyfill";

import { LookupError } from "../lookups/lookup-error.ts";
import { quote } from "../lookups/arguments.ts";
import type { Period } from "./timeline.ts";

/** The part of a calendar day that lies in a period. */
export interface DayPeriod extends Period {
  /** Calendar date, such as `2026-11-28`. */
  readonly date: string;
}

export function parseTimeZone(timeZone: unknown): string {
  try {
    if (typeof timeZone === "string" && timeZone !== "") {
      return new Intl.DateTimeFormat("en", { timeZone }).resolvedOptions().timeZone;
    }
  } catch (error) {
    if (!(error instanceof RangeError)) {
      throw error;
    }
  }
  throw new LookupError(
    `timeZone must be an IANA time zone such as Europe/Berlin (got ${quote(timeZone)})`,
  );
}

/**
 * Returns the calendar days of a period in a time zone. The first and last day are cut at the ends of the period. A day
 * on which clocks change is shorter or longer than 24 hours.
 */
export function daysOf({ from, to }: Period, timeZone: string): DayPeriod[] {
  const days: DayPeriod[] = [];
  let day = Temporal.Instant.fromEpochMilliseconds(from).toZonedDateTimeISO(timeZone).startOfDay();
  while (day.epochMilliseconds < to) {
    const next = day.add({ days: 1 }).startOfDay();
    days.push({
      date: day.toPlainDate().toString(),
      from: Math.max(from, day.epochMilliseconds),
      to: Math.min(to, next.epochMilliseconds),
    });
    day = next;
  }
  return days;
}
