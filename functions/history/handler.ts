import { setTimeout as sleep } from "node:timers/promises";

import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import type { Context, DynamoDBBatchResponse, DynamoDBStreamEvent } from "aws-lambda";

import { requiredText } from "../environment-variables.ts";
import { createMetrics } from "../metrics/write-metrics.ts";
import { removedBecause } from "../store/attributes.ts";
import { keyOf } from "../store/item-key.ts";
import { isForgotten } from "../store/outbox-record.ts";
import { createHistoryTable } from "./history-table.ts";
import { createRecordBatch } from "./record-batch.ts";

const stage = requiredText(process.env, "STAGE");
const tableName = requiredText(process.env, "TABLE_NAME");
const historyTableName = requiredText(process.env, "HISTORY_TABLE_NAME");
const days = Number(requiredText(process.env, "HISTORY_DAYS"));

/** Time reserved at the end of an invocation for the response. */
const RESERVE_MS = 5000;

const client = new DynamoDBClient({
  requestHandler: { connectionTimeout: 1000, requestTimeout: 3000, throwOnRequestTimeout: true },
});
const metrics = createMetrics("history", stage);

const recordBatch = createRecordBatch({
  table: createHistoryTable({
    client,
    tableName: historyTableName,
    days,
    pause: async (milliseconds, signal) => {
      // An abort ends the pause. The next attempt throws the error.
      await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
    },
  }),
  isForgotten: async (key) => {
    const { Item: item } = await client.send(
      new GetItemCommand({
        TableName: tableName,
        Key: keyOf(key),
        ProjectionExpression: removedBecause,
        ConsistentRead: true,
      }),
    );
    return isForgotten(item);
  },
});

/** Stores the changes in the records of the table's stream. */
export const handler = async (
  { Records: records }: DynamoDBStreamEvent,
  context: Context,
): Promise<DynamoDBBatchResponse> => {
  const timeMs = context.getRemainingTimeInMillis() - RESERVE_MS;
  const signal = timeMs > 0 ? AbortSignal.timeout(timeMs) : AbortSignal.abort();
  const { storedChanges, forgottenChanges, unreadableRecords, failedFrom, error } =
    await recordBatch(records, signal);
  metrics.count("ChangesRecorded", storedChanges);
  metrics.count("ChangesForgotten", forgottenChanges);
  metrics.count("RecordsUnreadable", unreadableRecords);
  metrics.flush();
  if (failedFrom !== undefined) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    console.error({ message: "the history could not be stored", error: name, reason: message });
  }
  return {
    batchItemFailures: failedFrom === undefined ? [] : [{ itemIdentifier: failedFrom }],
  };
};
