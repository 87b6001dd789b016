import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import * as z from "zod";

import { localFolder } from "./paths.ts";

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

/** Whether a process is there. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function readFile(): unknown {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}

/** The local cloud of this checkout, if one is running. */
export function readCloud(): Cloud | undefined {
  const { data } = cloudSchema.safeParse(readFile());
  return data && isAlive(data.pid) ? data : undefined;
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
