import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";

import { parseStatusLimits } from "../availability/parse-status-limits.ts";
import type { AgentsReaderOptions } from "./board-agents.ts";
import { createUncoveredReader } from "./uncovered-channels.ts";

/** What the stack `AgentAvailabilitySupervision` publishes for the board. Each is absent if its setting is not set. */
export interface SupervisionValues {
  /** Name of the table of coverage. */
  readonly coverageTableName: string | undefined;
  /** The setting `statusLimits` as JSON. */
  readonly statusLimits: string | undefined;
}

/** Returns the options with which the board shows what supervision knows. */
export function supervisionOptions(
  client: DynamoDBClient,
  { coverageTableName, statusLimits }: SupervisionValues,
): AgentsReaderOptions {
  return {
    readUncovered:
      coverageTableName === undefined
        ? undefined
        : createUncoveredReader(client, coverageTableName),
    statusLimits: statusLimits === undefined ? undefined : parseStatusLimits(statusLimits),
  };
}
