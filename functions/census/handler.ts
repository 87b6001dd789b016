import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { MetricUnit, Metrics } from "@aws-lambda-powertools/metrics";

import { METRICS_NAMESPACE } from "../availability/metrics.ts";
import { requiredText } from "../environment.ts";
import { takeCensus } from "./count.ts";

const stage = requiredText(process.env, "STAGE");
const tableName = requiredText(process.env, "TABLE_NAME");

const client = new DynamoDBClient({
  requestHandler: { connectionTimeout: 1000, requestTimeout: 3000, throwOnRequestTimeout: true },
});
const metrics = new Metrics({
  namespace: METRICS_NAMESPACE,
  serviceName: "census",
  defaultDimensions: { stage },
});

/** Writes how many agents are available on each channel now, and at work: one line, whether or not there are any. */
export const handler = async (): Promise<void> => {
  for (const [name, value] of await takeCensus(client, tableName, new Date())) {
    metrics.addMetric(name, MetricUnit.Count, value);
  }
  metrics.publishStoredMetrics();
};
