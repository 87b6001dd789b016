import {
  type AttributeValue,
  BatchGetItemCommand,
  type BatchGetItemCommandInput,
  DynamoDBClient,
  GetItemCommand,
  type GetItemCommandInput,
  QueryCommand,
  type QueryCommandInput,
} from "@aws-sdk/client-dynamodb";
import { mockClient } from "aws-sdk-client-mock";

import { createTimelineReader } from "../../client/history/timeline-reader.ts";
import { historyRowOf } from "../../functions/availability/history.ts";
import { createJoinedAgentsReader } from "../../functions/board/joined-agents.ts";
import { createHistoryReader } from "../../functions/board/board-history.ts";
import { type AgentState, isAgent } from "../../functions/availability/state.ts";
import type { ConditionalWrite } from "../../functions/store/conditional-write.ts";
import { historyItemOf } from "../../functions/store/history-item.ts";
import { transitionOf } from "../../functions/store/outbox-record.ts";
import { readItem } from "../../functions/store/read-item.ts";
import { anImage, anOutboxRecord } from "../../tools/fakes/outbox-record.ts";
import { aTable } from "../../tools/fakes/table.ts";
import { aHistoryTable } from "./history-in-memory.ts";

type Item = Record<string, AttributeValue>;
type Images = Pick<NonNullable<Parameters<typeof anOutboxRecord>[0]>, "before" | "after">;

/** The account of every agent in the tables. */
export const ACCOUNT = "11010177632";

/** The tables of agents and of their history, behind a mocked client. */
export function boardTables() {
  const agents = aTable();
  const client = mockClient(DynamoDBClient);
  client.on(GetItemCommand).callsFake((input: GetItemCommandInput) => agents.get(input));
  client
    .on(BatchGetItemCommand)
    .callsFake(({ RequestItems: requests = {} }: BatchGetItemCommandInput) => {
      const keys = requests["agents"]?.Keys ?? [];
      const found = keys.flatMap((key) => {
        const { Item: item } = agents.get({ Key: key });
        return item === undefined ? [] : [item];
      });
      return { Responses: { agents: found } };
    });
  client.on(QueryCommand).callsFake((input: QueryCommandInput) => agents.query(input));
  const history = aHistoryTable(client, "history");

  /** Stores the history of a write. */
  function record(agent: string, images: Images): void {
    const row = historyRowOf(transitionOf(anOutboxRecord({ agent, ...images })));
    if (row !== undefined) {
      const item = historyItemOf(row, 90);
      history.items.set(`${item["agent"]?.S ?? ""} ${item["change"]?.S ?? ""}`, item);
    }
  }

  return {
    client,
    history,

    /** Stores an agent as of the last of some writes, and the history of all of them. */
    store: (agentId: string, ...writes: readonly Item[]) => {
      const images = writes.map((write, index) =>
        anImage({
          version: { N: String(index + 1) },
          email: { S: `${agentId}@acme.com` },
          ...write,
        }),
      );
      for (const [index, after] of images.entries()) {
        const before = images[index - 1];
        record(agentId, { after, ...(before && { before }) });
      }
      const key = { accountId: { S: ACCOUNT }, availabilityId: { S: agentId } };
      agents.items.set(JSON.stringify(key), { ...images.at(-1), ...key });
    },

    /** Makes a write of reconcile, and stores its history. */
    apply: (write: ConditionalWrite) => {
      agents.update({ TableName: "agents", ...write });
      record(write.Key?.["availabilityId"]?.S ?? "", agents.images.at(-1) as unknown as Images);
    },

    /** Returns the stored state of an agent. */
    stateOf: (agentId: string): AgentState => {
      const key = { accountId: { S: ACCOUNT }, availabilityId: { S: agentId } };
      const item = readItem(agents.get({ Key: key }).Item ?? {});
      if (!isAgent(item)) {
        throw new Error(`agent ${agentId} not found`);
      }
      return item;
    },

    /** Creates the board's reader of these tables, with its clock at the given time. */
    readerAt: (time: string) =>
      createHistoryReader(
        createJoinedAgentsReader({ tableName: "agents" }),
        createTimelineReader({ tableName: "agents", historyTableName: "history" }),
        () => Date.parse(time),
      ),
  };
}

/** The time until the hub receives an event. */
const DELIVERY_MS = 2000;

/** A write at the given time, at which the agent enters a status, and is available or unavailable for chat. */
export function aWrite(time: string, status: string, available = true): Item {
  return {
    updatedAt: { S: time },
    receivedAt: { S: new Date(Date.parse(time) + DELIVERY_MS).toISOString() },
    eventTimestamp: { N: String(Date.parse(time) * 1000) },
    status: { M: { id: { S: status }, name: { S: `Status ${status}` }, since: { S: time } } },
    channels: { M: { freshchat: { M: { available: { BOOL: available } } } } },
  };
}
