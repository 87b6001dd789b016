import type { Agent, AgentLookup, AvailableAgent } from "../../client/lookups/agent-lookup.ts";

/** Maximum number of IDs that one lookup accepts. */
const MAX_IDS = 100;

/** The first agents of a list, and whether there are more. */
export interface ListedAgents<Row> {
  readonly agents: readonly Row[];
  readonly more: boolean;
}

/** An available agent with name and email address, as far as they are known. */
export interface NamedAvailableAgent extends AvailableAgent {
  readonly name?: string | undefined;
  readonly email?: string | undefined;
}

async function firstOf<Row>(rows: AsyncIterable<Row>, limit: number): Promise<ListedAgents<Row>> {
  const agents: Row[] = [];
  for await (const row of rows) {
    if (agents.length === limit) {
      return { agents, more: true };
    }
    agents.push(row);
  }
  return { agents, more: false };
}

export async function listAll(
  lookup: AgentLookup,
  accountId: string,
  limit: number,
): Promise<ListedAgents<Agent>> {
  return await firstOf(lookup.all(accountId, { limit: limit + 1 }), limit);
}

/** Returns the agents available on a channel, longest available first, up to the limit. */
export async function listAvailable(
  lookup: AgentLookup,
  { accountId, channel }: { readonly accountId: string; readonly channel: string },
  limit: number,
): Promise<ListedAgents<NamedAvailableAgent>> {
  const rows = lookup.availableOn(accountId, channel, { limit: limit + 1 });
  const { agents, more } = await firstOf(rows, limit);
  const named: NamedAvailableAgent[] = [];
  for (let start = 0; start < agents.length; start += MAX_IDS) {
    const part = agents.slice(start, start + MAX_IDS);
    const ids = part.map(({ availabilityId }) => availabilityId);
    const { agents: known } = await lookup.byAvailabilityIds(accountId, ids);
    for (const row of part) {
      const { name, email } =
        known.find(({ availabilityId }) => availabilityId === row.availabilityId) ?? {};
      named.push({ ...row, name, email });
    }
  }
  return { agents: named, more };
}
