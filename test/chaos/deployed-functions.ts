import { setTimeout as sleep } from "node:timers/promises";

import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  ListAliasesCommand,
  ListFunctionsCommand,
  PublishVersionCommand,
  UpdateAliasCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";

import { type Cloud, clientConfig } from "../../local/emulator/cloud.ts";
import { LocalError } from "../../tools/run/local-error.ts";
import { processesOf } from "./function-processes.ts";

/** Changes to a function's configuration, on the local cloud only. */
export interface Configuration {
  readonly environmentVariables?: Readonly<Record<string, string>>;
  /** Seconds. */
  readonly timeout?: number;
}

/** A function of the hub on the local cloud. */
export interface DeployedFunction {
  readonly name: string;
  readonly environmentVariables: () => Promise<Readonly<Record<string, string>>>;
  /** Returns the timeout in seconds. */
  readonly timeout: () => Promise<number>;
  /** Changes the configuration of the version that is called, and restarts its processes. */
  readonly configure: (changes: Configuration) => Promise<void>;
  readonly replaceCode: (zip: Uint8Array) => Promise<void>;
  /** Returns the IDs of the processes that run the function. */
  readonly processIds: () => number[];
  /** Sends a signal to those processes. @returns their number. */
  readonly signal: (signal: NodeJS.Signals) => number;
}

function deployedFunction(cloud: Cloud, lambda: LambdaClient, name: string): DeployedFunction {
  const getConfiguration = async () =>
    await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: name }));

  async function untilUpdated(): Promise<void> {
    for (let status: string | undefined; status !== "Successful";) {
      ({ LastUpdateStatus: status } = await getConfiguration());
      await sleep(20);
    }
  }

  /** If the function has aliases, a change takes effect only once they point to a new version. */
  async function publishVersion(): Promise<void> {
    await untilUpdated();
    const { Aliases: aliases = [] } = await lambda.send(
      new ListAliasesCommand({ FunctionName: name }),
    );
    if (aliases.length === 0) {
      return;
    }
    const { Version: version } = await lambda.send(
      new PublishVersionCommand({ FunctionName: name }),
    );
    for (const { Name: alias } of aliases) {
      await lambda.send(
        new UpdateAliasCommand({ FunctionName: name, Name: alias, FunctionVersion: version }),
      );
    }
  }

  const environmentVariables = async () => (await getConfiguration()).Environment?.Variables ?? {};
  const processIds = () => processesOf(name, new URL(cloud.endpoint).port);
  return {
    name,
    environmentVariables,
    timeout: async () => (await getConfiguration()).Timeout ?? 0,
    processIds,
    configure: async ({ environmentVariables: changes = {}, timeout }) => {
      const Variables = { ...(await environmentVariables()), ...changes };
      await lambda.send(
        new UpdateFunctionConfigurationCommand({
          FunctionName: name,
          Environment: { Variables },
          ...(timeout !== undefined && { Timeout: timeout }),
        }),
      );
      await publishVersion();
    },
    replaceCode: async (zip) => {
      await lambda.send(new UpdateFunctionCodeCommand({ FunctionName: name, ZipFile: zip }));
      await publishVersion();
    },
    signal: (signal) => {
      const pids = processIds();
      for (const pid of pids) {
        process.kill(pid, signal);
      }
      return pids.length;
    },
  };
}

/** Finds a function by an environment variable that only this function has. */
async function functionWith(cloud: Cloud, variable: string): Promise<DeployedFunction> {
  const lambda = new LambdaClient(clientConfig(cloud));
  const { Functions: functions = [] } = await lambda.send(new ListFunctionsCommand({}));
  const found = functions.find(
    ({ Environment: { Variables: variables = {} } = {} }) => variable in variables,
  );
  if (found?.FunctionName === undefined) {
    throw new LocalError(`No function has the environment variable ${variable}.`);
  }
  return deployedFunction(cloud, lambda, found.FunctionName);
}

/** Finds the functions of the data path. */
export async function findFunctions(cloud: Cloud) {
  return {
    ingest: await functionWith(cloud, "SIGNING_KEYS_SECRET_ARN"),
    publisher: await functionWith(cloud, "DEAD_LETTER_QUEUE_URL"),
  };
}

/** Finds the function of the reconcile stack. */
export async function findReconcile(cloud: Cloud): Promise<DeployedFunction> {
  return await functionWith(cloud, "API_KEYS_SECRET_ARN");
}

/** Finds the function of the history stack. */
export async function findHistory(cloud: Cloud): Promise<DeployedFunction> {
  return await functionWith(cloud, "HISTORY_TABLE_NAME");
}
