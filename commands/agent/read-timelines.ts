import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";

import { createAgentHistory, type HistoryInterval } from "../../client/history/agent-history.ts";
import type { Period } from "../../client/history/timeline.ts";
import { userKey } from "../../functions/availability/item-kind.ts";
import { type FoundAgents, LOOKUP_DEADLINE_MS } from "./find-agents.ts";

/** An agent's timeline in a period. Name and email address are absent if the agent was removed. */
export interface AgentTimeline {
  readonly availabilityId: string;
  readonly name?: string | undefined;
  readonly email?: string | undefined;
  readonly intervals: readonly HistoryInterval[];
}

const isKnown = ({ intervals }: AgentTimeline) => intervals.some(({ unknown }) => !unknown);

interface Search {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly historyTableName: string;
}

interface TimelineRequest {
  readonly accountId: string;
  /** The ID that the operator typed, and its kind. */
  readonly agentId: string;
  readonly found: FoundAgents;
  readonly period: Period;
}

/**
 * Reads the timelines of the agents with an ID. The history keeps agents who were removed for a reason other
 * than `forgotten`. If it contains changes of the period, such an agent is found by availability ID, or by user
 * ID if the agent never had an availability item.
 */
export async function readTimelines(
  { client, tableName, historyTableName }: Search,
  { accountId, agentId, found, period }: TimelineRequest,
): Promise<readonly AgentTimeline[]> {
  const deadlineMs = LOOKUP_DEADLINE_MS;
  const reader = createAgentHistory({ client, tableName, historyTableName, deadlineMs });
  const dates = { from: new Date(period.from), to: new Date(period.to) };
  const read = async (key: string) => await reader.history(accountId, key, dates);
  if (found.matches.length > 0) {
    return await Promise.all(
      found.matches.map(async ({ agent: { availabilityId, name, email } }) => ({
        availabilityId,
        name,
        email,
        intervals: await read(availabilityId),
      })),
    );
  }
  if (agentId.includes("@") || found.removal?.removedBecause === "forgotten") {
    return [];
  }
  const removed = await Promise.all(
    [agentId, userKey(agentId)].map(async (key) => ({
      availabilityId: key,
      intervals: await read(key),
    })),
  );
  return removed.filter(isKnown);
}
