import {
  BatchWriteItemCommand,
  type DynamoDBClient,
  paginateQuery,
  type WriteRequest,
} from "@aws-sdk/client-dynamodb";

import type { HistoryRow } from "../availability/history.ts";
import { historyPartitionKey, historySortKey } from "../store/history-attributes.ts";
import { historyItemOf } from "../store/history-item.ts";
import type { ItemKey } from "../store/item-key.ts";
import type { Attributes } from "../store/read-attribute.ts";
import { historyPartitionOf, readHistoryPosition } from "../store/read-history-item.ts";

/** DynamoDB accepts at most 25 writes in one BatchWriteItem request. */
const MAX_WRITES = 25;

const FIRST_PAUSE_MS = 50;
const MAX_PAUSE_MS = 2000;

/** The invocation ran out of time before DynamoDB processed all writes. The next invocation retries them. */
class UnprocessedWritesError extends Error {
  override readonly name = "UnprocessedWritesError";
}

/** The position of a change among all changes to an item. */
export type ChangePosition = Pick<HistoryRow, "epoch" | "version">;

function isAfter(key: Attributes, last: ChangePosition): boolean {
  const { epoch, version } = readHistoryPosition(key);
  return epoch > last.epoch || (epoch === last.epoch && version > last.version);
}

export interface HistoryTableOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  /** Days after which a change expires. */
  readonly days: number;
  /** Waits before a retry. Returns early if the signal is aborted. */
  readonly pause: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

export function createHistoryTable({ client, tableName, days, pause }: HistoryTableOptions) {
  /** Sends up to 25 write requests. Retries those that DynamoDB leaves unprocessed, with exponential backoff. */
  async function write(requests: readonly WriteRequest[], signal: AbortSignal): Promise<void> {
    let pending = [...requests];
    for (let attempt = 0; pending.length > 0; attempt += 1) {
      if (signal.aborted) {
        throw new UnprocessedWritesError(
          `the invocation ran out of time: DynamoDB did not process ${pending.length} of ${requests.length} writes. The next invocation retries them.`,
        );
      }
      const { UnprocessedItems: unprocessed = {} } = await client.send(
        new BatchWriteItemCommand({ RequestItems: { [tableName]: pending } }),
        { abortSignal: signal },
      );
      pending = Object.values(unprocessed).flat();
      if (pending.length > 0) {
        await pause(Math.min(FIRST_PAUSE_MS * 2 ** attempt, MAX_PAUSE_MS), signal);
      }
    }
  }

  return {
    /** The maximum number of changes that `put` accepts. */
    maxRows: MAX_WRITES,

    /** Stores up to 25 changes with different keys. Storing a change again is harmless. */
    async put(rows: readonly HistoryRow[], signal: AbortSignal): Promise<void> {
      await write(
        rows.map((row) => ({ PutRequest: { Item: historyItemOf(row, days) } })),
        signal,
      );
    },

    /**
     * Deletes the changes to an item up to `last`, or all of them if `last` is `undefined`. A person who was forgotten
     * and created again keeps later changes, even if the record of the tombstone arrives after them.
     *
     * @returns the number of deleted changes.
     */
    async deleteUntil(
      key: ItemKey,
      last: ChangePosition | undefined,
      signal: AbortSignal,
    ): Promise<number> {
      const pages = paginateQuery(
        { client, pageSize: MAX_WRITES },
        {
          TableName: tableName,
          // An eventually consistent read could miss a change that was stored just before.
          ConsistentRead: true,
          KeyConditionExpression: "#agent = :agent",
          ProjectionExpression: "#agent, #change",
          ExpressionAttributeNames: { "#agent": historyPartitionKey, "#change": historySortKey },
          ExpressionAttributeValues: { ":agent": { S: historyPartitionOf(key) } },
        },
        { abortSignal: signal },
      );
      let deleted = 0;
      for await (const { Items: found = [] } of pages) {
        const requests = found
          .filter((each) => last === undefined || !isAfter(each, last))
          .map((each) => ({ DeleteRequest: { Key: each } }));
        await write(requests, signal);
        deleted += requests.length;
      }
      return deleted;
    },
  };
}

export type HistoryTable = ReturnType<typeof createHistoryTable>;
