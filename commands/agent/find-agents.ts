import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";

import {
  type Agent,
  type AgentLookup,
  channelsWithIndexes,
  createAgentLookup,
} from "../../client/lookups/agent-lookup.ts";
import { userKey } from "../../functions/availability/item-kind.ts";
import { isTombstone, type Tombstone } from "../../functions/availability/state.ts";
import { removedAt } from "../../functions/store/attributes.ts";
import { createItemChanges } from "../../functions/store/item-changes.ts";
import { readItem } from "../../functions/store/read-item.ts";

/** The kinds of ID that an operator can type for an agent. */
export type IdKind =
  | "email address"
  | "availability ID"
  | "user ID"
  | `${(typeof channelsWithIndexes)[number]} agent ID`;

/** An agent that has the typed ID, and which kinds of ID it is. */
export interface Match {
  readonly agent: Agent;
  readonly kinds: readonly [IdKind, ...IdKind[]];
}

export interface FoundAgents {
  /** Newest first, each agent once. */
  readonly matches: readonly Match[];
  /** The removal of the agent with this availability ID or user ID. Absent unless there is a tombstone. */
  readonly removal?: Pick<Tombstone, "removedAt" | "removedBecause">;
}

/** An operator can wait longer than a service. */
export const LOOKUP_DEADLINE_MS = 30_000;

interface Search {
  readonly client: DynamoDBClient;
  readonly tableName: string;
}

type Candidate = readonly [kind: IdKind, agent: Agent];

async function findByChannel(
  lookup: AgentLookup,
  accountId: string,
  channel: (typeof channelsWithIndexes)[number],
  id: string,
): Promise<Candidate[]> {
  const stored = await lookup.byChannelAgentId(accountId, channel, id);
  const agents = await Promise.all(
    stored.map(
      async ({ availabilityId }) =>
        await lookup.byAvailabilityId(accountId, availabilityId, { joined: true }),
    ),
  );
  return agents.flatMap((agent) => (agent ? [[`${channel} agent ID`, agent]] : []));
}

async function findByEachKind(lookup: AgentLookup, accountId: string, id: string) {
  const [byAvailabilityId, byUserId, ...found] = await Promise.all([
    lookup.byAvailabilityId(accountId, id, { consistent: true, joined: true }),
    lookup.byUserId(accountId, id),
    ...channelsWithIndexes.map(
      async (channel) => await findByChannel(lookup, accountId, channel, id),
    ),
  ]);
  const candidates: (Candidate | undefined)[] = [
    byAvailabilityId && ["availability ID", byAvailabilityId],
    byUserId && ["user ID", byUserId],
    ...found.flat(),
  ];
  return candidates.filter((candidate) => candidate !== undefined);
}

/**
 * Returns the removal of the agent with an availability ID or a user ID. The tombstone of a merged item does
 * not count, because the person has another item.
 */
async function removalOf({ client, tableName }: Search, accountId: string, id: string) {
  const changes = createItemChanges(client, tableName);
  const items = await Promise.all(
    [id, userKey(id)].map(
      async (availabilityId) => await changes.read({ accountId, availabilityId }),
    ),
  );
  for (const item of items) {
    const removal = item?.[removedAt] && readItem(item);
    if (removal && isTombstone(removal) && removal.removedBecause !== "merged") {
      return { removedAt: removal.removedAt, removedBecause: removal.removedBecause };
    }
  }
  return undefined;
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
 * Finds the agents that have an ID of any kind: an email address, an availability ID, a user ID, or the agent
 * ID in a channel that has an index. Different agents can have the same number as IDs of different kinds.
 */
export async function findAgents(
  search: Search,
  accountId: string,
  id: string,
): Promise<FoundAgents> {
  const lookup = createAgentLookup({ ...search, deadlineMs: LOOKUP_DEADLINE_MS });
  if (id.includes("@")) {
    const agents = await lookup.byEmail(accountId, id);
    return { matches: matchesOf(agents.map((agent) => ["email address", agent])) };
  }
  const [candidates, removal] = await Promise.all([
    findByEachKind(lookup, accountId, id),
    removalOf(search, accountId, id),
  ]);
  return { matches: matchesOf(candidates), ...(removal && { removal }) };
}
