import { rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { LocalError, runProgram } from "../tools/run/local-error.ts";
import { cloudLockFile, lockHolderOf } from "../tools/run/lock-file.ts";
import { readFlags } from "./arguments.ts";
import { removeCloud } from "./emulator/cloud.ts";

/** Longer than the emulator needs to stop. */
const END_TIMEOUT_MS = 120_000;

/** Removes files that a killed process has left behind. */
function cleanUp(): void {
  if (lockHolderOf(cloudLockFile) === undefined) {
    removeCloud();
    rmSync(cloudLockFile, { force: true });
  }
}

await runProgram(async () => {
  readFlags("npm run local:down", []);
  const pid = lockHolderOf(cloudLockFile);
  if (pid === undefined) {
    cleanUp();
    console.log("No local cloud of this checkout is running.");
    return 0;
  }
  process.kill(pid, "SIGTERM");
  const deadline = Date.now() + END_TIMEOUT_MS;
  while (lockHolderOf(cloudLockFile) === pid) {
    if (Date.now() > deadline) {
      throw new LocalError(
        `Process ${pid}, which runs the local cloud, did not stop. Stop it manually: kill -9 ${pid}`,
      );
    }
    await sleep(50);
  }
  cleanUp();
  console.log("The local cloud has stopped.");
  return 0;
});
