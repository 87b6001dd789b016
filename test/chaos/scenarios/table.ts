import { setTimeout as sleep } from "node:timers/promises";

import {
  type Act,
  answerLost,
  blackHoled,
  delayed,
  failing,
  resetting,
  throttled,
} from "../fault-proxy/faults.ts";
import type { Run, Scenario } from "../scenario.ts";

/** Meets writes of changes, and leaves alone the one with which a function warms up. */
function meetsShare(run: Run, share: number) {
  return ({ body }: { readonly body: string }) =>
    body.includes(run.account.accountId) && run.chance.next() < share;
}

/** A history goes in while the table does something to a share of the writes for some seconds. */
async function whileTable(run: Run, act: Act, { share = 1, seconds = 3 } = {}): Promise<void> {
  const fault = run.fault({
    service: "dynamodb",
    operation: "UpdateItem",
    meets: meetsShare(run, share),
    act,
  });
  const sending = run.send();
  await Promise.race([sleep(seconds * 1000), sending.then(async () => await sleep(200))]);
  fault.end();
  run.mended();
  await sending;
}

/** What the table does wrong. */
export const tableScenarios: readonly Scenario[] = [
  {
    name: "table-throttled",
    title: "table throttles three of four writes",
    short: true,
    run: async (run) => {
      await whileTable(run, throttled, { share: 0.75 });
    },
  },
  {
    name: "table-failing",
    title: "table answers 500 to every write",
    run: async (run) => {
      await whileTable(run, failing);
    },
  },
  {
    name: "table-reset",
    title: "table resets half of the connections",
    run: async (run) => {
      await whileTable(run, resetting, { share: 0.5 });
    },
  },
  {
    name: "table-slow",
    title: "table slow: writes take 0 to 2 s, and arrive after their caller gave up",
    short: true,
    run: async (run) => {
      await whileTable(
        run,
        delayed(() => run.chance.below(2000)),
        { share: 0.6, seconds: 6 },
      );
    },
  },
  {
    name: "table-black-holed",
    title: "table says nothing at all",
    run: async (run) => {
      await whileTable(run, blackHoled, { seconds: 5 });
    },
  },
  {
    name: "table-answer-lost",
    title: "table writes, and every second answer is lost",
    short: true,
    run: async (run) => {
      await whileTable(run, answerLost, { share: 0.5 });
    },
  },
];
