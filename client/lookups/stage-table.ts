import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type * as Ssm from "@aws-sdk/client-ssm";

import { LookupError } from "./lookup-error.ts";

/** Reads one SSM parameter, by its name; `undefined` if there is none. */
export type ReadParameter = (name: string) => Promise<string | undefined>;

/** Kept from bundlers: whoever gives the table's name never needs, installs or ships this client. */
const CLIENT: string = "@aws-sdk/client-ssm";

type SsmModule = typeof Ssm;

async function ssm(): Promise<SsmModule> {
  try {
    // oxlint-disable-next-line typescript/no-unsafe-return -- what a computed import brings has no type
    return await import(CLIENT);
  } catch (error) {
    throw new LookupError(
      `to find a stage by its name, ${CLIENT} has to be installed beside the code that runs, for bundlers do not see it; install it there, or give readParameter or tableName`,
      { cause: error },
    );
  }
}

/** Reads parameters where the DynamoDB client looks, and as whom it looks. */
export function parametersBeside({ config }: DynamoDBClient): ReadParameter {
  return async (name) => {
    const { SSMClient, GetParameterCommand, ParameterNotFound } = await ssm();
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

async function tableNameOf(stage: string, readParameter: ReadParameter): Promise<string> {
  const name = `/agent-availability/${stage}/table-name`;
  const tableName = await readParameter(name);
  if (tableName === undefined || tableName === "") {
    throw new LookupError(
      `stage ${JSON.stringify(stage)} is not deployed here: there is no SSM parameter ${name} in this account and region`,
    );
  }
  return tableName;
}

/** The table of a stage, by its SSM parameter, which is read once; after a failure again. */
export function tableOfStage(stage: string, readParameter: ReadParameter): () => Promise<string> {
  let name: Promise<string> | undefined;
  return async () => {
    name ??= tableNameOf(stage, readParameter);
    const asked = name;
    try {
      return await asked;
    } catch (error) {
      // Another question may have asked again meanwhile, and succeeded.
      name = name === asked ? undefined : name;
      throw error;
    }
  };
}
