import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { MetricUnit, Metrics } from "@aws-lambda-powertools/metrics";

import { METRICS_NAMESPACE } from "../availability/metrics.ts";
import { takeCensus } from "./count.ts";
import { readEnvironment } from "./environment.ts";

const { stage, tableName } = readEnvironment(process.env);

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
