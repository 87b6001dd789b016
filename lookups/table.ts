import {
  type AttributeValue,
  BatchGetItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  type QueryCommandInput,
} from "@aws-sdk/client-dynamodb";

import { LookupError } from "./lookup-error.ts";

/** An item, or a key of one. */
export type Item = Record<string, AttributeValue>;

/** One page of a query. */
export interface QueryPage {
  readonly items: readonly Item[];
  readonly lastKey: Item | undefined;
}

/** DynamoDB takes 100 keys in one BatchGetItem. */
const PAUSE_MS = 20;
const MOST_PAUSE_MS = 640;

/** Pauses, with jitter, longer each time; ends when the deadline does. */
async function pause(attempt: number, signal: AbortSignal): Promise<void> {
  const most = Math.min(PAUSE_MS * 2 ** attempt, MOST_PAUSE_MS);
  await new Promise((resolve) => setTimeout(resolve, most * (0.5 + Math.random() / 2)));
  signal.throwIfAborted();
}

/** The calls that a lookup makes: the only ones, and those that the managed policy allows. */
export function createTable(
  client: DynamoDBClient,
  nameOf: () => Promise<string>,
  deadlineMs: number,
) {
  const deadline = () => AbortSignal.timeout(deadlineMs);

  async function explained<Answer>(
    ask: (tableName: string, signal: AbortSignal) => Promise<Answer>,
  ): Promise<Answer> {
    const signal = deadline();
    try {
      return await ask(await nameOf(), signal);
    } catch (error) {
      throw explain(error, signal, deadlineMs);
    }
  }

  return {
    get: async (key: Item, consistent: boolean): Promise<Item | undefined> =>
      await explained(async (tableName, abortSignal) => {
        const command = new GetItemCommand({
          TableName: tableName,
          Key: key,
          ConsistentRead: consistent,
        });
        return (await client.send(command, { abortSignal })).Item;
      }),

    /** In no particular order; keys that DynamoDB left unprocessed are asked for again. */
    batchGet: async (keys: readonly Item[], consistent: boolean): Promise<Item[]> =>
      await explained(async (tableName, abortSignal) => {
        const items: Item[] = [];
        let left = [...keys];
        for (let attempt = 0; left.length > 0; attempt += 1) {
          const command = new BatchGetItemCommand({
            RequestItems: { [tableName]: { Keys: left, ConsistentRead: consistent } },
          });
          const { Responses: found = {}, UnprocessedKeys: unprocessed = {} } = await client.send(
            command,
            { abortSignal },
          );
          items.push(...(found[tableName] ?? []));
          left = unprocessed[tableName]?.Keys ?? [];
          if (left.length > 0) {
            await pause(attempt, abortSignal);
          }
        }
        return items;
      }),

    query: async (input: Omit<QueryCommandInput, "TableName">): Promise<QueryPage> =>
      await explained(async (tableName, abortSignal) => {
        const command = new QueryCommand({ TableName: tableName, ...input });
        const { Items: items = [], LastEvaluatedKey: lastKey } = await client.send(command, {
          abortSignal,
        });
        return { items, lastKey };
      }),
  };
}

/** @see createTable */
export type Table = ReturnType<typeof createTable>;

const explanations: Readonly<Record<string, string>> = {
  AccessDeniedException:
    "is not permitted here; attach the stage's managed policy for lookups (its output LookupPolicyArn)",
  ResourceNotFoundException:
    "finds no such table or index here; look at the region and the table's name",
};

function explain(error: unknown, signal: AbortSignal, deadlineMs: number): unknown {
  if (!(error instanceof Error) || error instanceof LookupError) {
    return error;
  }
  if (signal.aborted) {
    return new LookupError(`the table did not answer within ${deadlineMs} milliseconds`, {
      cause: error,
    });
  }
  const explanation = explanations[error.name];
  return explanation
    ? new LookupError(`the lookup ${explanation}: ${error.message}`, { cause: error })
    : error;
}
