import { daysOf } from "./days.ts";
import type { Period, TimelineInterval } from "./timeline.ts";
import { type Times, timesOf } from "./times.ts";

/** An agent's time in each status on a calendar day, or on the part of it within the period. */
export interface DayTimes extends Times {
  /** Calendar date in the requested time zone, such as `2026-11-28`. */
  readonly date: string;
  /** ISO 8601 UTC: the start of the day, or of the requested period. */
  readonly from: string;
  /** ISO 8601 UTC: the end of the day or of the period, or the time of the lookup. */
  readonly to: string;
}

/** Returns the part of a timeline within a period. */
function clip(intervals: readonly TimelineInterval[], { from, to }: Period): TimelineInterval[] {
  const parts: TimelineInterval[] = [];
  for (const interval of intervals) {
    const part = { from: Math.max(from, interval.from), to: Math.min(to, interval.to) };
    if (part.from < part.to) {
      parts.push({ ...interval, ...part });
    }
  }
  return parts;
}

/** Returns the durations within each calendar day of a timeline. */
export function timesPerDay(
  intervals: readonly TimelineInterval[],
  period: Period,
  timeZone: string,
): DayTimes[] {
  return daysOf(period, timeZone).map((day) => {
    const { statuses, channels, loggedIn, unknown } = timesOf(clip(intervals, day));
    return {
      date: day.date,
      from: new Date(day.from).toISOString(),
      to: new Date(day.to).toISOString(),
      statuses,
      channels,
      loggedIn,
      unknown,
    };
  });
}
