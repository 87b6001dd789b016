import { DynamoDBClient } from "@aws-sdk/client-dynamodb";

import { parseStageName, rejectUnknownOptions } from "../lookups/arguments.ts";
import { LookupError } from "../lookups/lookup-error.ts";
import { parseDeadline, parseTableName, type TableOfStage } from "../lookups/options.ts";
import {
  agentsTable,
  type ReadParameter,
  createParameterReader,
  type TableParameter,
  tableOfStage,
} from "../lookups/stage-table.ts";

/** The tables of a stage by name. */
export interface TablesByName {
  /** The table of agents: the stage's output `TableName`, or `TableArn` from another AWS account. */
  readonly tableName: string;
  /** The history table: the stage's output `HistoryTableName`, or `HistoryTableArn` from another AWS account. */
  readonly historyTableName: string;
}

/** Options of {@link createAgentHistory}: the tables to read, the client and the timeout. */
export type AgentHistoryOptions = (TablesByName | TableOfStage) & {
  /** @default - a client with the SDK's own defaults for region, credentials and retries */
  readonly client?: DynamoDBClient | undefined;
  /**
   * Timeout for reading each page, including retries, in milliseconds.
   *
   * @default 5000
   */
  readonly deadlineMs?: number | undefined;
};

const historyTable: TableParameter = {
  name: "history-table-name",
  ifMissing:
    "keeps no history (setting historyDays), or is not deployed in this AWS account and region",
};

/** Both kinds of options, unchecked: JavaScript callers may pass any value. */
interface Options {
  readonly tableName?: unknown;
  readonly historyTableName?: unknown;
  readonly stage?: unknown;
  readonly readParameter?: ReadParameter | undefined;
}

function namesIn(options: Options, client: DynamoDBClient) {
  const {
    tableName,
    historyTableName,
    stage,
    readParameter = createParameterReader(client),
  } = options;
  const isByName = tableName !== undefined || historyTableName !== undefined;
  if (isByName === (stage !== undefined)) {
    throw new LookupError(
      `either stage, or tableName and historyTableName must be set (got ${isByName ? "both" : "neither"})`,
    );
  }
  if (isByName) {
    return {
      tableName: parseTableName("tableName", "TableName or TableArn", tableName),
      historyTableName: parseTableName(
        "historyTableName",
        "HistoryTableName or HistoryTableArn",
        historyTableName,
      ),
    };
  }
  const name = parseStageName(stage);
  return {
    tableName: tableOfStage(name, agentsTable, readParameter),
    historyTableName: tableOfStage(name, historyTable, readParameter),
  };
}

/**
 * Parses the options of a history reader.
 *
 * @throws LookupError
 */
export function parseOptions(options: AgentHistoryOptions) {
  const allowed = [
    "stage",
    "readParameter",
    "tableName",
    "historyTableName",
    "client",
    "deadlineMs",
  ];
  rejectUnknownOptions(options, allowed);
  const { client = new DynamoDBClient(), deadlineMs, ...tables } = options;
  return { client, deadlineMs: parseDeadline(deadlineMs), ...namesIn(tables, client) };
}
