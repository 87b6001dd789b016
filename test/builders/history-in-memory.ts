import {
  type AttributeValue,
  BatchWriteItemCommand,
  type BatchWriteItemCommandInput,
  type DynamoDBClient,
  QueryCommand,
  type QueryCommandInput,
} from "@aws-sdk/client-dynamodb";
import type { AwsClientStub } from "aws-sdk-client-mock";

type Item = Record<string, AttributeValue>;

const text = (item: Item | undefined, name: string) => item?.[name]?.S ?? "";
const keyOf = (item: Item) => `${text(item, "agent")} ${text(item, "change")}`;

/** The history table, in memory: it responds to BatchWriteItem and Query of a mocked client. */
export function aHistoryTable(
  client: AwsClientStub<DynamoDBClient>,
  tableName: string,
  pageSize = 100,
) {
  const items = new Map<string, Item>();
  const written: number[] = [];
  const queries: QueryCommandInput[] = [];

  function query(input: QueryCommandInput) {
    queries.push(input);
    const values = input.ExpressionAttributeValues ?? {};
    const [from, to] = [text(values, ":from"), text(values, ":to")];
    const condition = input.KeyConditionExpression?.replace("#agent = :agent", "") ?? "";
    const isMeant: Record<string, (change: string) => boolean> = {
      "": () => true,
      " AND #change < :from": (change) => change < from,
      " AND #change > :to": (change) => change > to,
      " AND #change BETWEEN :from AND :to": (change) => change >= from && change <= to,
    };
    const direction = input.ScanIndexForward === false ? -1 : 1;
    const start = input.ExclusiveStartKey && text(input.ExclusiveStartKey, "change");
    const found = [...items.values()]
      .filter((item) => text(item, "agent") === text(values, ":agent"))
      .filter((item) => isMeant[condition]?.(text(item, "change")))
      .toSorted((one, other) => (keyOf(one) < keyOf(other) ? -direction : direction))
      .filter((item) => start === undefined || text(item, "change") > start === direction > 0)
      .filter((item) => text(item, "change") !== start);
    const page = found.slice(0, Math.min(input.Limit ?? pageSize, pageSize));
    const last = page.length < found.length ? page.at(-1) : undefined;
    const keyNames = new Set(["agent", "change"]);
    const projected = page.map((item) =>
      input.ProjectionExpression === undefined
        ? item
        : Object.fromEntries(Object.entries(item).filter(([name]) => keyNames.has(name))),
    );
    return { Items: projected, ...(last && { LastEvaluatedKey: last }) };
  }

  function write({ RequestItems: requests = {} }: BatchWriteItemCommandInput) {
    const list = requests[tableName] ?? [];
    const keys = list.map(({ PutRequest: put, DeleteRequest: removal }) =>
      keyOf(put?.Item ?? removal?.Key ?? {}),
    );
    if (list.length > 25 || list.length === 0 || new Set(keys).size < keys.length) {
      throw new Error("ValidationException: 1 to 25 writes of different keys are allowed");
    }
    written.push(list.length);
    for (const [index, { PutRequest: put }] of list.entries()) {
      if (put?.Item === undefined) {
        items.delete(keys[index] ?? "");
      } else {
        items.set(keys[index] ?? "", put.Item);
      }
    }
    return {};
  }

  client.on(BatchWriteItemCommand).callsFake(write);
  client.on(QueryCommand, { TableName: tableName }).callsFake(query);
  return { items, written, queries, write, query };
}
