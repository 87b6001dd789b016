import type { Period, TimelineInterval } from "../client/history/timeline.ts";
import type { BoardHistory } from "../functions/board/board-data.ts";
import { statusLabel } from "./format.ts";
import type { Reading } from "./poll.ts";

/** Returns the viewer's calendar day that contains a time. A day with a clock change has 23 or 25 hours. */
export function dayOf(now: number): Period {
  const date = new Date(now);
  const midnight = (days: number) =>
    new Date(date.getFullYear(), date.getMonth(), date.getDate() + days).getTime();
  return { from: midnight(0), to: midnight(1) };
}

const HOURS_BETWEEN_MARKS = 3;

/** Returns every third hour of a day, on the viewer's clock. */
export function hoursOf({ from, to }: Period): number[] {
  const date = new Date(from);
  return Array.from({ length: 24 / HOURS_BETWEEN_MARKS }, (_, index) =>
    new Date(
      date.getFullYear(),
      date.getMonth(),
      date.getDate(),
      index * HOURS_BETWEEN_MARKS,
    ).getTime(),
  ).filter((at) => at >= from && at < to);
}

/** Returns the intervals of a history with their ends. The last interval ends at the time of the reading. */
export function intervalsOf({ intervals }: BoardHistory, readAt: number): TimelineInterval[] {
  return intervals
    .map(({ from, status, loggedIn, channels, unknown }, index) => {
      const next = intervals[index + 1];
      return {
        from: Date.parse(from),
        to: next === undefined ? readAt : Date.parse(next.from),
        status,
        loggedIn,
        channels,
        unknown,
      };
    })
    .filter((interval) => interval.from < interval.to);
}

/** Returns the unknown time in a history before a given time, in milliseconds. */
function unknownBefore({ intervals }: BoardHistory, time: number): number {
  return intervals.reduce((total, { from, unknown }, index) => {
    const next = intervals[index + 1];
    const to = next === undefined ? time : Math.min(Date.parse(next.from), time);
    return unknown ? total + Math.max(0, to - Date.parse(from)) : total;
  }, 0);
}

/** The history records a change a few seconds after the table of agents does. */
const HISTORY_DELAY_MS = 30_000;

/**
 * Returns the reading to show. Until the history contains the newest change, its time before that change is unknown,
 * so the previous reading, which is more complete, is shown.
 */
export function readingToShow(
  shown: Reading<BoardHistory> | undefined,
  latest: Reading<BoardHistory>,
): Reading<BoardHistory> {
  if (shown === undefined || latest.asOf - shown.asOf >= HISTORY_DELAY_MS) {
    return latest;
  }
  const { asOf } = shown;
  return unknownBefore(latest.data, asOf) > unknownBefore(shown.data, asOf) ? shown : latest;
}

/** Number of patterns in `board.css`; a day with more statuses repeats them. */
const PATTERNS = 8;

/** Returns the number of the pattern of each status, by its ID, in the order in which the agent entered them. */
export function patternsOf(
  intervals: readonly TimelineInterval[],
): ReadonlyMap<string | undefined, number> {
  const ids = new Set(intervals.filter(({ unknown }) => !unknown).map(({ status }) => status?.id));
  return new Map([...ids].map((id, index) => [id, index % PATTERNS]));
}

export function intervalLabel({ status, unknown }: TimelineInterval): string {
  if (unknown) {
    return "Unknown";
  }
  return status === undefined ? "No status" : statusLabel({ status });
}

export function wasAvailable({ channels }: TimelineInterval, channel: string): boolean {
  return Object.hasOwn(channels, channel) && channels[channel] === true;
}
