import type { Period, TimelineInterval } from "./timeline.ts";

/** The time in one status, in milliseconds. */
export interface StatusTime {
  /** ID of the status; absent for time without a status. */
  readonly id?: string | undefined;
  /** The most recent known name. */
  readonly name?: string | undefined;
  readonly milliseconds: number;
}

/** Durations within a period, in milliseconds. Those in `statuses` and `unknown` add up to its length. */
export interface Times {
  /** Longest first. */
  readonly statuses: readonly StatusTime[];
  /** Milliseconds for which the agent was available, by channel name. */
  readonly channels: Readonly<Record<string, number>>;
  /** Milliseconds for which the agent was logged in. */
  readonly loggedIn: number;
  /** Milliseconds for which changes are missing or the agent did not exist. No other duration includes them. */
  readonly unknown: number;
}

const lengthOf = ({ from, to }: Period) => to - from;

const sum = (intervals: readonly TimelineInterval[]) =>
  intervals.reduce((total, interval) => total + lengthOf(interval), 0);

function statusTimes(known: readonly TimelineInterval[]): StatusTime[] {
  const ids = new Set(known.map(({ status }) => status?.id));
  return [...ids]
    .map((id): StatusTime => {
      const intervals = known.filter(({ status }) => status?.id === id);
      const namedInterval = intervals.findLast(({ status }) => status?.name !== undefined);
      return { id, name: namedInterval?.status?.name, milliseconds: sum(intervals) };
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

/** Returns the durations within the period that the intervals cover. */
export function timesOf(intervals: readonly TimelineInterval[]): Times {
  const known = intervals.filter(({ unknown }) => !unknown);
  return {
    statuses: statusTimes(known),
    channels: channelTimes(known),
    loggedIn: sum(known.filter(({ loggedIn }) => loggedIn === true)),
    unknown: sum(intervals.filter(({ unknown }) => unknown)),
  };
}
