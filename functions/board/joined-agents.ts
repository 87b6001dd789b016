import { readJoinedAgents } from "../../client/lookups/all-agents.ts";
import type { JoinedAgent } from "../../client/lookups/join.ts";
import { type AgentLookupOptions, parseOptions } from "../../client/lookups/options.ts";
import { createUseTable } from "../../client/lookups/use-table.ts";

/**
 * Returns a function that reads the agents of an account, with the times of their last changes.
 *
 * @throws LookupError for invalid options.
 */
export function createJoinedAgentsReader(options: AgentLookupOptions) {
  const useTable = createUseTable(parseOptions(options));
  return async (accountId: string): Promise<JoinedAgent[]> =>
    await readJoinedAgents(useTable, accountId);
}

export type JoinedAgentsReader = ReturnType<typeof createJoinedAgentsReader>;
