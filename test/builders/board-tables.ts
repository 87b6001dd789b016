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
import { createAgentLookup } from "../../client/lookups/agent-lookup.ts";
import { historyRowOf } from "../../functions/availability/history.ts";
import { createHistoryReader } from "../../functions/board/board-history.ts";
import { historyItemOf } from "../../functions/store/history-item.ts";
import { transitionOf } from "../../functions/store/outbox-record.ts";
import { anImage, anOutboxRecord } from "../../tools/fakes/outbox-record.ts";
import { aTable } from "../../tools/fakes/table.ts";
import { aHistoryTable } from "./history-in-memory.ts";

type Item = Record<string, AttributeValue>;

/** The account of every agent in the tables. */
export const ACCOUNT = "11010177632";

/** The table of agents and that of their history, behind the SDK's client. */
export function theBoardsTables() {
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

  return {
    client,
    history,

    /** Stores an agent after some writes, and the history of these writes. */
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
        const record = anOutboxRecord({ agent: agentId, after, ...(before && { before }) });
        const row = historyRowOf(transitionOf(record));
        if (row !== undefined) {
          const item = historyItemOf(row, 90);
          history.items.set(`${item["agent"]?.S ?? ""} ${item["change"]?.S ?? ""}`, item);
        }
      }
      const key = { accountId: { S: ACCOUNT }, availabilityId: { S: agentId } };
      agents.items.set(JSON.stringify(key), { ...images.at(-1), ...key });
    },

    /** The board's reader of these tables at a time. */
    readerAt: (time: string) =>
      createHistoryReader(
        createAgentLookup({ tableName: "agents" }),
        createTimelineReader({ tableName: "agents", historyTableName: "history" }),
        () => Date.parse(time),
      ),
  };
}

/** A write of an agent at a time: in a status since then, and available or not for chat. */
export function aWrite(time: string, status: string, available = true): Item {
  return {
    updatedAt: { S: time },
    receivedAt: { S: time },
    eventTimestamp: { N: String(Date.parse(time) * 1000) },
    status: { M: { id: { S: status }, name: { S: `Status ${status}` }, since: { S: time } } },
    channels: { M: { freshchat: { M: { available: { BOOL: available } } } } },
  };
}
