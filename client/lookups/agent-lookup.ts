import { agentIdIndex } from "../../functions/store/attributes.ts";
import { type Agent, parseAgent, parseLiveItem } from "./agent.ts";
import { allAgents, pageOfAllAgents } from "./all-agents.ts";
import {
  type AgentOptions,
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
import { availableAgents } from "./available-agents.ts";
import { keyOf, readAgents, readIds } from "./by-key.ts";
import { readByEmail, readByUserId, readPersonOf } from "./by-person.ts";
import { type AgentLookupOptions, parseOptions } from "./options.ts";
import { readPage, readRows } from "./pages.ts";
import { createUseTable } from "./use-table.ts";

export {
  type Actor,
  type AgentStatus,
  type ChannelAvailability,
  type Channels,
  type KnownChannel,
  knownChannels as channelsWithIndexes,
} from "../../functions/availability/change.ts";
export { type Agent, type ChannelTimes, millisecondsSince } from "./agent.ts";
export { LookupError, UnreadableAgentError } from "./lookup-error.ts";
export type { AgentLookupOptions, TableByName, TableOfStage } from "./options.ts";
export type {
  AgentOptions,
  AvailableAgent,
  AvailableOptions,
  Consistency,
  Page,
  Paging,
} from "./arguments.ts";
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
 * Every method throws LookupError for an invalid argument, a table that cannot be found or read, or a missed
 * deadline, and UnreadableAgentError for an item that this version cannot parse. Throttled
 * calls and unprocessed keys are retried with growing pauses until the deadline. Other errors of the SDK
 * are thrown unchanged.
 *
 * @throws LookupError for invalid options.
 */
export function createAgentLookup(options: AgentLookupOptions) {
  const useTable = createUseTable(parseOptions(options));

  return {
    /**
     * Returns one agent as stored, or `undefined`. Costs half a read unit; one if `consistent`. With `joined`,
     * returns the agent that the item belongs to, for at most two more read units if the person has one item of
     * each kind.
     */
    async byAvailabilityId(
      accountId: string,
      availabilityId: string,
      readOptions: AgentOptions = {},
    ): Promise<Agent | undefined> {
      rejectUnknownOptions(readOptions, ["consistent", "joined"]);
      const { consistent = false, joined = false } = readOptions;
      const account = parseAccountId(accountId);
      const key = keyOf(account, parseId("availabilityId", availabilityId));
      return await useTable(async (table) => {
        const item = await table.get(key, consistent);
        if (item === undefined || !joined) {
          return item && parseAgent(item);
        }
        const live = parseLiveItem(item);
        return live && (await readPersonOf(table, account, live));
      });
    },

    /**
     * Returns the agent with a Freshdesk user ID, such as the `responder_id` of a ticket, or `undefined`.
     * Costs about two read units.
     */
    async byUserId(accountId: string, userId: string): Promise<Agent | undefined> {
      const account = parseAccountId(accountId);
      const id = parseId("userId", userId);
      return await useTable(async (table) => await readByUserId(table, account, id));
    },

    /**
     * Returns the agents with an email address, ignoring case, newest first. There is more than one only if the
     * address was given to someone else. Costs about two read units.
     */
    async byEmail(accountId: string, email: string): Promise<readonly Agent[]> {
      const account = parseAccountId(accountId);
      const address = parseEmail(email);
      const agents = await useTable(async (table) => await readByEmail(table, account, address));
      return agents.toSorted(newestFirst);
    },

    /**
     * Returns all agents with an ID in a channel that has an index, as stored, newest first. Costs half a read
     * unit for the index, and half for each agent.
     */
    async byChannelAgentId(
      accountId: string,
      channel: string,
      agentId: string,
    ): Promise<readonly Agent[]> {
      const account = parseAccountId(accountId);
      const knownChannel = parseChannel(channel);
      const id = parseId("agentId", agentId);
      const found = await useTable(async (table) => {
        const ids = await readIds(table, agentIdIndex(knownChannel), account, id);
        return await readAgents(table, account, ids);
      });
      // The index may lag behind the table: an agent whose ID has changed meanwhile does not match.
      return [...found.values()]
        .filter((agent) => agent.channels[knownChannel]?.agentId === id)
        .toSorted(newestFirst);
    },

    /** Returns up to 100 agents as stored, in the order of the IDs, for half a read unit each; one if `consistent`. */
    async byAvailabilityIds(
      accountId: string,
      availabilityIds: readonly string[],
      readOptions: Consistency = {},
    ): Promise<AgentsFound> {
      rejectUnknownOptions(readOptions, ["consistent"]);
      const account = parseAccountId(accountId);
      const { requested, valid } = parseAvailabilityIds(availabilityIds);
      const found = await useTable(
        async (table) => await readAgents(table, account, valid, readOptions.consistent),
      );
      return {
        agents: requested.flatMap((id) => found.get(id) ?? []),
        missing: requested.filter((id) => !found.has(id)),
      };
    },

    /**
     * Iterates over the agents available on a channel now, longest available first, each person once.
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

    /**
     * Iterates over all agents of an account, each person once. Whatever the limit, the first step reads all
     * items of the account, for half a read unit per 4 KB; one if `consistent`.
     */
    all: (
      accountId: string,
      listOptions: Paging & Consistency = {},
    ): AsyncGenerator<Agent, void, void> => allAgents(useTable, accountId, listOptions),

    /** Returns one page of the same list. Each page reads all items of the account. */
    allPage: async (
      accountId: string,
      listOptions: Paging & Consistency = {},
    ): Promise<Page<Agent>> => await pageOfAllAgents(useTable, accountId, listOptions),
  };
}

/** @see createAgentLookup */
export type AgentLookup = ReturnType<typeof createAgentLookup>;
