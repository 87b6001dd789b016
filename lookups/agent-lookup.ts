import { DynamoDBClient } from "@aws-sdk/client-dynamodb";

import { agentIdIndex, availableIndex, emailIndex } from "../functions/store/attributes.ts";
import { type Agent, agentIn, millisecondsSince } from "./agent.ts";
import { type ListQuestion, pageOf, pagesOf } from "./list.ts";
import {
  aChannel,
  anEmail,
  anId,
  type AvailableAgent,
  type Consistency,
  type Page,
  type Paging,
  someIds,
} from "./questions.ts";
import { tableOfStage } from "./stage-table.ts";
import { createTable, type Item } from "./table.ts";

export { knownChannels as channelsWithIndexes } from "../functions/availability/change.ts";
export type * from "./agent.ts";
export { millisecondsSince } from "./agent.ts";
export { LookupError, UnreadableAgentError } from "./lookup-error.ts";
export type { AvailableAgent, Consistency, Page, Paging } from "./questions.ts";

/** Where to look, and with what. */
export type AgentLookupOptions = (
  | {
      /** The table's name or ARN: the stage's output `TableName`, or `TableArn` from another AWS account. */
      readonly tableName: string;
    }
  | {
      /** The deployed stage; its table is found by an SSM parameter, read once. Needs `@aws-sdk/client-ssm`. */
      readonly stage: string;
    }
) & {
  /** @default - a client with the SDK's own retries */
  readonly client?: DynamoDBClient | undefined;
  /**
   * How long one call may take, retries and all, in milliseconds.
   *
   * @default 5000
   */
  readonly deadlineMs?: number | undefined;
};

/** What came back for several ids, in the order asked. */
export interface AgentsFound {
  readonly agents: readonly Agent[];
  /** The ids under which there is nobody. */
  readonly missing: readonly string[];
}

/** Who is available, and of them only those heard of lately. */
export interface AvailableOptions extends Paging {
  /**
   * Only agents whose last change came within this many milliseconds. Reads each agent besides the index.
   *
   * @default - all who are available
   */
  readonly heardWithinMs?: number | undefined;
}

const keyOf = (accountId: string, availabilityId: string): Item => ({
  accountId: { S: accountId },
  availabilityId: { S: availabilityId },
});

const newestFirst = (first: Agent, second: Agent) =>
  second.updatedAt.localeCompare(first.updatedAt);

function everybody(accountId: string, { consistent }: Consistency): ListQuestion<Agent> {
  return {
    accountId: anId("account id", accountId),
    consistent,
    rowsOf: (items) => items.flatMap((item) => agentIn(item) ?? []),
  };
}

/**
 * Answers questions about agents' latest availability, straight from the table: the calls are GetItem,
 * BatchGetItem and Query, and cost what `docs/lookups.md` says.
 *
 * Every method throws LookupError, with a sentence, for a question that is wrong or cannot be answered
 * here, and UnreadableAgentError for an item that this version does not understand. Throttling is retried
 * by the client, keys left unprocessed by the lookup, both until the deadline.
 */
