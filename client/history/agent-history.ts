import { quote, rejectUnknownOptions } from "../lookups/arguments.ts";
import { LookupError } from "../lookups/lookup-error.ts";
import { parseTimeZone } from "./days.ts";
import type { AgentHistoryOptions } from "./options.ts";
import { type DayTimes, timesPerDay } from "./time-in.ts";
import type { HistoryState, Period, TimelineInterval } from "./timeline.ts";
import { createTimelineReader } from "./timeline-reader.ts";

export { LookupError, UnreadableAgentError } from "../lookups/lookup-error.ts";
export type { TableOfStage } from "../lookups/options.ts";
export type { ReadParameter } from "../lookups/stage-table.ts";
export type { AgentHistoryOptions, TablesByName } from "./options.ts";
export type { DayTimes } from "./time-in.ts";
export type { StatusTime } from "./times.ts";
export type { HistoryState, HistoryStatus } from "./timeline.ts";

/** The period to read: ISO 8601 times with a zone, or `Date` objects. Ends now at the latest. */
export interface HistoryPeriod {
  readonly from: string | Date;
  /** Excluded. */
  readonly to: string | Date;
}

/** The period to read, and the time zone of its calendar days. */
export interface DaysPeriod extends HistoryPeriod {
  /** An IANA time zone such as `Europe/Berlin`. */
  readonly timeZone: string;
}

/** A period in which nothing changed. Times are ISO 8601 UTC with milliseconds; the end is excluded. */
export interface HistoryInterval extends HistoryState {
  readonly from: string;
  readonly to: string;
}

const ISO_WITH_ZONE = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}.*(?:Z|[+-]\d{2}:?\d{2})$/;

function parseTime(name: "from" | "to", value: unknown): number {
  const isTime = value instanceof Date || (typeof value === "string" && ISO_WITH_ZONE.test(value));
  const milliseconds = isTime ? new Date(value).getTime() : Number.NaN;
  if (Number.isNaN(milliseconds)) {
    throw new LookupError(
      `${name} must be a Date or an ISO 8601 time with a zone such as 2026-11-28T08:00:00Z (got ${quote(value)})`,
    );
  }
  return milliseconds;
}

function parsePeriod({ from, to }: HistoryPeriod, now: number): Period {
  const period = { from: parseTime("from", from), to: parseTime("to", to) };
  if (period.from >= period.to) {
    throw new LookupError(`from must be before to (got ${quote(from)} and ${quote(to)})`);
  }
  return { from: period.from, to: Math.min(period.to, now) };
}

/** Formats an interval as readers receive it. */
function intervalOf({ from, to, ...state }: TimelineInterval): HistoryInterval {
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString(), ...state };
}

/**
 * Returns a reader of agents' histories. It reads the history table, and the agent's items in the table of agents.
 *
 * Every method throws LookupError for an invalid argument, a table that cannot be found or read, or a missed
 * deadline, and UnreadableAgentError for an item that this version cannot parse. Other errors of the SDK are thrown
 * unchanged.
 *
 * @throws LookupError for invalid options.
 */
export function createAgentHistory(options: AgentHistoryOptions) {
  const read = createTimelineReader(options);

  return {
    /**
     * Returns an agent's history in a period as intervals without overlaps or gaps. If the last interval is still
     * open, it ends at `to` or now. Reads the changes of the period and a few around it.
     */
    async history(
      accountId: string,
      availabilityId: string,
      period: HistoryPeriod,
    ): Promise<readonly HistoryInterval[]> {
      rejectUnknownOptions(period, ["from", "to"]);
      const intervals = await read(accountId, availabilityId, parsePeriod(period, Date.now()));
      return intervals.map(intervalOf);
    },

    /**
     * Returns how long an agent was in each status, available on each channel and logged in, for each calendar day
     * of a period. Days that have not begun are left out. Reads as much as `history`.
     */
    async timeIn(
      accountId: string,
      availabilityId: string,
      period: DaysPeriod,
    ): Promise<readonly DayTimes[]> {
      rejectUnknownOptions(period, ["from", "to", "timeZone"]);
      const zone = parseTimeZone(period.timeZone);
      const parsed = parsePeriod(period, Date.now());
      return timesPerDay(await read(accountId, availabilityId, parsed), parsed, zone);
    },
  };
}

/** @see createAgentHistory */
export type AgentHistory = ReturnType<typeof createAgentHistory>;
