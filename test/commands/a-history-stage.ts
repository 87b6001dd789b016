import type {
  AttributeValue,
  BatchGetItemCommandInput,
  GetItemCommandInput,
  QueryCommandInput,
} from "@aws-sdk/client-dynamodb";

import { historyRowOf } from "../../functions/availability/history.ts";
import { historyItemOf, historyKeyOf } from "../../functions/store/history-item.ts";
import { readItem } from "../../functions/store/read-item.ts";
import { aTable } from "../../tools/fakes/table.ts";
import { anItem } from "../builders/item.ts";
import type { Responses } from "./run-command.ts";

type Item = Record<string, AttributeValue>;

export const ACCOUNT = "11010177632";

/** An item at the given time on 28 November 2026, UTC, with a test's own attributes. */
export function aChange(time: string, version: number, overrides: Item = {}): Item {
  const updatedAt = `2026-11-28T${time}:00.000Z`;
  return anItem({
    updatedAt: { S: updatedAt },
    eventTimestamp: { N: String(Date.parse(updatedAt) * 1000) },
    version: { N: String(version) },
    ...overrides,
  });
}

/** The attribute of a status. */
export const aStatus = (id: string, name: string) => ({
  status: { M: { id: { S: id }, name: { S: name } } },
});

/** Every small read costs half a read unit. DynamoDB returns the units if the request asks for them. */
function withCapacity<Output extends object>(input: unknown, output: Output) {
  const { ReturnConsumedCapacity: mode } = input as QueryCommandInput;
  return { ...output, ConsumedCapacity: mode === "TOTAL" ? { CapacityUnits: 0.5 } : undefined };
}

/** A stage called `blue` with a table of agents and one of the history. A query returns up to 7 items at once. */
export function aHistoryStage({ days = "90" } = {}) {
  const agents = aTable({ pageSize: 7 });
  const history = aTable({ pageSize: 7 });
  const tableOf = (name: string | undefined) => (name === "history" ? history : agents);
  const parameters = {
    "table-name": "agents",
    "history-table-name": "history",
    "history-days": days,
  };
  const responses: Responses = {
    GetParametersByPath: () => ({
      Parameters: Object.entries(parameters).map(([name, value]) => ({
        Name: `/agent-availability/blue/${name}`,
        Value: value,
      })),
    }),
    GetItem: (input) =>
      withCapacity(input, tableOf((input as GetItemCommandInput).TableName).get(input as never)),
    BatchGetItem: (input) => {
      const { ConsumedCapacity: each, ...output } = withCapacity(
        input,
        agents.batchGet(input as BatchGetItemCommandInput),
      );
      return { ...output, ...(each && { ConsumedCapacity: [each] }) };
    },
    Query: (input) =>
      withCapacity(input, tableOf((input as QueryCommandInput).TableName).query(input as never)),
  };
  return {
    agents,
    history,
    responses,

    /** Stores the images of one item one after the other, and the history items of the changes. */
    store(...images: readonly [Item, ...Item[]]): void {
      for (const [index, image] of images.entries()) {
        const before = images[index - 1];
        const after = readItem(image);
        const row = historyRowOf({
          before: before && readItem(before),
          after,
          recordedAt: after.updatedAt,
        });
        if (row !== undefined) {
          history.items.set(JSON.stringify(historyKeyOf(row)), historyItemOf(row, 90));
        }
        const { accountId, availabilityId } = image;
        agents.items.set(JSON.stringify({ accountId, availabilityId }), image);
      }
    },
  };
}
