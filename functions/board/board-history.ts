import type { Period, TimelineInterval } from "../../client/history/timeline.ts";
import type { TimelineReader } from "../../client/history/timeline-reader.ts";
import type { BoardChange, BoardChanges, BoardHistory } from "./board-data.ts";
import type { JoinedAgentsReader } from "./joined-agents.ts";
import { type AccountReader, type DataBody, dataBody, shareReadings } from "./data-body.ts";

/** Number of an account's last changes to return: as many as the page lists. */
const MAX_CHANGES = 10;
const MAX_AGE_MS = 24 * 3_600_000;

/** Period for which all viewers of an account share one reading of its last changes. */
const CACHE_MS = 10_000;

const isoOf = (milliseconds: number) => new Date(milliseconds).toISOString();

/** Reads the data of the history that the board shows. */
export interface HistoryReader {
  readonly readHistory: (accountId: string, agentId: string, period: Period) => Promise<DataBody>;
  readonly readChanges: AccountReader;
}

function changedChannels(
  before: TimelineInterval["channels"],
  after: TimelineInterval["channels"],
): Record<string, boolean> {
  return Object.fromEntries(
    Object.entries(after).filter(
      ([name, available]) => !Object.hasOwn(before, name) || before[name] !== available,
    ),
  );
}

/** Returns the change between two intervals; `undefined` if the board shows none of the differences. */
function changeBetween(
  agentId: string,
  before: TimelineInterval,
  after: TimelineInterval,
): BoardChange | undefined {
  const change = {
    status: after.status?.id === before.status?.id ? undefined : after.status,
    loggedIn: after.loggedIn === before.loggedIn ? undefined : after.loggedIn,
    channels: changedChannels(before.channels, after.channels),
  };
  const isEmpty =
    change.status === undefined &&
    change.loggedIn === undefined &&
    Object.keys(change.channels).length === 0;
  return isEmpty ? undefined : { agentId, time: isoOf(after.from), ...change };
}

/** Returns the changes in a timeline. The first known interval is not a change. */
function changesIn(agentId: string, intervals: readonly TimelineInterval[]): BoardChange[] {
  const known = intervals.filter(({ unknown }) => !unknown);
  return known.flatMap((after, index) => {
    const before = known[index - 1];
    return (before && changeBetween(agentId, before, after)) ?? [];
  });
}

const newestFirst = (one: BoardChange, other: BoardChange) =>
  Date.parse(other.time) - Date.parse(one.time);

/**
 * Creates the board's history reader.
 *
 * The history's key begins with the agent, so no query returns the last changes of an account. But the last ten
 * changes belong to the ten agents who changed last, so only their timelines are read.
 */
export function createHistoryReader(
  readJoinedAgents: JoinedAgentsReader,
  readTimeline: TimelineReader,
  now: () => number = Date.now,
): HistoryReader {
  async function readChanges(accountId: string): Promise<DataBody> {
    const to = now();
    const from = to - MAX_AGE_MS;
    const agents = await readJoinedAgents(accountId);
    const last = agents
      .filter(({ changedAt }) => changedAt > from)
      .toSorted((one, other) => other.changedAt - one.changedAt)
      .slice(0, MAX_CHANGES);
    const changes = await Promise.all(
      last.map(async ({ item: { availabilityId } }) =>
        changesIn(availabilityId, await readTimeline(accountId, availabilityId, { from, to })),
      ),
    );
    const data: BoardChanges = {
      accountId,
      changes: changes.flat().toSorted(newestFirst).slice(0, MAX_CHANGES),
    };
    return dataBody(data);
  }

  return {
    readHistory: async (accountId, agentId, { from, to }) => {
      const intervals = await readTimeline(accountId, agentId, { from, to: Math.min(to, now()) });
      const data: BoardHistory = {
        accountId,
        agentId,
        // Without the ends, an unchanged history keeps its ETag as time passes.
        intervals: intervals.map(({ status, loggedIn, channels, unknown, from: start }) => ({
          from: isoOf(start),
          status,
          loggedIn,
          channels,
          unknown,
        })),
      };
      return dataBody(data);
    },
    readChanges: shareReadings(readChanges, CACHE_MS, now),
  };
}