export function createAgentLookup(options: AgentLookupOptions) {
  const { client = new DynamoDBClient(), deadlineMs = 5000 } = options;
  const nameOf =
    "stage" in options
      ? tableOfStage(options.stage)
      : async () => await Promise.resolve(options.tableName);
  const table = createTable(client, nameOf, deadlineMs);

  async function byIds(
    accountId: string,
    ids: readonly string[],
    consistent = false,
  ): Promise<Map<string, Agent>> {
    const keys = ids.map((id) => keyOf(accountId, id));
    const items = await table.batchGet(keys, consistent);
    return new Map(
      items.flatMap((item) => agentIn(item) ?? []).map((agent) => [agent.availabilityId, agent]),
    );
  }

  /** All that an index has under a value, then read from the table: newest first. */
  async function byIndex(
    accountId: string,
    index: { readonly name: string; readonly sortKey: string },
    value: string,
  ): Promise<Agent[]> {
    const { items } = await table.query({
      IndexName: index.name,
      KeyConditionExpression: "accountId = :accountId AND #key = :value",
      ExpressionAttributeNames: { "#key": index.sortKey },
      ExpressionAttributeValues: {
        ":accountId": { S: anId("account id", accountId) },
        ":value": { S: value },
      },
      Limit: 100,
    });
    const ids = items.flatMap(({ availabilityId }) => availabilityId?.S ?? []);
    const agents = [...(await byIds(accountId, ids)).values()];
    return agents.toSorted(newestFirst);
  }

  function available(
    accountId: string,
    name: string,
    { heardWithinMs }: AvailableOptions,
  ): ListQuestion<AvailableAgent> {
    const channel = aChannel(name);
    const index = availableIndex(channel);
    const rowOf = (item: Item): AvailableAgent => ({
      accountId,
      availabilityId: item["availabilityId"]?.S ?? "",
      channel,
      agentId: item[index.carries]?.S,
      availableSince: item[index.sortKey]?.S ?? "",
    });
    return {
      accountId: anId("account id", accountId),
      index,
      rowsOf: async (items) => {
        const rows = items.map(rowOf);
        if (heardWithinMs === undefined || rows.length === 0) {
          return rows;
        }
        const agents = await byIds(
          accountId,
          rows.map(({ availabilityId }) => availabilityId),
        );
        return rows.filter(({ availabilityId }) => {
          const agent = agents.get(availabilityId);
          return agent !== undefined && millisecondsSince(agent.receivedAt) <= heardWithinMs;
        });
      },
    };
  }

  return {
    /** One agent; `undefined` for nobody. Half a read unit, one if `consistent`. */
    async byAvailabilityId(
      accountId: string,
      availabilityId: string,
      { consistent = false }: Consistency = {},
    ): Promise<Agent | undefined> {
      const key = keyOf(anId("account id", accountId), anId("availability id", availabilityId));
      const item = await table.get(key, consistent);
      return item && agentIn(item);
    },

    /** All agents with an e-mail address, in any case; newest first. Half a read unit for the index, and half for each. */
    async byEmail(accountId: string, email: string): Promise<readonly Agent[]> {
      return await byIndex(accountId, emailIndex, anEmail(email));
    },

    /** All agents with an id in a channel that has an index; newest first. Costs what `byEmail` does. */
    async byChannelAgentId(
      accountId: string,
      channel: string,
      agentId: string,
    ): Promise<readonly Agent[]> {
      return await byIndex(accountId, agentIdIndex(aChannel(channel)), anId("agent id", agentId));
    },

    /** Up to 100 agents, in the order asked. Half a read unit each, one if `consistent`. */
    async byAvailabilityIds(
      accountId: string,
      availabilityIds: readonly string[],
      { consistent }: Consistency = {},
    ): Promise<AgentsFound> {
      const ids = someIds(availabilityIds);
      const found = await byIds(anId("account id", accountId), ids, consistent);
      return {
        agents: ids.flatMap((id) => found.get(id) ?? []),
        missing: ids.filter((id) => !found.has(id)),
      };
    },

    /** Who is available on a channel now, longest waiting first. Half a read unit for about 4 KB, which is some 25 agents. */
    availableOn: (
      accountId: string,
      channel: string,
      ask: AvailableOptions = {},
    ): AsyncGenerator<AvailableAgent, void, void> =>
      pagesOf(table, available(accountId, channel, ask), ask),

    /** The same, a page at a time, with a cursor that can be handed over HTTP. */
    availablePageOn: async (
      accountId: string,
      channel: string,
      ask: AvailableOptions = {},
    ): Promise<Page<AvailableAgent>> =>
      await pageOf(table, available(accountId, channel, ask), ask),

    /** Everybody of an account. Half a read unit for 4 KB, one if `consistent`. */
    all: (accountId: string, ask: Paging & Consistency = {}): AsyncGenerator<Agent, void, void> =>
      pagesOf(table, everybody(accountId, ask), ask),

    /** The same, a page at a time. */
    allPage: async (accountId: string, ask: Paging & Consistency = {}): Promise<Page<Agent>> =>
      await pageOf(table, everybody(accountId, ask), ask),
  };
}

/** @see createAgentLookup */
export type AgentLookup = ReturnType<typeof createAgentLookup>;
