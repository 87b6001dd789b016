import { parseAccountId } from "../../client/lookups/arguments.ts";
import { readJoinedAgents } from "../../client/lookups/all-agents.ts";
import { type AgentLookupOptions, parseOptions } from "../../client/lookups/options.ts";
import { createUseTable } from "../../client/lookups/use-table.ts";

/** An agent, and when its last change happened: epoch milliseconds. */
export interface ChangedAgent {
  readonly agentId: string;
  readonly changedAt: number;
}

/**
 * Returns a function that reads when each agent of an account changed last.
 *
 * @throws LookupError for invalid options.
 */
export function createChangedAgentsReader(options: AgentLookupOptions) {
  const useTable = createUseTable(parseOptions(options));
  return async (accountId: string): Promise<ChangedAgent[]> => {
    const agents = await readJoinedAgents(useTable, parseAccountId(accountId));
    return agents.map(({ item, changedAt }) => ({ agentId: item.availabilityId, changedAt }));
  };
}

/** @see createChangedAgentsReader */
export type ChangedAgentsReader = ReturnType<typeof createChangedAgentsReader>;
