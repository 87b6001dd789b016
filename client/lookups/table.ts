import {
  type AttributeValue,
  BatchGetItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  type QueryCommandInput,
} from "@aws-sdk/client-dynamodb";

import { type Patience, pause, unthrottled } from "./patience.ts";

/** An item, or a key of one. */
export type Item = Record<string, AttributeValue>;

/** DynamoDB takes 100 keys in one BatchGetItem. */
const MOST_KEYS = 100;

/** One page of a query. */
export interface QueryPage {
  readonly items: readonly Item[];
  readonly lastKey: Item | undefined;
}

/** The calls that a lookup makes: the only ones, and those that the managed policy allows. */
export function createTable(client: DynamoDBClient, tableName: string, patience: Patience) {
  const { signal: abortSignal } = patience;

  async function get(key: Item, consistent: boolean): Promise<Item | undefined> {
    const command = new GetItemCommand({
      TableName: tableName,
      Key: key,
      ConsistentRead: consistent,
    });
    const answer = await unthrottled(
      async () => await client.send(command, { abortSignal }),
      patience,
    );
    return answer.Item;
  }

  async function batch(keys: Item[], consistent: boolean): Promise<[Item[], Item[]]> {
    const command = new BatchGetItemCommand({
      RequestItems: { [tableName]: { Keys: keys, ConsistentRead: consistent } },
    });
    const { Responses: found = {}, UnprocessedKeys: left = {} } = await unthrottled(
      async () => await client.send(command, { abortSignal }),
      patience,
    );
    // One table was asked; whether by its name or by its ARN, it is the only one to answer.
    return [
      Object.values(found).flat(),
      Object.values(left).flatMap(({ Keys: unprocessed = [] }) => unprocessed),
    ];
  }

  /** Keys that DynamoDB left unprocessed are asked for again. */
  async function wholeBatch(keys: readonly Item[], consistent: boolean): Promise<Item[]> {
    const items: Item[] = [];
    let left = [...keys];
    for (let tries = 0; left.length > 0; tries += 1) {
      const [found, unprocessed] = await batch(left, consistent);
      items.push(...found);
      left = unprocessed;
      if (left.length > 0) {
        patience.refusal = new Error(`DynamoDB left ${left.length} keys unprocessed`);
        await pause(tries, patience);
      }
    }
    return items;
  }

  return {
    get,

    /** Any number of items, in no particular order. */
    async batchGet(keys: readonly Item[], consistent: boolean): Promise<Item[]> {
      const batches = Array.from({ length: Math.ceil(keys.length / MOST_KEYS) }, (_, at) =>
        keys.slice(at * MOST_KEYS, (at + 1) * MOST_KEYS),
      );
      return (
        await Promise.all(batches.map(async (each) => await wholeBatch(each, consistent)))
      ).flat();
    },

    async query(input: Omit<QueryCommandInput, "TableName">): Promise<QueryPage> {
      const command = new QueryCommand({ TableName: tableName, ...input });
      const { Items: items = [], LastEvaluatedKey: lastKey } = await unthrottled(
        async () => await client.send(command, { abortSignal }),
        patience,
      );
      return { items, lastKey };
    },
  };
}

/** @see createTable */
export type Table = ReturnType<typeof createTable>;
