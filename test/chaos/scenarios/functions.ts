import { setTimeout as sleep } from "node:timers/promises";

import { type Act, delayed } from "../fault-proxy/faults.ts";
import type { Fault } from "../fault-proxy/proxy.ts";
import { deployChanged } from "../changed-code.ts";
import type { DeployedFunction } from "../functions.ts";
import type { Run, Scenario } from "../scenario.ts";
import { gather } from "./bus.ts";

/** Lets a request through, and sends a signal to who sent it before the answer gets there. */
function signalled(target: DeployedFunction, signal: NodeJS.Signals) {
  let reached = 0;
  const act: Act = async ({ forward, reset }) => {
    await forward();
    reached += target.signal(signal);
    reset();
  };
  return {
    act,
    /** To how many processes; to none, and the fault was no more than an answer that was lost. */
    reached: () => reached,
  };
}

const ofAccount = (run: Run, share: number) => (request: { readonly body: string }) =>
  request.body.includes(run.account.accountId) && run.chance.next() < share;

async function whileFault(run: Run, fault: Fault, seconds: number): Promise<void> {
  const on = run.fault(fault);
  const sending = run.send({ pace: 40 });
  await sleep(seconds * 1000);
  on.end();
  run.mended();
  await sending;
}

/** What no other version of a function would do otherwise, to have something to deploy. */
const OTHER_WORDS = [
  { file: "functions/ingest/handler.ts", from: '"ingested"', to: '"ingested, by a later version"' },
  {
    file: "functions/publisher/handler.ts",
    from: '"published"',
    to: '"published, by a later version"',
  },
];

/** What happens to the functions themselves. */
export const functionScenarios: readonly Scenario[] = [
  {
    name: "ingest-killed",
    title: "ingest killed after the write, before its answer",
    short: true,
    run: async (run) => {
      const { act, reached } = signalled(run.stand.ingest, "SIGKILL");
      const meets = ofAccount(run, 0.3);
      await whileFault(run, { service: "dynamodb", operation: "UpdateItem", meets, act }, 4);
      run.happened("functions killed", reached());
    },
  },
  {
    name: "publisher-killed",
    title: "publisher killed in the middle of a batch",
    short: true,
    run: async (run) => {
      gather(run);
      const { act, reached } = signalled(run.stand.publisher, "SIGKILL");
      const meets = ofAccount(run, 0.6);
      const fault: Fault = { service: "eventbridge", operation: "PutEvents", times: 6, meets, act };
      await whileFault(run, fault, 9);
      run.happened("functions killed", reached());
    },
  },
  {
    name: "publisher-timed-out",
    title:
      "publisher stands still in the middle of a batch until it is timed out (6 s instead of 60)",
    run: async (run) => {
      const { publisher } = run.stand;
      const seconds = await publisher.timeout();
      await publisher.configure({ timeout: 6 });
      gather(run);
      const { act, reached } = signalled(publisher, "SIGSTOP");
      const fault: Fault = { service: "eventbridge", operation: "PutEvents", times: 2, act };
      await whileFault(run, fault, 20);
      run.happened("functions that stand still", reached());
      await publisher.configure({ timeout: seconds });
    },
  },
  {
    name: "race",
    title: "eight senders, and so several functions, race on one agent over a slow table",
    short: true,
    run: async (run) => {
      const act = delayed(() => run.chance.below(250));
      const fault = run.fault({ service: "dynamodb", operation: "UpdateItem", act });
      await run.send({ agents: 1, changes: 60, senders: 8, largestList: 3 });
      run.happened("functions side by side", run.stand.ingest.workers().length - 1);
      fault.end();
      run.mended();
    },
  },
  {
    name: "redeploy",
    title: "both functions deployed anew under load",
    run: async (run) => {
      const { stand } = run;
      const sending = run.send({ agents: 16, changes: 20, pace: 150 });
      const before = new Set([...stand.ingest.workers(), ...stand.publisher.workers()]);
      await deployChanged(stand, OTHER_WORDS);
      await stand.attach();
      run.mended();
      await sending;
      await run.send({ prefix: "later" });
      const workers = [...stand.ingest.workers(), ...stand.publisher.workers()];
      run.happened("workers of the new version", workers.filter((pid) => !before.has(pid)).length);
    },
  },
];
