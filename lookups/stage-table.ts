import type * as Ssm from "@aws-sdk/client-ssm";

import { LookupError } from "./lookup-error.ts";

/** Kept from bundlers: whoever gives the table's name never needs, installs or ships this client. */
const CLIENT: string = "@aws-sdk/client-ssm";

type SsmModule = typeof Ssm;

async function ssm(): Promise<SsmModule> {
  try {
    // oxlint-disable-next-line typescript/no-unsafe-return -- what a computed import brings has no type
    return await import(CLIENT);
  } catch (error) {
    throw new LookupError(
      `to find a stage by its name, ${CLIENT} has to be installed; install it, or give the table's name instead`,
      { cause: error },
    );
  }
}

async function tableNameOf(stage: string): Promise<string> {
  const { SSMClient, GetParameterCommand, ParameterNotFound } = await ssm();
  const name = `/agent-availability/${stage}/table-name`;
  try {
    const { Parameter: parameter } = await new SSMClient().send(
      new GetParameterCommand({ Name: name }),
    );
    return parameter?.Value ?? "";
  } catch (error) {
    if (error instanceof ParameterNotFound) {
      throw new LookupError(
        `stage ${JSON.stringify(stage)} is not deployed here: there is no SSM parameter ${name} in this account and region`,
        { cause: error },
      );
    }
    throw error;
  }
}

/** The table of a stage, by its SSM parameter, which is read once; after a failure again. */
export function tableOfStage(stage: string): () => Promise<string> {
  let name: Promise<string> | undefined;
  return async () => {
    name ??= tableNameOf(stage);
    try {
      return await name;
    } catch (error) {
      name = undefined;
      throw error;
    }
  };
}
