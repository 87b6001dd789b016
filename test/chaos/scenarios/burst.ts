import { setTimeout as sleep } from "node:timers/promises";

import type { Run, Scenario } from "../scenario.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Takes in what comes while something goes on: an emulated queue of many thousands is slow. */
async function whileDraining(run: Run, work: Promise<void>): Promise<void> {
  const done = new AbortController();
  const ended = work.finally(() => {
    done.abort();
  });
  const drained = async () => {
    while (!done.signal.aborted) {
      await run.stand.witness.drain();
      await sleep(250);
    }
  };
  await Promise.all([ended, drained()]);
}

/** Each agent changes once in a minute, and everything is told twice and shuffled. */
async function minute(
  run: Run,
  burst: { readonly agents: number; readonly from: number },
): Promise<void> {
  await run.send({ ...burst, changes: 1, repeated: 1, late: MINUTE, largestList: 1, senders: 8 });
}

/** Nothing breaks, but much comes at once. Run by `--burst`. */
export const burstScenarios: readonly Scenario[] = [
  {
    name: "burst-500",
    title: "500 agents change within a minute, told twice and shuffled, five times over",
    run: async (run) => {
      const from = Date.now() - HOUR;
      const rounds = async () => {
        for (let round = 0; round < 5; round += 1) {
          await minute(run, { agents: 500, from: from + round * MINUTE });
        }
      };
      await whileDraining(run, rounds());
    },
  },
  {
    name: "burst-10000",
    title: "10,000 agents change within a minute, told twice and shuffled",
    run: async (run) => {
      const from = Date.now() - HOUR;
      await whileDraining(run, minute(run, { agents: 10_000, from }));
    },
  },
];
