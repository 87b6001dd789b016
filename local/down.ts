import { setTimeout as sleep } from "node:timers/promises";

import { readFlags } from "./arguments.ts";
import { claimant } from "./claim.ts";
import { isAlive } from "./cloud.ts";
import { LocalError, runProgram } from "./local-error.ts";

/** Longer than the emulator is given to end by itself. */
const END_MS = 20_000;

await runProgram(async () => {
  readFlags("npm run local:down", []);
  const pid = claimant();
  if (pid === undefined) {
    console.log("No local cloud of this checkout is up.");
    return;
  }
  process.kill(pid, "SIGTERM");
  const until = Date.now() + END_MS;
  while (isAlive(pid)) {
    if (Date.now() > until) {
      throw new LocalError(
        `Process ${pid}, which has the local cloud, does not end. End it by hand: kill -9 ${pid}`,
      );
    }
    await sleep(50);
  }
  console.log("The local cloud has ended.");
});
