import { daysOf } from "./days.ts";
import type { Period, TimelineInterval } from "./timeline.ts";

/** The time in one status, in milliseconds. */
export interface StatusTime {
  /** ID of the status; absent for time without a status. */
  readonly id?: string | undefined;
  /** The newest known name. */
  readonly name?: string | undefined;
  readonly milliseconds: number;
}

/** How an agent spent a calendar day. The times in `statuses` and `unknown` add up to the length of the period. */
export interface DayTimes {
  /** Such as `2026-11-28`, in the time zone that was asked for. */
  readonly date: string;
  /** ISO 8601 UTC: the start of the day, or of the period that was asked for. */
  readonly from: string;
  /** ISO 8601 UTC: the end of the day or of the period, or the time of the lookup. */
  readonly to: string;
  /** Longest first. */
  readonly statuses: readonly StatusTime[];
  /** Milliseconds for which a channel was open, by channel name. */
  readonly channels: Readonly<Record<string, number>>;
  /** Milliseconds for which the agent was logged in. */
  readonly loggedIn: number;
  /** Milliseconds for which changes are missing or the agent did not exist. They count for nothing else. */
  readonly unknown: number;
}

const length = ({ from, to }: Period) => to - from;

const sum = (intervals: readonly TimelineInterval[]) =>
  intervals.reduce((total, interval) => total + length(interval), 0);

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

function statusTimes(known: readonly TimelineInterval[]): StatusTime[] {
  const ids = new Set(known.map(({ status }) => status?.id));
  return [...ids]
    .map((id): StatusTime => {
      const intervals = known.filter(({ status }) => status?.id === id);
      const named = intervals.findLast(({ status }) => status?.name !== undefined);
      return { id, name: named?.status?.name, milliseconds: sum(intervals) };
    })
    .toSorted((one, other) => other.milliseconds - one.milliseconds);
}

function channelTimes(known: readonly TimelineInterval[]): Record<string, number> {
  const names = new Set(known.flatMap(({ channels }) => Object.keys(channels)));
  return Object.fromEntries(
    [...names]
      .toSorted()
      .map((name) => [
        name,
        sum(
          known.filter(({ channels }) => Object.hasOwn(channels, name) && channels[name] === true),
        ),
      ]),
  );
}

/** Returns how a timeline divides into the calendar days of a time zone. */
export function timesPerDay(
  intervals: readonly TimelineInterval[],
  period: Period,
  timeZone: string,
): DayTimes[] {
  return daysOf(period, timeZone).map((day) => {
    const parts = clip(intervals, day);
    const known = parts.filter(({ unknown }) => !unknown);
    return {
      date: day.date,
      from: new Date(day.from).toISOString(),
      to: new Date(day.to).toISOString(),
      statuses: statusTimes(known),
      channels: channelTimes(known),
      loggedIn: sum(known.filter(({ loggedIn }) => loggedIn === true)),
      unknown: sum(parts.filter(({ unknown }) => unknown)),
    };
  });
}
