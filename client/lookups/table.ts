import {
  type AttributeValue,
  BatchGetItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  type QueryCommandInput,
} from "@aws-sdk/client-dynamodb";

import { type Deadline, pause, retryThrottled } from "./deadline.ts";

/** An item, or a key of one. */
export type Item = Record<string, AttributeValue>;

/** DynamoDB accepts 100 keys in one BatchGetItem. */
const MAX_KEYS = 100;

export interface QueryPage {
  readonly items: readonly Item[];
  readonly lastKey: Item | undefined;
}

export type QueryInput = Omit<QueryCommandInput, "TableName">;

export async function queryAll(
  query: (input: QueryInput) => Promise<QueryPage>,
  input: QueryInput,
): Promise<Item[]> {
  const found: Item[] = [];
  let from: Item | undefined;
  do {
    const { items, lastKey } = await query({ ...input, ExclusiveStartKey: from });
    found.push(...items);
    from = lastKey;
  } while (from !== undefined);
  return found;
}

/** Returns the only calls that lookups make. The managed policy allows exactly these. */
export function createTable(client: DynamoDBClient, tableName: string, deadline: Deadline) {
  const { signal: abortSignal } = deadline;

  async function get(key: Item, consistent: boolean): Promise<Item | undefined> {
    const command = new GetItemCommand({
      TableName: tableName,
      Key: key,
      ConsistentRead: consistent,
    });
    const response = await retryThrottled(
      async () => await client.send(command, { abortSignal }),
      deadline,
    );
    return response.Item;
  }

  async function batch(keys: Item[], consistent: boolean): Promise<[Item[], Item[]]> {
    const command = new BatchGetItemCommand({
      RequestItems: { [tableName]: { Keys: keys, ConsistentRead: consistent } },
    });
    const { Responses: found = {}, UnprocessedKeys: unprocessed = {} } = await retryThrottled(
      async () => await client.send(command, { abortSignal }),
      deadline,
    );
    // The response names the table as the request did, by name or ARN; there is only one.
    return [
      Object.values(found).flat(),
      Object.values(unprocessed).flatMap(({ Keys: remaining = [] }) => remaining),
    ];
  }

  /** Retries the request for keys that DynamoDB leaves unprocessed. */
  async function wholeBatch(keys: readonly Item[], consistent: boolean): Promise<Item[]> {
    const items: Item[] = [];
    let remaining = [...keys];
    for (let attempts = 0; remaining.length > 0; attempts += 1) {
      const [found, unprocessed] = await batch(remaining, consistent);
      items.push(...found);
      remaining = unprocessed;
      if (remaining.length > 0) {
        deadline.lastError = new Error(
          `DynamoDB did not process ${remaining.length} of ${keys.length} keys`,
        );
        await pause(attempts, deadline);
      }
    }
    return items;
  }

  return {
    get,

    /** Reads any number of items; the result has no particular order. */
    async batchGet(keys: readonly Item[], consistent: boolean): Promise<Item[]> {
      const batches = Array.from({ length: Math.ceil(keys.length / MAX_KEYS) }, (_, at) =>
        keys.slice(at * MAX_KEYS, (at + 1) * MAX_KEYS),
      );
      return (
        await Promise.all(batches.map(async (each) => await wholeBatch(each, consistent)))
      ).flat();
    },

    query: async (input: QueryInput): Promise<QueryPage> => {
      const command = new QueryCommand({ TableName: tableName, ...input });
      const { Items: items = [], LastEvaluatedKey: lastKey } = await retryThrottled(
        async () => await client.send(command, { abortSignal }),
        deadline,
      );
      return { items, lastKey };
    },
  };
}

export type Table = ReturnType<typeof createTable>;
