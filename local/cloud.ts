import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import * as z from "zod";

import { cloudLockFile, lockHolderOf } from "../tools/run/lock-file.ts";
import { localFolder } from "../tools/run/paths.ts";

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
  pid: z.int(),
  logFile: z.string(),
});

/** A running local cloud, as `.local/cloud.json` describes it: all that a client needs to use it. */
export type Cloud = z.infer<typeof cloudSchema>;

const file = join(localFolder, "cloud.json");

function readFile(): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    // None, or one that is just being written: no cloud to use yet.
    return undefined;
  }
}

/** The local cloud of this checkout, if one is up; a file whose process is gone describes none. */
export function readCloud(): Cloud | undefined {
  const { data } = cloudSchema.safeParse(readFile());
  return data && data.pid === lockHolderOf(cloudLockFile) ? data : undefined;
}

/** Tells clients of a local cloud. Holds a signing key, so only its owner may read it. */
export function writeCloud(cloud: Cloud): void {
  mkdirSync(localFolder, { recursive: true });
  rmSync(file, { force: true });
  writeFileSync(file, `${JSON.stringify(cloud, null, 2)}\n`, { mode: 0o600 });
}

/** Tells clients that it is gone. */
export function removeCloud(): void {
  rmSync(file, { force: true });
}

/** What an SDK client of the local cloud is made with. */
export function clientConfig({ endpoint, region, accessKeyId, secretAccessKey }: Cloud) {
  return { endpoint, region, credentials: { accessKeyId, secretAccessKey } };
}
