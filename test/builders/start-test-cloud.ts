import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { assemblyOf, type DependentStack, synth } from "../../local/emulator/deploy.ts";
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

/** Starts a local cloud for a test file. All test files of a run deploy the same synthesized app. */
export async function startTestCloud(
  logFile: string,
  stacks: readonly DependentStack[] = [],
): Promise<RunningCloud> {
  await synthesizeOnce(logFile);
  return await startCloud({ logFile, assembly, stacks });
}
