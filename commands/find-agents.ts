import {
  type Agent,
  type AgentLookup,
  channelsWithIndexes,
} from "../client/lookups/agent-lookup.ts";

/**
 * The agents that somebody may mean by an id of any kind: an e-mail address, an availability id, or the
 * id in a channel that has an index. Usually one; the newest first, each once.
 */
export async function findAgents(
  lookup: AgentLookup,
  accountId: string,
  id: string,
): Promise<readonly Agent[]> {
  if (id.includes("@")) {
    return await lookup.byEmail(accountId, id);
  }
  const found = await Promise.all([
    lookup.byAvailabilityId(accountId, id, { consistent: true }),
    ...channelsWithIndexes.map(
      async (channel) => await lookup.byChannelAgentId(accountId, channel, id),
    ),
  ]);
  const agents = found.flat().filter((agent) => agent !== undefined);
  return [...new Map(agents.map((agent) => [agent.availabilityId, agent])).values()].toSorted(
    (first, second) => second.updatedAt.localeCompare(first.updatedAt),
  );
}
