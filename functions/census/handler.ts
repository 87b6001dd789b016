import { DynamoDBClient } from "@aws-sdk/client-dynamodb";

import { requiredText } from "../environment-variables.ts";
import { createMetrics } from "../metrics/write-metrics.ts";
import { takeCensus } from "./take-census.ts";

const stage = requiredText(process.env, "STAGE");
const tableName = requiredText(process.env, "TABLE_NAME");

const client = new DynamoDBClient({
  requestHandler: { connectionTimeout: 1000, requestTimeout: 3000, throwOnRequestTimeout: true },
});
const metrics = createMetrics("census", stage);

/** Writes the counts as metrics in one log line, even if they are 0. */
export const handler = async (): Promise<void> => {
  for (const [name, value] of await takeCensus(client, tableName, new Date())) {
    metrics.gauge(name, value);
  }
  metrics.flush();
};
