import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { defaultLogFile, localFolder, root } from "../../tools/run/paths.ts";
import { ensurePython } from "../../tools/run/python.ts";
import type { FreshdeskApi } from "../freshdesk-api/freshdesk-api.ts";
import type { Driver } from "../stream-mapping/driver.ts";
import { createSampleAccounts, enableTimeToLive, writeIngestUrl } from "./after-deploy.ts";
import type { Cloud } from "./cloud.ts";
import {
  ACCOUNT,
  bootstrap,
  type DependentStack,
  deploy,
  type Deployment,
  type Outputs,
  REGION,
  SECRET,
  synth,
} from "./deploy.ts";
import { type Emulator, startEmulator } from "./emulator.ts";
import { startStreamDrivers } from "./stream-drivers.ts";

export type Step = <Result>(title: string, run: () => Promise<Result>) => Promise<Result>;

export interface CloudOptions {
  /** @default - a free port */
  readonly port?: number | undefined;
  /** @default "local" */
  readonly stage?: string;
  /** Additional CDK context. */
  readonly context?: Readonly<Record<string, string>>;
  /** Prepares account and region, and puts the synthesized app into its folder. @default - `cdk bootstrap` and `cdk synth` */
  readonly prepare?: (deployment: Deployment) => Promise<void>;
  /** Stacks to deploy with the data path. @default - none */
  readonly stacks?: readonly DependentStack[];
  /** The REST API that reconcile reads. @default - the stack AgentAvailabilityReconcile is not deployed */
  readonly freshdesk?: Pick<FreshdeskApi, "origin"> | undefined;
  /** Shows the steps. @default - calls `onStep` for each */
  readonly step?: Step;
  /** Called at the start of each step. */
  readonly onStep?: (title: string) => void;
  /** The log of emulator, cdk and driver. @default `.local/local-cloud.log` */
  readonly logFile?: string;
  /** Aborts the start and ends what was started. */
  readonly signal?: AbortSignal;
}

export interface RunningCloud {
  readonly cloud: Cloud;
  /** The drivers of the event source mappings. A test may stop them to hold the stream back. */
  readonly driver: Driver;
  /** Resolves with a description if a part of the cloud fails. */
  readonly failed: Promise<string>;
  /** Ends the cloud. Leaves no process, and no file except the log. */
  readonly stop: () => Promise<void>;
}

function cloudOf(
  { endpoint, stage, logFile }: Deployment,
  outputs: Outputs,
  freshdesk: CloudOptions["freshdesk"],
): Cloud {
  // Not every resolver knows the names under execute-api.localhost.
  const [apiId = ""] = new URL(outputs.IngestUrl).hostname.split(".");
  return {
    endpoint,
    region: REGION,
    accessKeyId: ACCOUNT,
    secretAccessKey: SECRET,
    stage,
    ingestUrl: `${endpoint}/_aws/execute-api/${apiId}`,
    tableName: outputs.TableName,
    busName: outputs.BusName,
    accounts: [],
    ...(freshdesk && { freshdeskOrigin: freshdesk.origin }),
    pid: process.pid,
    logFile,
  };
}

/** Settles only if a part fails, not if it ends because it is stopped. */
async function failureOf(
  { emulator, driver, logFile }: { emulator: Emulator; driver: Driver; logFile: string },
  isStopping: () => boolean,
): Promise<string> {
  const emulatorEnded = emulator.ended.then(() => "The emulator ended unexpectedly.");
  const driverFailed = driver.ended.then(
    async () => await new Promise<never>(() => undefined),
    (error: unknown) => {
      const cause = error instanceof Error ? error.message : String(error);
      return `The driver of the event source mapping failed: ${cause.replace(/\.$/, "")}.`;
    },
  );
  const problem = await Promise.race([emulatorEnded, driverFailed]);
  return isStopping()
    ? await new Promise<never>(() => undefined)
    : `${problem} Details are at the end of ${logFile}.`;
}

/** Returns the stacks to deploy beside the data path, and their context. */
function dependentsOf({ freshdesk, stacks = [] }: CloudOptions): {
  readonly dependents: readonly DependentStack[];
  readonly context: Readonly<Record<string, string>>;
} {
  return freshdesk === undefined
    ? { dependents: stacks, context: {} }
    : {
        dependents: ["AgentAvailabilityReconcile", ...stacks],
        context: { localFreshdeskOrigin: freshdesk.origin },
      };
}

async function bootstrapAndSynth(deployment: Deployment): Promise<void> {
  // Waits for both, so that none is left running if the other fails.
  const results = await Promise.allSettled([bootstrap(deployment), synth(deployment)]);
  for (const result of results) {
    if (result.status === "rejected") {
      throw result.reason;
    }
  }
}

/**
 * Starts a local cloud: the emulator, the real `cdk bootstrap` and `cdk deploy`, the drivers of the event source
 * mappings, and signing keys for the sample accounts. Several can run side by side.
 *
 * @throws LocalError or the signal's reason; nothing is left running.
 */
export async function startCloud(options: CloudOptions = {}): Promise<RunningCloud> {
  const { stage = "local", signal = new AbortController().signal, onStep } = options;
  const callOnStep: Step = async (title, run) => {
    onStep?.(title);
    return await run();
  };
  const { step = callOnStep, logFile = defaultLogFile, prepare = bootstrapAndSynth } = options;
  mkdirSync(dirname(logFile), { recursive: true });
  const runFolder = mkdtempSync(join(tmpdir(), "agent-availability-hub-"));
  /** Ends the parts in the reverse order of their start. */
  const parts = new AsyncDisposableStack();
  parts.defer(() => {
    rmSync(runFolder, { recursive: true, force: true, maxRetries: 5 });
  });
  let stopped: Promise<void> | undefined;
  const stop = async () => {
    stopped ??= parts.disposeAsync();
    await stopped;
  };
  try {
    const python = await step("Python environment of the emulator", async () => {
      const requirements = join(root, "local", "emulator", "requirements.txt");
      return await ensurePython({ folder: join(localFolder, "venv"), requirements, signal });
    });
    const emulator = await step(
      "emulator",
      async () => await startEmulator({ python, runFolder, logFile, port: options.port }),
    );
    parts.defer(emulator.stop);
    const { endpoint } = emulator;
    const { freshdesk } = options;
    const { dependents, context } = dependentsOf(options);
    const deployment: Deployment = {
      endpoint,
      stage,
      runFolder,
      logFile,
      context: { ...options.context, ...context },
      signal,
    };
    await step("cdk synth and cdk bootstrap", async () => {
      await prepare(deployment);
    });
    const outputs = await step(
      ["cdk deploy AgentAvailability", ...dependents].join(" "),
      async () => await deploy(deployment, dependents),
    );
    const { cloud, driver } = await step("sample accounts, event source mappings", async () => {
      const deployed = cloudOf(deployment, outputs, freshdesk);
      const accounts = await createSampleAccounts(deployed, outputs.SigningKeysSecretArn);
      await enableTimeToLive(deployed);
      await writeIngestUrl(deployed);
      return { cloud: { ...deployed, accounts }, driver: await startStreamDrivers(deployed) };
    });
    parts.defer(driver.stop);
    signal.throwIfAborted();
    const failed = failureOf({ emulator, driver, logFile }, () => parts.disposed);
    return { cloud, driver, failed, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
