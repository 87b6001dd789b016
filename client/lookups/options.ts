import { DynamoDBClient } from "@aws-sdk/client-dynamodb";

import { LookupError } from "./lookup-error.ts";
import { parseDuration, parseStageName, quote, rejectUnknownOptions } from "./arguments.ts";
import {
  agentsTable,
  createParameterReader,
  type ReadParameter,
  tableOfStage,
} from "./stage-table.ts";

/** A table by name. */
export interface TableByName {
  /** The table's name or ARN: the stage's output `TableName`, or `TableArn` from another AWS account. */
  readonly tableName: string;
}

/** The table of a deployed stage. */
export interface TableOfStage {
  /** A deployed stage; the name of its table is read from an SSM parameter, once. */
  readonly stage: string;
  /**
   * Reads an SSM parameter.
   *
   * @default - `@aws-sdk/client-ssm`, in the region and with the credentials of the DynamoDB client; it must
   *   be installed next to the code that runs, since bundlers do not include it
   */
  readonly readParameter?: ReadParameter | undefined;
}

/** Options of a reader: the table, the client and the timeout. */
export type AgentLookupOptions = (TableByName | TableOfStage) & {
  /** @default - a client with the SDK's own defaults for region, credentials and retries */
  readonly client?: DynamoDBClient | undefined;
  /**
   * Timeout of a lookup or of one page of a list, retries included, in milliseconds.
   *
   * @default 5000
   */
  readonly deadlineMs?: number | undefined;
};

const DEFAULT_DEADLINE_MS = 5000;

/** A longer timer overflows, and fires immediately. */
const MAX_DEADLINE_MS = 2_147_483_647;

export function parseDeadline(deadlineMs: number | undefined): number {
  return parseDuration("deadlineMs", deadlineMs, MAX_DEADLINE_MS) ?? DEFAULT_DEADLINE_MS;
}

/** Both kinds of options, as JavaScript callers may pass them. */
interface TableOptions {
  readonly tableName?: unknown;
  readonly stage?: unknown;
  readonly readParameter?: ReadParameter | undefined;
}

export function parseTableName(
  option: string,
  outputs: string,
  tableName: unknown,
): () => Promise<string> {
  if (typeof tableName !== "string" || tableName === "") {
    throw new LookupError(
      `${option} must be the stage's output ${outputs} (got ${quote(tableName)})`,
    );
  }
  return async () => await Promise.resolve(tableName);
}

function parseTable(options: TableOptions, client: DynamoDBClient): () => Promise<string> {
  const { tableName, stage, readParameter = createParameterReader(client) } = options;
  if ((tableName === undefined) === (stage === undefined)) {
    throw new LookupError(
      `exactly one of tableName and stage must be set (got ${stage === undefined ? "neither" : "both"})`,
    );
  }
  return stage === undefined
    ? parseTableName("tableName", "TableName or TableArn", tableName)
    : tableOfStage(parseStageName(stage), agentsTable, readParameter);
}

/** @throws LookupError if an option is unknown or invalid. */
export function parseOptions(options: AgentLookupOptions) {
  rejectUnknownOptions(options, ["tableName", "stage", "readParameter", "client", "deadlineMs"]);
  const { client = new DynamoDBClient(), deadlineMs, ...table } = options;
  return {
    client,
    deadlineMs: parseDeadline(deadlineMs),
    tableName: parseTable(table, client),
  };
}
