import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";

import {
  type Agent,
  type AgentLookup,
  channelsWithIndexes,
  createAgentLookup,
} from "../../client/lookups/agent-lookup.ts";
import { createForget } from "./tombstone.ts";

/** The kinds of ID that an operator can type for an agent. */
export type IdKind =
  "email address" | "availability ID" | `${(typeof channelsWithIndexes)[number]} agent ID`;

/** An agent that has the typed ID, and which kinds of ID it is. */
export interface Match {
  readonly agent: Agent;
  readonly kinds: readonly [IdKind, ...IdKind[]];
}

/** Everything that an ID stands for. */
export interface Found {
  /** Newest first, each agent once. */
  readonly matches: readonly Match[];
  /** ISO 8601 UTC: when the agent with this availability ID was removed. Absent unless there is a tombstone. */
  readonly removedAt?: string;
}

interface Search {
  readonly client: DynamoDBClient;
  readonly tableName: string;
}

type Candidate = readonly [kind: IdKind, agent: Agent];

async function byEachKind(lookup: AgentLookup, accountId: string, id: string) {
  const found = await Promise.all([
    lookup
      .byAvailabilityId(accountId, id, { consistent: true })
      .then((agent): Candidate[] => (agent ? [["availability ID", agent]] : [])),
    ...channelsWithIndexes.map(async (channel) => {
      const agents = await lookup.byChannelAgentId(accountId, channel, id);
      return agents.map((agent): Candidate => [`${channel} agent ID`, agent]);
    }),
  ]);
  return found.flat();
}

function matchesOf(candidates: readonly Candidate[]): Match[] {
  const matches = new Map<string, Match>();
  for (const [kind, agent] of candidates) {
    const known = matches.get(agent.availabilityId);
    matches.set(agent.availabilityId, {
      agent: known?.agent ?? agent,
      kinds: known ? [...known.kinds, kind] : [kind],
    });
  }
  return [...matches.values()].toSorted((first, second) =>
    second.agent.updatedAt.localeCompare(first.agent.updatedAt),
  );
}

/**
 * Finds the agents that have an ID of any kind: an email address, an availability ID, or the agent ID in a
 * channel that has an index. Different agents can have the same number as IDs of different kinds.
 */
export async function findAgents(
  { client, tableName }: Search,
  accountId: string,
  id: string,
): Promise<Found> {
  const lookup = createAgentLookup({ tableName, client });
  if (id.includes("@")) {
    const agents = await lookup.byEmail(accountId, id);
    return { matches: matchesOf(agents.map((agent) => ["email address", agent])) };
  }
  const [candidates, stored] = await Promise.all([
    byEachKind(lookup, accountId, id),
    createForget(client, tableName).look({ accountId, availabilityId: id }),
  ]);
  const matches = matchesOf(candidates);
  return stored.kind === "already-forgotten"
    ? { matches, removedAt: stored.removedAt }
    : { matches };
}
