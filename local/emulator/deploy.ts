import { readFileSync } from "node:fs";
import { appendFile } from "node:fs/promises";
import { join } from "node:path";

import * as z from "zod";

import { lastLines, runCommand } from "../../tools/run/command.ts";
import { LocalError } from "../../tools/run/local-error.ts";
import { binFolder, root } from "../../tools/run/paths.ts";

/** The emulator's AWS account: it treats an access key ID of 12 digits as the account ID. */
export const ACCOUNT = "000000000000";
export const REGION = "us-east-1";
export const SECRET = "local";

/** The stack of the data path, which every local cloud deploys. */
const DATA_PATH = "AgentAvailability";

/** A stack that depends on the data path. */
export type DependentStack =
  | "AgentAvailabilityBoard"
  | "AgentAvailabilityHistory"
  | "AgentAvailabilityReconcile"
  | "AgentAvailabilitySupervision";

/** The stacks to deploy, and the emulator to deploy them to. */
export interface Deployment {
  readonly endpoint: string;
  readonly stage: string;
  readonly runFolder: string;
  readonly logFile: string;
  /** Folder of the CDK app. @default - this checkout */
  readonly folder?: string;
  /** Additional CDK context. */
  readonly context?: Readonly<Record<string, string>> | undefined;
  readonly signal: AbortSignal;
}

const outputsSchema = z.object({
  IngestUrl: z.string(),
  TableName: z.string(),
  BusName: z.string(),
  SigningKeysSecretArn: z.string(),
});

/** The stack outputs that the local cloud needs. */
export type Outputs = z.infer<typeof outputsSchema>;

/** The outputs of each stack by its name, which contains the stage. */
const outputsFileSchema = z.record(z.string(), z.record(z.string(), z.string()));

/** Hides the developer's profile and environment from `cdk`, which must never reach AWS. */
function environmentOf({ endpoint, runFolder }: Deployment): NodeJS.ProcessEnv {
  return {
    PATH: `${binFolder}:${process.env["PATH"] ?? ""}`,
    HOME: runFolder,
    TMPDIR: join(runFolder, "tmp"),
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: ACCOUNT,
    AWS_SECRET_ACCESS_KEY: SECRET,
    AWS_REGION: REGION,
    AWS_CONFIG_FILE: join(runFolder, "no-config"),
    AWS_SHARED_CREDENTIALS_FILE: join(runFolder, "no-credentials"),
    AWS_EC2_METADATA_DISABLED: "true",
    CDK_DEFAULT_ACCOUNT: ACCOUNT,
    CDK_DEFAULT_REGION: REGION,
    CDK_DISABLE_CLI_TELEMETRY: "true",
    CDK_DISABLE_VERSION_CHECK: "true",
    // The validation takes most of the time of a synthesis. `npm run check:templates` validates every stage.
    CDK_VALIDATION: "false",
    NO_COLOR: "1",
    NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"],
  };
}

async function cdk(deployment: Deployment, args: readonly string[]): Promise<void> {
  const { code, output } = await runCommand(
    join(binFolder, "cdk"),
    [...args, "--no-notices", "--no-version-reporting"],
    { cwd: deployment.folder ?? root, env: environmentOf(deployment), signal: deployment.signal },
  );
  await appendFile(deployment.logFile, `$ cdk ${args.join(" ")}\n${output}\n`);
  if (code !== 0) {
    throw new LocalError(
      `cdk ${args[0] ?? ""} failed. Fix the cause and try again. The output is in ${deployment.logFile}. The last lines are:\n${lastLines(output)}`,
    );
  }
}

export const assemblyOf = ({ runFolder }: Deployment) => join(runFolder, "cdk.out");

export async function bootstrap(deployment: Deployment): Promise<void> {
  // Without an app, so that synthesis can run at the same time.
  await cdk(deployment, [
    "bootstrap",
    `aws://${ACCOUNT}/${REGION}`,
    "--app",
    "",
    "-o",
    join(deployment.runFolder, "bootstrap.out"),
  ]);
}

/** Synthesizes the templates and bundles that are deployed to AWS. */
export async function synth(deployment: Deployment): Promise<void> {
  const { stage, context = {} } = deployment;
  const contexts = Object.entries({ stage, ...context }).flatMap(([key, value]) => [
    "-c",
    `${key}=${value}`,
  ]);
  await cdk(deployment, ["synth", "--quiet", ...contexts, "-o", assemblyOf(deployment)]);
}

/** Deploys synthesized stacks. Other stacks that they depend on must be deployed. @returns the outputs of the first. */
export async function deployStacks(
  deployment: Deployment,
  stacks: readonly [string, ...string[]],
): Promise<Readonly<Record<string, string>>> {
  const file = join(deployment.runFolder, "outputs.json");
  await cdk(deployment, [
    "deploy",
    ...stacks,
    "--exclusively",
    "--app",
    assemblyOf(deployment),
    "--require-approval",
    "never",
    "--outputs-file",
    file,
  ]);
  const outputs = outputsFileSchema.parse(JSON.parse(readFileSync(file, "utf8")));
  return outputs[`${stacks[0]}-${deployment.stage}`] ?? {};
}

/** Deploys the synthesized data path, then stacks that depend on it. @returns the outputs of the data path. */
export async function deploy(
  deployment: Deployment,
  dependents: readonly DependentStack[] = [],
): Promise<Outputs> {
  const { data } = outputsSchema.safeParse(
    await deployStacks(deployment, [DATA_PATH, ...dependents]),
  );
  if (data === undefined) {
    throw new LocalError(
      `The stack ${DATA_PATH} must have the outputs ${Object.keys(outputsSchema.shape).join(", ")}.`,
    );
  }
  return data;
}
