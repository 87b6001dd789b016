import { agentIdIndex, emailIndex } from "../../functions/store/attributes.ts";
import { type Agent, agentIn } from "./agent.ts";
import { available, everybody } from "./available.ts";
import { byIds, idsUnder, type Index, keyOf } from "./by-key.ts";
import { explain } from "./explain.ts";
import { type Ask, pageOf, pagesOf } from "./list.ts";
import { type AgentLookupOptions, readOptions } from "./options.ts";
import { withinDeadline } from "./patience.ts";
import {
  aChannel,
  anEmail,
  anId,
  type AvailableAgent,
  type AvailableOptions,
  type Consistency,
  type Page,
  type Paging,
  someIds,
} from "./questions.ts";
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
export type { AvailableAgent, AvailableOptions, Consistency, Page, Paging } from "./questions.ts";
export type { ReadParameter } from "./stage-table.ts";

/** What came back for several ids, in the order asked. */
export interface AgentsFound {
  readonly agents: readonly Agent[];
  /** The ids under which there is nobody. */
  readonly missing: readonly string[];
}

const newestFirst = (first: Agent, second: Agent) =>
  second.updatedAt.localeCompare(first.updatedAt);

/**
 * Answers questions about agents' latest availability, straight from the table: the calls are GetItem,
 * BatchGetItem and Query, and cost what `docs/use/lookups.md` says.
 *
 * Every method throws LookupError, with a sentence, for a question that is wrong, cannot be answered here,
 * or was not answered by the deadline, and UnreadableAgentError for an item that this version does not
 * understand. Throttling and keys left unprocessed are retried, with growing pauses, until the deadline.
 * Whatever else the SDK throws comes through as it is.
 *
 * @throws LookupError for options that cannot be meant.
 */
export function createAgentLookup(where: AgentLookupOptions) {
  const { client, deadlineMs, nameOf } = readOptions(where);

  const ask: Ask = async (question) => {
    try {
      return await withinDeadline(
        deadlineMs,
        async (patience) => await question(createTable(client, await nameOf(), patience)),
      );
    } catch (error) {
      throw explain(error);
    }
  };

  /** All whom an index has under a value, then read from the table: newest first. */
  async function byIndex(
    index: Index,
    accountId: string,
    value: string,
    isMeant: (agent: Agent) => boolean,
  ): Promise<readonly Agent[]> {
    anId("account id", accountId);
    const found = await ask(
      async (table) =>
        await byIds(table, accountId, await idsUnder(table, index, accountId, value)),
    );
    // The index may be behind the table: an agent that has got another value meanwhile is not meant.
    return [...found.values()].filter(isMeant).toSorted(newestFirst);
  }

  return {
    /** One agent; `undefined` for nobody. Half a read unit, one if `consistent`. */
    async byAvailabilityId(
      accountId: string,
      availabilityId: string,
      { consistent = false }: Consistency = {},
    ): Promise<Agent | undefined> {
      const key = keyOf(anId("account id", accountId), anId("availability id", availabilityId));
      const item = await ask(async (table) => await table.get(key, consistent));
      return item && agentIn(item);
    },

    /** All agents with an e-mail address, in any case; newest first. Half a read unit for the index, and half for each. */
    async byEmail(accountId: string, email: string): Promise<readonly Agent[]> {
      const address = anEmail(email);
      return await byIndex(emailIndex, accountId, address, (agent) => agent.email === address);
    },

    /** All agents with an id in a channel that has an index; newest first. Costs what `byEmail` does. */
    async byChannelAgentId(
      accountId: string,
      channel: string,
      agentId: string,
    ): Promise<readonly Agent[]> {
      const known = aChannel(channel);
      const id = anId("agent id", agentId);
      return await byIndex(
        agentIdIndex(known),
        accountId,
        id,
        (agent) => agent.channels[known]?.agentId === id,
      );
    },

    /** Up to 100 agents, in the order asked. Half a read unit each, one if `consistent`. */
    async byAvailabilityIds(
      accountId: string,
      availabilityIds: readonly string[],
      { consistent = false }: Consistency = {},
    ): Promise<AgentsFound> {
      anId("account id", accountId);
      const ids = someIds(availabilityIds);
      const found = await ask(async (table) => await byIds(table, accountId, ids, consistent));
      return {
        agents: ids.flatMap((id) => found.get(id) ?? []),
        missing: ids.filter((id) => !found.has(id)),
      };
    },

    /**
     * Who is available on a channel now, longest waiting first, each agent once. What is wrong with the
     * question is thrown at once, not at the first step.
     */
    availableOn: (
      accountId: string,
      channel: string,
      options: AvailableOptions = {},
    ): AsyncGenerator<AvailableAgent, void, void> =>
      pagesOf(ask, available(accountId, channel, options), options),

    /** The same, a page at a time, with a cursor that can be handed over HTTP. */
    availablePageOn: async (
      accountId: string,
      channel: string,
      options: AvailableOptions = {},
    ): Promise<Page<AvailableAgent>> =>
      await pageOf(ask, available(accountId, channel, options), options),

    /** Everybody of an account. Half a read unit for 4 KB, one if `consistent`. */
    all: (
      accountId: string,
      options: Paging & Consistency = {},
    ): AsyncGenerator<Agent, void, void> => pagesOf(ask, everybody(accountId, options), options),

    /** The same, a page at a time. */
    allPage: async (accountId: string, options: Paging & Consistency = {}): Promise<Page<Agent>> =>
      await pageOf(ask, everybody(accountId, options), options),
  };
}

/** @see createAgentLookup */
export type AgentLookup = ReturnType<typeof createAgentLookup>;
