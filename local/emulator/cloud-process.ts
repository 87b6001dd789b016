import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { driveStream, makeKey, setTimeToLive, tellIngestUrl } from "../after-deploy.ts";
import type { Cloud } from "../cloud.ts";
import {
  ACCOUNT,
  bootstrap,
  deploy,
  type Deployment,
  type Outputs,
  REGION,
  SECRET,
  synth,
} from "../deploy.ts";
import { type Emulator, startEmulator } from "./emulator.ts";
import { defaultLogFile, localFolder, root } from "../../tools/run/paths.ts";
import { ensurePython } from "../../tools/run/python.ts";
import type { Driver } from "../stream-mapping/driver.ts";

/** The account that the sample day is about. */
const SAMPLE_ACCOUNT = "11010177632";

/** Runs a step under its title. */
export type Step = <Result>(title: string, run: () => Promise<Result>) => Promise<Result>;

/** How a local cloud is started. */
export interface CloudOptions {
  /** @default - a free one */
  readonly port?: number | undefined;
  /** @default "local" */
  readonly stage?: string;
  /** Further CDK context. */
  readonly context?: Readonly<Record<string, string>>;
  /** Shows the steps. @default - only tells `onStep` of each */
  readonly step?: Step;
  /** Is told of each step when it begins. */
  readonly onStep?: (title: string) => void;
  /** Where emulator, cdk and driver say what they do. @default `.local/local-cloud.log` */
  readonly logFile?: string;
  /** Gives up starting; what was started is ended. */
  readonly signal?: AbortSignal;
}

/** A running local cloud. */
export interface RunningCloud {
  readonly cloud: Cloud;
  /** Of the stream's mapping; a test may stop it to hold the stream back. */
  readonly driver: Driver;
  /** Resolves with a sentence when a part of it has ended without being asked to. */
  readonly broken: Promise<string>;
  /** Ends all of it, and leaves no process and no file but the log. */
  readonly stop: () => Promise<void>;
}

function cloudOf({ endpoint, stage, logFile }: Deployment, outputs: Outputs): Cloud {
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
    pid: process.pid,
    logFile,
  };
}

/** Settles only when something breaks: that a part ends because it is stopped is nothing to tell. */
async function brokenBy(
  { emulator, driver, logFile }: { emulator: Emulator; driver: Driver; logFile: string },
  isStopping: () => boolean,
): Promise<string> {
  const emulatorEnded = emulator.ended.then(() => "The emulator has ended by itself.");
  const driverFailed = driver.ended.then(
    async () => await new Promise<never>(() => undefined),
    (error: unknown) => `The driver of the stream's mapping has failed: ${String(error)}.`,
  );
  const sentence = await Promise.race([emulatorEnded, driverFailed]);
  return isStopping()
    ? await new Promise<never>(() => undefined)
    : `${sentence} More is at the end of ${logFile}.`;
}

/** Ends, in turn, what was started last; asked again while it does, it waits for the same end. */
function stopsOf(runFolder: string) {
  const stops: (() => Promise<void>)[] = [];
  let ending: Promise<void> | undefined;
  const end = async (): Promise<void> => {
    for (const stop of stops.toReversed()) {
      await stop();
    }
    rmSync(runFolder, { recursive: true, force: true, maxRetries: 5 });
  };
  return {
    add: (stop: () => Promise<void>) => stops.push(stop),
    isStopping: () => ending !== undefined,
    stop: async () => {
      ending ??= end();
      await ending;
    },
  };
}

/** The template that goes to AWS, on the emulator. */
async function deployTo(deployment: Deployment, step: Step): Promise<Outputs> {
  await step("cdk synth and cdk bootstrap", async () => {
    // Both are waited for, so that when one fails the other is not left running.
    const results = await Promise.allSettled([bootstrap(deployment), synth(deployment)]);
    for (const result of results) {
      if (result.status === "rejected") {
        throw result.reason;
      }
    }
  });
  return await step("cdk deploy AgentAvailability", async () => await deploy(deployment));
}

/**
 * Starts a local cloud: the emulator, the real `cdk bootstrap` and `cdk deploy` on it, the driver of the
 * stream's mapping, and a signing key for the sample account. Several may run side by side.
 *
 * @throws LocalError, with a sentence, and the signal's reason; nothing is left running then.
 */
export async function startCloud(options: CloudOptions = {}): Promise<RunningCloud> {
  const { stage = "local", signal = new AbortController().signal, onStep } = options;
  const tell: Step = async (title, run) => {
    onStep?.(title);
    return await run();
  };
  const { step = tell, logFile = defaultLogFile } = options;
  mkdirSync(dirname(logFile), { recursive: true });
  const runFolder = mkdtempSync(join(tmpdir(), "agent-availability-hub-"));
  const stops = stopsOf(runFolder);
  try {
    const python = await step("Python environment of the emulator", async () => {
      const requirements = join(root, "local", "emulator", "requirements.txt");
      return await ensurePython({ folder: join(localFolder, "venv"), requirements, signal });
    });
    const emulator = await step(
      "emulator",
      async () => await startEmulator({ python, runFolder, logFile, port: options.port }),
    );
    stops.add(emulator.stop);
    const { endpoint } = emulator;
    const deployment = { endpoint, stage, runFolder, logFile, context: options.context, signal };
    const outputs = await deployTo(deployment, step);
    const [cloud, driver] = await step("sample account, stream mapping", async () => {
      const made = cloudOf(deployment, outputs);
      const signingKey = await makeKey(made, outputs.SigningKeysSecretArn, SAMPLE_ACCOUNT);
      await setTimeToLive(made);
      await tellIngestUrl(made);
      const accounts = [{ accountId: SAMPLE_ACCOUNT, signingKey }];
      const started: [Cloud, Driver] = [{ ...made, accounts }, await driveStream(made)];
      return started;
    });
    stops.add(driver.stop);
    signal.throwIfAborted();
    const broken = brokenBy({ emulator, driver, logFile }, stops.isStopping);
    return { cloud, driver, broken, stop: stops.stop };
  } catch (error) {
    await stops.stop();
    throw error;
  }
}
