import { setTimeout as sleep } from "node:timers/promises";

import type { Scenario, ScenarioContext } from "../scenario.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** Receives events while they are published: the emulator is slow with queues of many thousands. */
async function whileReceiving(
  { environment }: ScenarioContext,
  sending: Promise<void>,
): Promise<void> {
  const done = new AbortController();
  const sent = sending.finally(() => {
    done.abort();
  });
  const receive = async () => {
    while (!done.signal.aborted) {
      await environment.observer.drain();
      await sleep(250);
    }
  };
  await Promise.all([sent, receive()]);
}

/** Sends one change of each agent within a minute of the history, each of them twice and out of order. */
async function sendMinute(
  { traffic }: ScenarioContext,
  burst: { readonly agents: number; readonly from: number },
): Promise<void> {
  await traffic.send({
    ...burst,
    changes: 1,
    repeatedShare: 1,
    maxDelayMs: MINUTE,
    maxBatchSize: 1,
    senders: 8,
  });
}

/** Many changes together, without faults. Run by `--burst`. */
export const burstScenarios: readonly Scenario[] = [
  {
    name: "burst-500",
    title: "500 agents change five times within a minute each, sent twice and out of order",
    run: async (context) => {
      const from = Date.now() - HOUR;
      const sendAll = async () => {
        for (let round = 0; round < 5; round += 1) {
          await sendMinute(context, { agents: 500, from: from + round * MINUTE });
        }
      };
      await whileReceiving(context, sendAll());
    },
  },
  {
    name: "burst-10000",
    title: "10,000 agents change within a minute, sent twice and out of order",
    run: async (context) => {
      const burst = { agents: 10_000, from: Date.now() - HOUR };
      await whileReceiving(context, sendMinute(context, burst));
    },
  },
];
