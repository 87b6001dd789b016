import { agentIdIndex, emailIndex } from "../../functions/store/attributes.ts";
import { type Agent, agentIn } from "./agent.ts";
import {
  type AvailableAgent,
  type AvailableOptions,
  type Consistency,
  type Page,
  type Paging,
  parseAccountId,
  parseAvailabilityIds,
  parseChannel,
  parseEmail,
  parseId,
  rejectUnknownOptions,
} from "./arguments.ts";
import { type Index, keyOf, readAgents, readIds } from "./by-key.ts";
import { withDeadline } from "./deadline.ts";
import { explain } from "./explain.ts";
import { type AgentLookupOptions, parseOptions } from "./options.ts";
import { readPage, readRows, type UseTable } from "./pages.ts";
import { allAgents, availableAgents } from "./queries.ts";
import { createTable } from "./table.ts";

export { knownChannels as channelsWithIndexes } from "../../functions/availability/change.ts";
export type {
  Actor,
  Agent,
  AgentStatus,
  ChannelAvailability,
  Channels,
  ChannelTimes,
  KnownChannel,
} from "./agent.ts";
export { millisecondsSince } from "./agent.ts";
export { LookupError, UnreadableAgentError } from "./lookup-error.ts";
export type { AgentLookupOptions, TableByName, TableOfStage } from "./options.ts";
export type { AvailableAgent, AvailableOptions, Consistency, Page, Paging } from "./arguments.ts";
export type { ReadParameter } from "./stage-table.ts";

/** The result for several availability IDs, in their order. */
export interface AgentsFound {
  readonly agents: readonly Agent[];
  /** The IDs without an agent. */
  readonly missing: readonly string[];
}

const newestFirst = (first: Agent, second: Agent) =>
  second.updatedAt.localeCompare(first.updatedAt);

/**
 * Returns a reader of agents' latest availability. It reads the table with GetItem, BatchGetItem and
 * Query; `docs/use/lookups.md` states what each lookup costs.
 *
 * Every method throws LookupError for an invalid argument, a lookup that cannot succeed here or that
 * missed its deadline, and UnreadableAgentError for an item that this version cannot parse. Throttled
 * calls and unprocessed keys are retried with growing pauses until the deadline. Other errors of the SDK
 * are thrown unchanged.
 *
 * @throws LookupError for invalid options.
 */
export function createAgentLookup(options: AgentLookupOptions) {
  const { client, deadlineMs, tableName } = parseOptions(options);

  const useTable: UseTable = async (use) => {
    try {
      return await withDeadline(
        deadlineMs,
        async (deadline) => await use(createTable(client, await tableName(), deadline)),
      );
    } catch (error) {
      throw explain(error);
    }
  };

  /** Reads the keys that an index has for a value, then the agents: newest first. */
  async function byIndex(
    index: Index,
    accountId: string,
    value: string,
    matches: (agent: Agent) => boolean,
  ): Promise<readonly Agent[]> {
    const account = parseAccountId(accountId);
    const found = await useTable(
      async (table) =>
        await readAgents(table, account, await readIds(table, index, account, value)),
    );
    // The index may lag behind the table: an agent whose value has changed meanwhile does not match.
    return [...found.values()].filter(matches).toSorted(newestFirst);
  }

  return {
    /** Returns one agent, or `undefined`. Half a read unit; one if `consistent`. */
    async byAvailabilityId(
      accountId: string,
      availabilityId: string,
      readOptions: Consistency = {},
    ): Promise<Agent | undefined> {
      rejectUnknownOptions(readOptions, ["consistent"]);
      const key = keyOf(parseAccountId(accountId), parseId("availabilityId", availabilityId));
      const item = await useTable(
        async (table) => await table.get(key, readOptions.consistent ?? false),
      );
      return item && agentIn(item);
    },

    /**
     * Returns all agents with an email address, in any case; newest first. Half a read unit for the index,
     * and half for each agent.
     */
    async byEmail(accountId: string, email: string): Promise<readonly Agent[]> {
      const address = parseEmail(email);
      return await byIndex(emailIndex, accountId, address, (agent) => agent.email === address);
    },

    /** Returns all agents with an ID in a channel that has an index; newest first. Costs the same as `byEmail`. */
    async byChannelAgentId(
      accountId: string,
      channel: string,
      agentId: string,
    ): Promise<readonly Agent[]> {
      const known = parseChannel(channel);
      const id = parseId("agentId", agentId);
      return await byIndex(
        agentIdIndex(known),
        accountId,
        id,
        (agent) => agent.channels[known]?.agentId === id,
      );
    },

    /** Returns up to 100 agents, in the order of the IDs. Half a read unit each; one if `consistent`. */
    async byAvailabilityIds(
      accountId: string,
      availabilityIds: readonly string[],
      readOptions: Consistency = {},
    ): Promise<AgentsFound> {
      rejectUnknownOptions(readOptions, ["consistent"]);
      const account = parseAccountId(accountId);
      const { asked, readable } = parseAvailabilityIds(availabilityIds);
      const found = await useTable(
        async (table) => await readAgents(table, account, readable, readOptions.consistent),
      );
      return {
        agents: asked.flatMap((id) => found.get(id) ?? []),
        missing: asked.filter((id) => !found.has(id)),
      };
    },

    /**
     * Iterates over the agents available on a channel now, longest available first, each agent once.
     * Invalid arguments throw immediately, not at the first step.
     */
    availableOn: (
      accountId: string,
      channel: string,
      listOptions: AvailableOptions = {},
    ): AsyncGenerator<AvailableAgent, void, void> =>
      readRows(useTable, availableAgents(accountId, channel, listOptions), listOptions),

    /** Returns one page of the same list, with a cursor that can be passed over HTTP. */
    availablePageOn: async (
      accountId: string,
      channel: string,
      listOptions: AvailableOptions = {},
    ): Promise<Page<AvailableAgent>> =>
      await readPage(useTable, availableAgents(accountId, channel, listOptions), listOptions),

    /** Iterates over all agents of an account. Half a read unit for 4 KB; one if `consistent`. */
    all: (
      accountId: string,
      listOptions: Paging & Consistency = {},
    ): AsyncGenerator<Agent, void, void> =>
      readRows(useTable, allAgents(accountId, listOptions), listOptions),

    /** Returns one page of the same list. */
    allPage: async (
      accountId: string,
      listOptions: Paging & Consistency = {},
    ): Promise<Page<Agent>> =>
      await readPage(useTable, allAgents(accountId, listOptions), listOptions),
  };
}

/** @see createAgentLookup */
export type AgentLookup = ReturnType<typeof createAgentLookup>;
