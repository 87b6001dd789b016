import { cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";

import { clientConfig } from "../../local/emulator/cloud.ts";
import {
  ACCOUNT,
  assemblyOf,
  type DependentStack,
  type Deployment,
  REGION,
  SECRET,
  synth,
} from "../../local/emulator/deploy.ts";
import { type RunningCloud, startCloud } from "../../local/emulator/start-cloud.ts";
import { lock } from "../../tools/run/lock-file.ts";
import { localFolder } from "../../tools/run/paths.ts";

/** Contains the synthesized app, once for all test files of a run: they share one temporary folder. */
const assembly = join(tmpdir(), "assembly");

async function synthesizeOnce(logFile: string): Promise<void> {
  const release = await lock(join(localFolder, "synth.pid"));
  try {
    if (!existsSync(assembly)) {
      const runFolder = mkdtempSync(join(tmpdir(), "synth-"));
      mkdirSync(join(runFolder, "tmp"));
      const { signal } = new AbortController();
      const deployment = { endpoint: "", stage: "local", runFolder, logFile, signal };
      await synth(deployment);
      renameSync(assemblyOf(deployment), assembly);
      rmSync(runFolder, { recursive: true, force: true });
    }
  } finally {
    release();
  }
}

/**
 * Creates the two resources of `cdk bootstrap` that `cdk deploy` needs on the emulator. The CLI takes 4 seconds of
 * processor time to create all of them, which journey.test.ts and the chaos tests let it do.
 */
async function bootstrapForTests({ endpoint }: Deployment): Promise<void> {
  const config = clientConfig({
    endpoint,
    region: REGION,
    accessKeyId: ACCOUNT,
    secretAccessKey: SECRET,
  });
  await new S3Client({ ...config, forcePathStyle: true }).send(
    new CreateBucketCommand({ Bucket: `cdk-hnb659fds-assets-${ACCOUNT}-${REGION}` }),
  );
  await new SSMClient(config).send(
    new PutParameterCommand({
      Name: "/cdk-bootstrap/hnb659fds/version",
      Value: "33",
      Type: "String",
    }),
  );
}

/** Starts a local cloud for a test file. All test files of a run deploy the same synthesized app. */
export async function startTestCloud(
  logFile: string,
  stacks: readonly DependentStack[] = [],
): Promise<RunningCloud> {
  return await startCloud({
    logFile,
    stacks,
    prepare: async (deployment) => {
      await bootstrapForTests(deployment);
      await synthesizeOnce(logFile);
      cpSync(assembly, assemblyOf(deployment), { recursive: true });
    },
  });
}
