import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { DynamoDBClient, UpdateTimeToLiveCommand } from "@aws-sdk/client-dynamodb";
import { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import {
  LambdaClient,
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
} from "@aws-sdk/client-lambda";
import { S3Client } from "@aws-sdk/client-s3";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SQSClient } from "@aws-sdk/client-sqs";

import { addAccount } from "../commands/signing-keys.ts";
import { expiresAt } from "../functions/store/attributes.ts";
import { type Cloud, clientConfig } from "./cloud.ts";
import { ACCOUNT, bootstrap, deploy, type Deployment, REGION, SECRET, synth } from "./deploy.ts";
import { type Emulator, startEmulator } from "./emulator.ts";
import { LocalError } from "./local-error.ts";
import { localFolder, root } from "./paths.ts";
import { ensurePython } from "./python.ts";
import { type Driver, startDriver } from "./stream-mapping/driver.ts";
import { mappingOf } from "./stream-mapping/mapping.ts";

/** The account that the sample day is about. */
export const SAMPLE_ACCOUNT = "11010177632";

/** How a local cloud is started. */
export interface CloudOptions {
  /** @default - a free one */
  readonly port?: number | undefined;
  /** @default "local" */
  readonly stage?: string;
  /** Further CDK context. */
  readonly context?: Readonly<Record<string, string>>;
  /** Runs each step under its title. @default - just runs it */
  readonly step?: <Result>(title: string, run: () => Promise<Result>) => Promise<Result>;
  /** Where emulator and cdk say what they do. @default `.local/local-cloud.log` */
  readonly logFile?: string;
  /** Gives up starting. */
  readonly signal?: AbortSignal;
}

/** A running local cloud. */
export interface RunningCloud {
  readonly cloud: Cloud;
  /** Resolves, with a sentence, when a part of it has ended without being asked to. */
  readonly broken: Promise<string>;
  /** The stream's driver, to be stopped or watched by a test. */
  readonly driver: Driver;
  /** Ends all of it, and leaves no process and no file but the log. */
  readonly stop: () => Promise<void>;
}

/** What CloudFormation drops on the emulator, but AWS does by itself. */
async function setTimeToLive(cloud: Cloud): Promise<void> {
  await new DynamoDBClient(clientConfig(cloud)).send(
    new UpdateTimeToLiveCommand({
      TableName: cloud.tableName,
      TimeToLiveSpecification: { AttributeName: expiresAt, Enabled: true },
    }),
  );
}

/** Switches the emulator's own poller off, and ours on with the settings that were deployed. */
async function driveStream(cloud: Cloud): Promise<Driver> {
  const config = clientConfig(cloud);
  const lambda = new LambdaClient(config);
  const { EventSourceMappings: mappings = [] } = await lambda.send(
    new ListEventSourceMappingsCommand({}),
  );
  const [described, ...more] = mappings;
  if (described === undefined || more.length > 0) {
    throw new LocalError(`One event source mapping was expected, ${mappings.length} are deployed.`);
  }
  const mapping = mappingOf(described);
  await lambda.send(new UpdateEventSourceMappingCommand({ UUID: mapping.uuid, Enabled: false }));
  return startDriver(mapping, {
    streams: new DynamoDBStreamsClient(config),
    lambda,
    sqs: new SQSClient(config),
    s3: new S3Client({ ...config, forcePathStyle: true }),
  });
}

function cloudOf(
  { endpoint, stage, logFile }: Deployment,
  outputs: Readonly<Record<string, string>>,
  signingKey: string,
): Cloud {
  // Not every resolver knows the names under execute-api.localhost.
  const [apiId = ""] = new URL(outputs["IngestUrl"] ?? "").hostname.split(".");
  return {
    endpoint,
    region: REGION,
    accessKeyId: ACCOUNT,
    secretAccessKey: SECRET,
    stage,
    ingestUrl: `${endpoint}/_aws/execute-api/${apiId}`,
    tableName: outputs["TableName"] ?? "",
    busName: outputs["BusName"] ?? "",
    accounts: [{ accountId: SAMPLE_ACCOUNT, signingKey }],
    pid: process.pid,
    logFile,
  };
}

async function brokenBy(emulator: Emulator, driver: Driver, logFile: string): Promise<string> {
  const emulatorEnded = emulator.ended.then(() => "The emulator has ended by itself.");
  const driverEnded = driver.ended.then(
    () => "The stream's driver has ended by itself.",
    (error: unknown) => `The stream's driver has failed: ${String(error)}.`,
  );
  return `${await Promise.race([emulatorEnded, driverEnded])} More is in ${logFile}.`;
}

/**
 * Starts the local cloud: the emulator, the real `cdk bootstrap` and `cdk deploy` on it, the stream's
 * driver, and a signing key for the sample account.
 *
 * @throws LocalError, with a sentence; no process is left then.
 */
export async function startCloud(options: CloudOptions = {}): Promise<RunningCloud> {
  const { step = async (_title, run) => await run(), stage = "local" } = options;
  const { signal = new AbortController().signal } = options;
  mkdirSync(localFolder, { recursive: true });
  const logFile = options.logFile ?? join(localFolder, "local-cloud.log");
  const runFolder = mkdtempSync(join(tmpdir(), "agent-availability-hub-"));
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const each of stops.splice(0).toReversed()) {
      await each();
    }
    rmSync(runFolder, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const python = await step(
      "Python environment of the emulator",
      async () =>
        await ensurePython(join(localFolder, "venv"), join(root, "local", "requirements.txt")),
    );
    const emulator = await step(
      "emulator",
      async () => await startEmulator({ python, runFolder, logFile, port: options.port }),
    );
    stops.push(emulator.stop);
    signal.throwIfAborted();
    const { endpoint } = emulator;
    const deployment = { endpoint, stage, runFolder, logFile, context: options.context, signal };
    await step("cdk bootstrap, cdk synth", async () => {
      await Promise.all([bootstrap(deployment), synth(deployment)]);
    });
    const outputs = await step("cdk deploy", async () => await deploy(deployment));
    const [cloud, driver] = await step("stream, sample account", async () => {
      const secrets = new SecretsManagerClient(clientConfig(cloudOf(deployment, outputs, "")));
      const key = await addAccount(secrets, outputs["SigningKeysSecretArn"] ?? "", SAMPLE_ACCOUNT);
      const made = cloudOf(deployment, outputs, key);
      await setTimeToLive(made);
      return [made, await driveStream(made)] as const;
    });
    stops.push(driver.stop);
    signal.throwIfAborted();
    return { cloud, driver, broken: brokenBy(emulator, driver, logFile), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
