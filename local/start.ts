import { runProgram } from "../tools/run/local-error.ts";
import { untilAborted, createEndSignal } from "../tools/run/signals.ts";
import { readFlags, requestedPort } from "./arguments.ts";
import { withCloud } from "./emulator/with-cloud.ts";
import { formatNextSteps } from "./next-steps.ts";
import { playSampleDay } from "./sample-day/play.ts";
import { showStep } from "./steps.ts";

/** So slow that a person can follow the day here and on the board, which reads every 3 seconds. */
const WATCHABLE_PACE = { paceMs: 200, chapterPauseMs: 4000 };

function onBoard(url: string): void {
  console.log(`Board: ${url}\n`);
}

await runProgram(async () => {
  const flags = readFlags("npm start", ["once"]);
  const signal = createEndSignal();
  const port = requestedPort();
  const isOnce = flags.has("once");
  return await withCloud(
    { port, step: showStep, signal, onBoard },
    async ({ cloud, freshdesk }) => {
      const isAsExpected = await playSampleDay({
        cloud,
        freshdesk,
        out: process.stdout,
        columns: process.stdout.columns,
        signal,
        ...(!isOnce && WATCHABLE_PACE),
      });
      signal.throwIfAborted();
      if (isOnce) {
        return isAsExpected ? 0 : 1;
      }
      console.log(`\n${formatNextSteps(cloud)}\n`);
      console.log(`Board: ${cloud.boardUrl ?? ""}`);
      console.log("The local cloud runs until Ctrl-C.");
      await untilAborted(signal);
      console.log("\nStopping the local cloud ...");
      return 0;
    },
  );
});
