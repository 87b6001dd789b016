import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";

import { parseStatusLimits } from "../availability/parse-status-limits.ts";
import type { AgentsReaderOptions } from "./board-agents.ts";
import { createUncoveredReader } from "./uncovered-channels.ts";

/** Parameters of the stack `AgentAvailabilitySupervision`. Each is absent if the stage has no such setting. */
export interface SupervisionValues {
  readonly coverageTableName: string | undefined;
  /** The setting `statusLimits` as JSON. */
  readonly statusLimits: string | undefined;
}

/** Returns the options with which the board shows uncovered channels and limits. */
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
