import { kindOf } from "../../functions/availability/item-kind.ts";
import { parseLiveItem } from "../lookups/agent.ts";
import { parseAccountId, parseId, quote, rejectUnknownOptions } from "../lookups/arguments.ts";
import { keyOf } from "../lookups/by-key.ts";
import { readItemsOfPerson, readItemsOfUser } from "../lookups/by-person.ts";
import type { LiveItem } from "../lookups/join.ts";
import { LookupError } from "../lookups/lookup-error.ts";
import { createUseTable, type UseTable } from "../lookups/use-table.ts";
import { parseTimeZone } from "./days.ts";
import { type AgentHistoryOptions, parseOptions } from "./options.ts";
import { availabilityKeyOf, type Person, readPerson } from "./read-person.ts";
import { type DayTimes, timesPerDay } from "./time-in.ts";
import { type HistoryState, type Period, timeline, type TimelineInterval } from "./timeline.ts";

export { LookupError, UnreadableAgentError } from "../lookups/lookup-error.ts";
export type { TableOfStage } from "../lookups/options.ts";
export type { ReadParameter } from "../lookups/stage-table.ts";
export type { AgentHistoryOptions, TablesByName } from "./options.ts";
export type { DayTimes, StatusTime } from "./time-in.ts";
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

async function findPerson(
  useTable: UseTable,
  accountId: string,
  availabilityId: string,
): Promise<Person> {
  const [, userIdInKey] = /^(?:user|session):(.+)$/s.exec(availabilityId) ?? [];
  const items = await useTable(async (table): Promise<readonly LiveItem[]> => {
    if (userIdInKey !== undefined) {
      return await readItemsOfUser(table, accountId, userIdInKey);
    }
    const item = await table.get(keyOf(accountId, availabilityId), false);
    const live = item && parseLiveItem(item);
    return live ? await readItemsOfPerson(table, accountId, live) : [];
  });
  const isAvailability = kindOf(availabilityId) === "availability";
  return {
    accountId,
    availabilityId: isAvailability ? availabilityId : availabilityKeyOf(items),
    userId: userIdInKey ?? items.find(({ userId }) => userId !== undefined)?.userId,
    items,
  };
}

/**
 * Returns a reader of agents' histories. It reads the table of the history, and in the table of agents the items of
 * the agent; `docs/use/history.md` states what each call costs.
 *
 * Every method throws LookupError for an invalid argument and for a read that cannot succeed here or that missed its
 * deadline, and UnreadableAgentError for an item that this version cannot parse. Other errors of the SDK are thrown
 * unchanged.
 *
 * @throws LookupError for invalid options.
 */
export function createAgentHistory(options: AgentHistoryOptions) {
  const { client, deadlineMs, tableName, historyTableName } = parseOptions(options);
  const useAgents = createUseTable({ client, deadlineMs, tableName });
  const useHistory = createUseTable({
    client,
    deadlineMs,
    tableName: historyTableName,
    permission: "Attach the stage's managed policy for the history (output HistoryPolicyArn)",
  });

  async function read(accountId: string, availabilityId: string, period: Period) {
    const account = parseAccountId(accountId);
    const id = parseId("availabilityId", availabilityId);
    if (period.from >= period.to) {
      return [];
    }
    const person = await findPerson(useAgents, account, id);
    return timeline(await readPerson(useHistory, person, period), period);
  }

  return {
    /**
     * Returns what an agent did in a period, as intervals without overlaps and holes. The last interval may be still
     * open; it ends at `to`, or now. Reads the changes of the period and a few next to it.
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
