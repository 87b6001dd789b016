import { rmSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

import { readFlags } from "./arguments.ts";
import { cloudLockFile, lockHolderOf } from "../tools/run/lock-file.ts";
import { removeCloud } from "./cloud.ts";
import { LocalError, runProgram } from "../tools/run/local-error.ts";

/** Longer than the emulator is given to end by itself. */
const END_MS = 20_000;

/** Takes away what a process leaves that could not: it was killed, or the machine was switched off. */
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
    console.log("No local cloud of this checkout is up.");
    return 0;
  }
  process.kill(pid, "SIGTERM");
  const until = Date.now() + END_MS;
  while (lockHolderOf(cloudLockFile) === pid) {
    if (Date.now() > until) {
      throw new LocalError(
        `Process ${pid}, which has the local cloud up, does not end. End it by hand: kill -9 ${pid}`,
      );
    }
    await sleep(50);
  }
  cleanUp();
  console.log("The local cloud has ended.");
  return 0;
});
