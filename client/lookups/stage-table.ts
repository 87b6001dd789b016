import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type * as Ssm from "@aws-sdk/client-ssm";

import { LookupError } from "./lookup-error.ts";

/** Reads the SSM parameter of a name; returns `undefined` if it does not exist. */
export type ReadParameter = (name: string) => Promise<string | undefined>;

/** Hidden from bundlers: callers who pass the table's name never need, install or ship this client. */
const SSM_PACKAGE: string = "@aws-sdk/client-ssm";

type SsmModule = typeof Ssm;

async function importSsm(): Promise<SsmModule> {
  try {
    // oxlint-disable-next-line typescript/no-unsafe-return -- a computed import has no type
    return await import(SSM_PACKAGE);
  } catch (error) {
    throw new LookupError(
      `${SSM_PACKAGE} could not be loaded. It is required to find a stage by name. Deploy it with your code (bundlers do not include it), or pass readParameter or tableName.`,
      { cause: error },
    );
  }
}

/** Returns a function that reads parameters in the region and with the credentials of a DynamoDB client. */
export function createParameterReader({ config }: DynamoDBClient): ReadParameter {
  return async (name) => {
    const { SSMClient, GetParameterCommand, ParameterNotFound } = await importSsm();
    const client = new SSMClient({ region: config.region, credentials: config.credentials });
    try {
      const { Parameter: parameter } = await client.send(new GetParameterCommand({ Name: name }));
      return parameter?.Value;
    } catch (error) {
      if (error instanceof ParameterNotFound) {
        return undefined;
      }
      throw error;
    } finally {
      client.destroy();
    }
  };
}

/** A parameter of a stage that names a table, and what it means if the parameter does not exist. */
export interface TableParameter {
  readonly name: "table-name" | "history-table-name";
  readonly ifMissing: string;
}

export const agentsTable: TableParameter = {
  name: "table-name",
  ifMissing: "is not deployed in this AWS account and region",
};

async function tableNameOf(
  stage: string,
  { name: parameter, ifMissing }: TableParameter,
  readParameter: ReadParameter,
): Promise<string> {
  const name = `/agent-availability/${stage}/${parameter}`;
  const tableName = await readParameter(name);
  if (tableName === undefined || tableName === "") {
    throw new LookupError(
      `stage ${JSON.stringify(stage)} ${ifMissing}: SSM parameter ${name} does not exist`,
    );
  }
  return tableName;
}

/** Returns a function that reads the name of a stage's table from its SSM parameter, once unless it fails. */
export function tableOfStage(
  stage: string,
  parameter: TableParameter,
  readParameter: ReadParameter,
): () => Promise<string> {
  let name: Promise<string> | undefined;
  return async () => {
    name ??= tableNameOf(stage, parameter, readParameter);
    const pending = name;
    try {
      return await pending;
    } catch (error) {
      // Another lookup may have read it again meanwhile, and succeeded.
      name = name === pending ? undefined : name;
      throw error;
    }
  };
}
