import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";

import { createTimelineReader } from "../../client/history/timeline-reader.ts";
import { createAgentLookup } from "../../client/lookups/agent-lookup.ts";
import { parseStatusLimits } from "../availability/parse-status-limits.ts";
import { type AgentsReaderOptions, createAgentsReader } from "./board-agents.ts";
import { createHistoryReader } from "./board-history.ts";
import type { BoardOptions } from "./board.ts";
import { createJoinedAgentsReader } from "./joined-agents.ts";
import { createUncoveredReader } from "./uncovered-channels.ts";

/** The tables and settings of a stage that the board reads. */
export interface BoardSource {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  /** Absent if the stage keeps no history. */
  readonly historyTableName: string | undefined;
  /** Absent if the stage has no setting `coverage`. */
  readonly coverageTableName: string | undefined;
  /** The setting `statusLimits` as JSON, if the stage has it. */
  readonly statusLimits: string | undefined;
  /** Timeout for reading each page of the history, in milliseconds. @default 5000 */
  readonly historyDeadlineMs?: number;
}

/** Returns the options with which the board shows uncovered channels and limits. */
export function supervisionOptions(
  client: DynamoDBClient,
  { coverageTableName, statusLimits }: Pick<BoardSource, "coverageTableName" | "statusLimits">,
): AgentsReaderOptions {
  return {
    readUncovered:
      coverageTableName === undefined
        ? undefined
        : createUncoveredReader(client, coverageTableName),
    statusLimits: statusLimits === undefined ? undefined : parseStatusLimits(statusLimits),
  };
}

export function createReaders(source: BoardSource): Pick<BoardOptions, "readAgents" | "history"> {
  const { client, tableName, historyTableName, historyDeadlineMs: deadlineMs } = source;
  const agents = { client, tableName };
  return {
    readAgents: createAgentsReader(createAgentLookup(agents), supervisionOptions(client, source)),
    history:
      historyTableName === undefined
        ? undefined
        : createHistoryReader(
            createJoinedAgentsReader(agents),
            createTimelineReader({ ...agents, historyTableName, deadlineMs }),
          ),
  };
}
