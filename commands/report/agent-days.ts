import { readPerson } from "../../client/history/read-person.ts";
import { readRows } from "../../client/history/read-rows.ts";
import { type Period, timelineOf } from "../../client/history/timeline.ts";
import { findPerson } from "../../client/history/timeline-reader.ts";
import { type StatusTime, type Times, timesOf } from "../../client/history/times.ts";
import { joinItems } from "../../client/lookups/join.ts";
import type { UseTable } from "../../client/lookups/use-table.ts";
import { kindOf } from "../../functions/availability/item-kind.ts";
import { type Candidate, candidatePages } from "./candidates.ts";

/** An agent's time in each status on a given day. Names and the user ID are absent if unknown, or if the agent was deleted. */
export interface AgentDay extends Times {
  readonly availabilityId: string;
  readonly userId?: string | undefined;
  readonly name?: string | undefined;
  readonly email?: string | undefined;
}

/** Returns the name of a status; its ID if the name is unknown. */
export const statusName = ({ id = "No status", name = id }: StatusTime): string => name;

/** The tables of a stage, and the account and period to report. */
export interface ReportSource {
  readonly useAgents: UseTable;
  readonly useHistory: UseTable;
  readonly accountId: string;
  readonly period: Period;
}

/** Number of agents that are read at the same time. Each needs up to 6 of the SDK's 50 connections. */
const CONCURRENCY = 8;

/** Creates the function that reads the day of one item's person; `undefined` if the item is not reported. */
function createReadDay({ useAgents, useHistory, accountId, period }: ReportSource) {
  /**
   * A `user:` item is merged when its person gets an availability item, which is then reported instead. A
   * `user:` item that a deletion removed was never merged.
   */
  async function isMergedUser(availabilityId: string, removedAt: string): Promise<boolean> {
    if (kindOf(availabilityId) !== "user") {
      return false;
    }
    const at = Date.parse(removedAt);
    const { rows } = await readRows(
      useHistory,
      { accountId, availabilityId },
      { from: at, to: at },
    );
    return !rows.some(({ removedBecause }) => removedBecause === "deleted");
  }

  async function isReported({ availabilityId, removedAt }: Candidate, agentKey?: string) {
    if (removedAt === undefined) {
      // A person with several items has one row: the row of the item that lookups return.
      return availabilityId === agentKey;
    }
    const isAlive = agentKey !== undefined;
    const isGone = Date.parse(removedAt) <= period.from;
    return !isAlive && !isGone && !(await isMergedUser(availabilityId, removedAt));
  }

  return async (candidate: Candidate): Promise<AgentDay | undefined> => {
    const { availabilityId, removedAt } = candidate;
    const person = await findPerson(useAgents, accountId, availabilityId);
    const [agent] = joinItems(person.items);
    if (!(await isReported(candidate, agent?.item.availabilityId))) {
      return undefined;
    }
    const times = timesOf(timelineOf(await readPerson(useHistory, person, period), period));
    if (removedAt !== undefined && times.unknown === period.to - period.from) {
      return undefined;
    }
    const { name, email } = agent?.item ?? {};
    return { availabilityId, userId: person.userId, name, email, ...times };
  };
}

/**
 * Reads the day of every agent of an account, ordered by key, each person once. Memory use does not grow with the
 * number of agents: only a page of keys and a few agents are kept.
 */
export async function* readAgentDays(source: ReportSource): AsyncGenerator<AgentDay, void, void> {
  const readDay = createReadDay(source);
  for await (const candidates of candidatePages(source.useAgents, source.accountId)) {
    for (let start = 0; start < candidates.length; start += CONCURRENCY) {
      const days = await Promise.all(candidates.slice(start, start + CONCURRENCY).map(readDay));
      yield* days.filter((day) => day !== undefined);
    }
  }
}
