import { existsSync, readdirSync, readFileSync } from "node:fs";
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

/** What of a function's configuration is changed for a scenario, on the local cloud only. */
export interface Configuration {
  readonly environment?: Readonly<Record<string, string>>;
  /** Seconds. */
  readonly timeout?: number;
}

/** A function of the stack, as the fire test handles it. */
export interface DeployedFunction {
  readonly name: string;
  readonly environment: () => Promise<Readonly<Record<string, string>>>;
  readonly timeout: () => Promise<number>;
  /** Changes its configuration, for every version that is called. Its workers begin anew. */
  readonly configure: (changes: Configuration) => Promise<void>;
  readonly replaceCode: (zip: Uint8Array) => Promise<void>;
  /** The processes that run it now. */
  readonly workers: () => number[];
  /** Sends a signal to those processes. @returns to how many. */
  readonly signal: (signal: NodeJS.Signals) => number;
}

/** The environment of a process, where it may be read: on Linux, of one's own processes. */
function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8");
  } catch {
    // It has just ended, or is somebody else's.
    return "";
  }
}

/** Of all processes, those that this emulator, told by its port, has started for a function. */
function workersOf(name: string, port: string): number[] {
  if (!existsSync("/proc/self/environ")) {
    throw new LocalError(
      "The functions' processes are found in /proc, so the fire test needs Linux.",
    );
  }
  const wanted = [`AWS_LAMBDA_FUNCTION_NAME=${name}`, `GATEWAY_PORT=${port}`];
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => {
      const variables = environmentOf(pid).split("\0");
      return wanted.every((variable) => variables.includes(variable));
    })
    .map(Number);
}

function deployedFunction(cloud: Cloud, lambda: LambdaClient, name: string): DeployedFunction {
  const described = async () =>
    await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: name }));

  async function untilUpdated(): Promise<void> {
    for (let status: string | undefined; status !== "Successful";) {
      ({ LastUpdateStatus: status } = await described());
      await sleep(20);
    }
  }

  /** Where versions are called through an alias, a change counts only once it is a version too. */
  async function release(): Promise<void> {
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

  const environment = async () => (await described()).Environment?.Variables ?? {};
  const workers = () => workersOf(name, new URL(cloud.endpoint).port);
  return {
    name,
    environment,
    timeout: async () => (await described()).Timeout ?? 0,
    workers,
    configure: async ({ environment: changes = {}, timeout: seconds }) => {
      const Variables = { ...(await environment()), ...changes };
      await lambda.send(
        new UpdateFunctionConfigurationCommand({
          FunctionName: name,
          Environment: { Variables },
          ...(seconds !== undefined && { Timeout: seconds }),
        }),
      );
      await release();
    },
    replaceCode: async (zip) => {
      await lambda.send(new UpdateFunctionCodeCommand({ FunctionName: name, ZipFile: zip }));
      await release();
    },
    signal: (signal) => {
      const pids = workers();
      for (const pid of pids) {
        process.kill(pid, signal);
      }
      return pids.length;
    },
  };
}

/** The stack's two functions, each known by what only it is told. */
export async function findFunctions(cloud: Cloud) {
  const lambda = new LambdaClient(clientConfig(cloud));
  const { Functions: functions = [] } = await lambda.send(new ListFunctionsCommand({}));
  const named = (variable: string): DeployedFunction => {
    const found = functions.find(
      ({ Environment: { Variables: variables = {} } = {} }) => variable in variables,
    );
    if (found?.FunctionName === undefined) {
      throw new LocalError(`No function of the stack has ${variable} in its environment.`);
    }
    return deployedFunction(cloud, lambda, found.FunctionName);
  };
  return { ingest: named("SIGNING_KEYS_SECRET_ARN"), publisher: named("DEAD_LETTER_QUEUE_URL") };
}
