import { DynamoDBClient } from "@aws-sdk/client-dynamodb";

import { HISTORY_PERMISSION } from "../../client/history/timeline-reader.ts";
import { parseTableName } from "../../client/lookups/options.ts";
import { createUseTable } from "../../client/lookups/use-table.ts";
import { LOOKUP_DEADLINE_MS } from "../agent/find-agents.ts";
import type { StageHistory } from "../shared/stage-history.ts";
import { countReads } from "./count-reads.ts";

/** Opens the tables of a stage, and counts what is read from them. */
export function openTables({ tableName, historyTableName }: StageHistory) {
  const [agents, history] = [new DynamoDBClient(), new DynamoDBClient()];
  const deadlineMs = LOOKUP_DEADLINE_MS;
  return {
    useAgents: createUseTable({
      client: agents,
      deadlineMs,
      tableName: parseTableName("tableName", "TableName", tableName),
    }),
    useHistory: createUseTable({
      client: history,
      deadlineMs,
      tableName: parseTableName("historyTableName", "HistoryTableName", historyTableName),
      permission: HISTORY_PERMISSION,
    }),
    agentReads: countReads(agents),
    historyReads: countReads(history),
  };
}
