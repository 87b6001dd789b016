import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";

import type { SupervisionEvent } from "../availability/typed-event.ts";
import type { MetricsWriter } from "../metrics/write-metrics.ts";
import { createCountAvailable } from "./count-available.ts";
import { coverageRules } from "./coverage-rules.ts";
import { createCoverageRuns } from "./coverage-runs.ts";
import { createCoverageTable } from "./coverage-table.ts";
import { createEvaluateCoverage } from "./evaluate-coverage.ts";

export interface CoverageOptions {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  readonly coverageTableName: string;
  /** The stage setting `coverage` as JSON. */
  readonly setting: string;
  readonly publish: (event: SupervisionEvent) => Promise<void>;
  readonly metrics: MetricsWriter<"supervision">;
}

/** Creates the functions that evaluate a stage's coverage. */
export function createCoverage(options: CoverageOptions) {
  const { client, tableName, coverageTableName, setting, publish, metrics } = options;
  const rules = coverageRules.parse(JSON.parse(setting));
  const table = createCoverageTable(client, coverageTableName);
  const evaluate = createEvaluateCoverage({
    rules,
    table,
    countAvailable: createCountAvailable(client, tableName),
    publish: async (event) => {
      await publish(event);
      metrics.count("CoverageChangesPublished");
    },
  });
  return createCoverageRuns(evaluate, { rules, table });
}
