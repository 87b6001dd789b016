import { daysOf } from "./days.ts";
import type { Period, TimelineInterval } from "./timeline.ts";
import { type Times, timesOf } from "./times.ts";

/** How an agent spent a calendar day, or the part of it that lies in the period. */
export interface DayTimes extends Times {
  /** Such as `2026-11-28`, in the time zone that was asked for. */
  readonly date: string;
  /** ISO 8601 UTC: the start of the day, or of the period that was asked for. */
  readonly from: string;
  /** ISO 8601 UTC: the end of the day or of the period, or the time of the lookup. */
  readonly to: string;
}

/** Returns the part of a timeline that lies in a period. */
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

/** Returns how a timeline divides into the calendar days of a time zone. */
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
