import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";

import { createTimelineReader } from "../../client/history/timeline-reader.ts";
import { createAgentLookup } from "../../client/lookups/agent-lookup.ts";
import { createAgentsReader } from "./board-agents.ts";
import { createHistoryReader } from "./board-history.ts";
import type { BoardOptions } from "./board.ts";
import { createJoinedAgentsReader } from "./joined-agents.ts";
import { supervisionOptions, type SupervisionValues } from "./supervision-options.ts";

/** The tables and settings of a stage that the board reads. */
export interface BoardSource extends SupervisionValues {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  /** Absent if the stage keeps no history. */
  readonly historyTableName: string | undefined;
  /** Timeout for reading each page of the history, in milliseconds. @default 5000 */
  readonly historyDeadlineMs?: number;
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
