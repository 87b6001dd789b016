import { runProgram } from "../tools/run/local-error.ts";
import { aborted, endRequested } from "../tools/run/signals.ts";
import { readFlags, wantedPort } from "./arguments.ts";
import { withCloud } from "./emulator/with-cloud.ts";
import { formatNextSteps } from "./next-steps.ts";
import { playSampleDay } from "./sample-day/play.ts";
import { showStep } from "./steps.ts";

await runProgram(async () => {
  const flags = readFlags("npm start", ["once"]);
  const signal = endRequested();
  const port = wantedPort();
  return await withCloud({ port, step: showStep, signal }, async ({ cloud }) => {
    const isAsExpected = await playSampleDay({ cloud, out: process.stdout, signal });
    signal.throwIfAborted();
    if (flags.has("once")) {
      return isAsExpected ? 0 : 1;
    }
    console.log(`\n${formatNextSteps(cloud)}\n\nThe local cloud runs until Ctrl-C.`);
    await aborted(signal);
    console.log("\nEnding the local cloud ...");
    return 0;
  });
});
