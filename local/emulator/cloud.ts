import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import * as z from "zod";

import { cloudLockFile, lockHolderOf } from "../../tools/run/lock-file.ts";
import { localFolder } from "../../tools/run/paths.ts";

const cloudSchema = z.object({
  endpoint: z.string(),
  region: z.string(),
  accessKeyId: z.string(),
  secretAccessKey: z.string(),
  stage: z.string(),
  ingestUrl: z.string(),
  tableName: z.string(),
  busName: z.string(),
  accounts: z.array(z.object({ accountId: z.string(), signingKey: z.string() })),
  /** The fake Freshdesk API that reconcile reads; absent if the reconcile stack is not deployed. */
  freshdeskOrigin: z.string().optional(),
  pid: z.int(),
  logFile: z.string(),
  /** URL of the board; absent if a test started the cloud. */
  boardUrl: z.string().optional(),
});

/** A running local cloud as `.local/cloud.json` describes it: all that a client needs. */
export type Cloud = z.infer<typeof cloudSchema>;

const file = join(localFolder, "cloud.json");

function readFile(): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    // The file does not exist or is being written: no cloud can be used yet.
    return undefined;
  }
}

/** Returns this checkout's running local cloud. Ignores a file whose process has ended. */
export function readCloud(): Cloud | undefined {
  const { data } = cloudSchema.safeParse(readFile());
  return data && data.pid === lockHolderOf(cloudLockFile) ? data : undefined;
}

/** Writes the description of a running cloud. It contains a signing key, so only its owner may read it. */
export function writeCloud(cloud: Cloud): void {
  mkdirSync(localFolder, { recursive: true });
  rmSync(file, { force: true });
  writeFileSync(file, `${JSON.stringify(cloud, null, 2)}\n`, { mode: 0o600 });
}

export function removeCloud(): void {
  rmSync(file, { force: true });
}

/** Returns the configuration of an SDK client for the local cloud. */
export function clientConfig({
  endpoint,
  region,
  accessKeyId,
  secretAccessKey,
}: Pick<Cloud, "endpoint" | "region" | "accessKeyId" | "secretAccessKey">) {
  return { endpoint, region, credentials: { accessKeyId, secretAccessKey } };
}
