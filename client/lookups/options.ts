import { DynamoDBClient } from "@aws-sdk/client-dynamodb";

import { LookupError } from "./lookup-error.ts";
import { aStageName, quote } from "./questions.ts";
import { parametersBeside, type ReadParameter, tableOfStage } from "./stage-table.ts";

/** The table itself. */
export interface TableByName {
  /** The table's name or ARN: the stage's output `TableName`, or `TableArn` from another AWS account. */
  readonly tableName: string;
}

/** The table of a deployed stage. */
export interface TableOfStage {
  /** The deployed stage; its table is found by an SSM parameter, read once. */
  readonly stage: string;
  /**
   * How an SSM parameter is read.
   *
   * @default - by `@aws-sdk/client-ssm`, in the region and as the identity of the DynamoDB client; it has to
   *   be installed beside the code that runs, for bundlers do not see it
   */
  readonly readParameter?: ReadParameter | undefined;
}

/** Where to look, and with what. */
export type AgentLookupOptions = (TableByName | TableOfStage) & {
  /** @default - a client with the SDK's own defaults for region, credentials and retries */
  readonly client?: DynamoDBClient | undefined;
  /**
   * How long an answer, or a page of a list, may take, retries and all, in milliseconds.
   *
   * @default 5000
   */
  readonly deadlineMs?: number | undefined;
};

/** More would overflow the timer, which then fires at once. */
const LONGEST_DEADLINE_MS = 2_147_483_647;

function aDeadline(deadlineMs: number): number {
  if (!Number.isFinite(deadlineMs) || deadlineMs <= 0 || deadlineMs > LONGEST_DEADLINE_MS) {
    throw new LookupError(
      `${quote(deadlineMs)} is no deadlineMs: a number of milliseconds above 0 is allowed`,
    );
  }
  return deadlineMs;
}

/** Both kinds, as they come from JavaScript: nothing is certain to be there. */
interface Where {
  readonly tableName?: unknown;
  readonly stage?: unknown;
  readonly readParameter?: ReadParameter | undefined;
}

function nameIn(where: Where, client: DynamoDBClient): () => Promise<string> {
  const { tableName, stage, readParameter = parametersBeside(client) } = where;
  if ((tableName === undefined) === (stage === undefined)) {
    throw new LookupError(
      `${stage === undefined ? "neither a tableName nor a stage" : "both a tableName and a stage"} was given: one of the two is allowed`,
    );
  }
  if (stage !== undefined) {
    return tableOfStage(aStageName(stage), readParameter);
  }
  if (typeof tableName !== "string" || tableName === "") {
    throw new LookupError(
      `${quote(tableName)} is no tableName: the stage's output TableName or TableArn is allowed`,
    );
  }
  return async () => await Promise.resolve(tableName);
}

/** Checks where to look, and with what. */
export function readOptions(options: AgentLookupOptions) {
  const { client = new DynamoDBClient(), deadlineMs = 5000, ...where } = options;
  return { client, deadlineMs: aDeadline(deadlineMs), nameOf: nameIn(where, client) };
}
