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

import { createAgentLookup } from "../../../client/lookups/agent-lookup.ts";
import { knownChannels } from "../../../functions/availability/change.ts";
import {
  agentIdIndex,
  availableIndex,
  emailIndex,
  userIdIndex,
} from "../../../functions/store/attributes.ts";

type Item = Record<string, AttributeValue>;

export const ACCOUNT = "11010177632";
const TABLE = "agents";

const indexes = new Map(
  [
    emailIndex,
    userIdIndex,
    ...knownChannels.map(agentIdIndex),
    ...knownChannels.map(availableIndex),
  ].map((index) => [
    index.name,
    {
      key: index.sortKey,
      projected: [
        "accountId",
        "availabilityId",
        index.sortKey,
        ...("nonKeyAttributes" in index ? index.nonKeyAttributes : []),
      ] as readonly string[],
    },
  ]),
);

const text = (item: Item | undefined, name: string) => item?.[name]?.S ?? "";

/** AWS's size of a value: texts by their bytes, a number by its digits, a map with 3 bytes and 1 for each entry. */
function sizeOfValue(value: AttributeValue): number {
  if (value.M !== undefined) {
    return 3 + Object.keys(value.M).length + sizeOf(value.M);
  }
  return value.N === undefined
    ? Buffer.byteLength(value.S ?? "x")
    : 1 + Math.ceil(value.N.length / 2);
}

/** Returns the size of an item by AWS's rule, in bytes. */
export function sizeOf(item: Item): number {
  return Object.entries(item).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + sizeOfValue(value),
    0,
  );
}

/** Half a read unit for each 4 KB, rounded up; twice as much if consistent. */
const unitsOf = (bytes: number, consistent: boolean | undefined) =>
  Math.max(1, Math.ceil(bytes / 4096)) * (consistent === true ? 1 : 0.5);

/** The part of `items` that a page of a query returns: at most 1 MB. */
function pageOf(items: readonly Item[], limit: number): readonly Item[] {
  let bytes = 0;
  const end = items.findIndex((item) => (bytes += sizeOf(item)) > 1_000_000);
  return items.slice(0, Math.min(limit, end === -1 ? items.length : end));
}

/** The projection of an item in an index, or the item itself. */
function project(item: Item, names: readonly string[] | undefined): Item {
  return names === undefined
    ? item
    : Object.fromEntries(Object.entries(item).filter(([name]) => names.includes(name)));
}

/**
 * A lookup of an account that has these items. The table and its indexes behave as DynamoDB does, and count
 * read units by AWS's rule: per item for GetItem and BatchGetItem, whether it exists or not; per page for
 * Query.
 */
export function anAccount(items: readonly Item[]) {
  const client = new DynamoDBClient({ region: "eu-central-1" });
  const dynamo = mockClient(client);
  let units = 0;
  const byId = new Map(items.map((item) => [text(item, "availabilityId"), item]));

  function get(key: Item | undefined, consistent: boolean | undefined): Item | undefined {
    const item = byId.get(text(key, "availabilityId"));
    units += unitsOf(item ? sizeOf(item) : 0, consistent);
    return item;
  }

  /** The items of a partition in its order; an index has only the items with its key. */
  function listOf(input: QueryCommandInput): readonly Item[] {
    const key = indexes.get(input.IndexName ?? "")?.key ?? "availabilityId";
    const { ":value": equal, ":key": max } = input.ExpressionAttributeValues ?? {};
    const position = (item: Item) => `${text(item, key)} ${text(item, "availabilityId")}`;
    const start = input.ExclusiveStartKey ? position(input.ExclusiveStartKey) : "";
    return [...byId.values()]
      .filter((item) => item[key] !== undefined && position(item) > start)
      .filter((item) => equal === undefined || text(item, key) === equal.S)
      .filter((item) => max?.S === undefined || text(item, key) <= max.S)
      .toSorted((first, second) => (position(first) < position(second) ? -1 : 1));
  }

  dynamo.on(GetItemCommand).callsFake((input: GetItemCommandInput) => ({
    Item: get(input.Key, input.ConsistentRead),
  }));
  dynamo.on(BatchGetItemCommand).callsFake((input: BatchGetItemCommandInput) => {
    const { Keys: keys = [], ConsistentRead: consistent } = input.RequestItems?.[TABLE] ?? {};
    return {
      Responses: {
        [TABLE]: keys.map((key) => get(key, consistent)).filter((item) => item !== undefined),
      },
    };
  });
  dynamo.on(QueryCommand).callsFake((input: QueryCommandInput) => {
    if (input.IndexName !== undefined && input.ConsistentRead === true) {
      throw new Error("an index cannot be read consistently");
    }
    const index = indexes.get(input.IndexName ?? "");
    const list = listOf(input);
    const page = pageOf(list, input.Limit ?? list.length).map((item) =>
      project(item, index?.projected),
    );
    units += unitsOf(
      page.reduce((sum, item) => sum + sizeOf(item), 0),
      input.ConsistentRead,
    );
    const last = page.length < list.length || page.length === input.Limit ? page.at(-1) : undefined;
    return { Items: page, ...(last && { LastEvaluatedKey: last }) };
  });

  return {
    lookup: createAgentLookup({ client, tableName: TABLE }),
    units: () => units,
  };
}

/** Collects what an iterator yields. */
export async function collect<Row>(rows: AsyncIterable<Row>): Promise<Row[]> {
  const found: Row[] = [];
  for await (const row of rows) {
    found.push(row);
  }
  return found;
}
