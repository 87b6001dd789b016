import type { DeployedFunction } from "../deployed-functions.ts";
import { faultDuration } from "../fault-duration.ts";
import { delayBy, type Effect } from "../fault-proxy/fault-effects.ts";
import type { Fault } from "../fault-proxy/fault-proxy.ts";
import { deployModified, type Edit } from "../modified-code.ts";
import type { Scenario, ScenarioContext } from "../scenario.ts";
import { accumulateRecords } from "./bus-faults.ts";

/** Forwards a request, and sends a signal to the function before the response reaches it. */
export function signaling(target: DeployedFunction, signal: NodeJS.Signals) {
  let count = 0;
  const effect: Effect = async ({ forward, reset }) => {
    await forward();
    count += target.signal(signal);
    reset();
  };
  return {
    effect,
    /** Returns how many processes received the signal. If none did, only a response was lost. */
    signaled: () => count,
  };
}

const matchesShare =
  ({ account, random }: ScenarioContext, share: number) =>
  (request: { readonly body: string }) =>
    request.body.includes(account.accountId) && random.next() < share;

async function duringFault(
  { startFault, traffic, faultEnded }: ScenarioContext,
  fault: Fault,
  seconds: number,
): Promise<void> {
  const active = startFault(fault);
  const sending = traffic.send({ pauseMs: 40 });
  await faultDuration(seconds, active);
  active.end();
  faultEnded();
  await sending;
}

/** Edits that change only log texts, so that there is a new version to deploy. */
export const NEW_VERSION: readonly Edit[] = [
  { file: "functions/ingest/handler.ts", from: '"ingested"', to: '"ingested by a new version"' },
  {
    file: "functions/publisher/handler.ts",
    from: '"published"',
    to: '"published by a new version"',
  },
];

export const functionFaults: readonly Scenario[] = [
  {
    name: "ingest-killed",
    title: "ingest is killed after the write, before its response",
    short: true,
    run: async (context) => {
      const { effect, signaled } = signaling(context.environment.ingest, "SIGKILL");
      const matches = matchesShare(context, 0.3);
      const fault: Fault = { service: "dynamodb", operation: "UpdateItem", matches, effect };
      await duringFault(context, fault, 4);
      context.requireOccurred("a killed function", signaled());
    },
  },
  {
    name: "publisher-killed",
    title: "publisher is killed in the middle of a batch",
    short: true,
    run: async (context) => {
      accumulateRecords(context);
      const { effect, signaled } = signaling(context.environment.publisher, "SIGKILL");
      const matches = matchesShare(context, 0.6);
      const operation = "PutEvents";
      const fault: Fault = { service: "eventbridge", operation, times: 6, matches, effect };
      await duringFault(context, fault, 9);
      context.requireOccurred("a killed function", signaled());
    },
  },
  {
    name: "publisher-timeout",
    title: "publisher stops in the middle of a batch until its timeout (6 s instead of 60 s)",
    run: async (context) => {
      const { publisher } = context.environment;
      const timeout = await publisher.timeout();
      await publisher.configure({ timeout: 6 });
      accumulateRecords(context);
      const { effect, signaled } = signaling(publisher, "SIGSTOP");
      const fault: Fault = { service: "eventbridge", operation: "PutEvents", times: 2, effect };
      await duringFault(context, fault, 20);
      context.requireOccurred("a stopped function", signaled());
      await publisher.configure({ timeout });
    },
  },
  {
    name: "race",
    title: "eight senders, and so several ingest functions, change one agent on a slow table",
    short: true,
    run: async ({ environment, random, traffic, startFault, requireOccurred, faultEnded }) => {
      const effect = delayBy(() => random.below(250));
      const fault = startFault({ service: "dynamodb", operation: "UpdateItem", effect });
      await traffic.send({ agents: 1, changes: 60, senders: 8, maxBatchSize: 3 });
      const concurrent = environment.ingest.processIds().length - 1;
      requireOccurred("a second concurrent function", concurrent);
      fault.end();
      faultEnded();
    },
  },
  {
    name: "redeploy",
    title: "both functions are deployed again under load",
    run: async ({ environment, traffic, requireOccurred, faultEnded }) => {
      const { ingest, publisher } = environment;
      const processIds = () => [...ingest.processIds(), ...publisher.processIds()];
      const sending = traffic.send({ agents: 16, changes: 20, pauseMs: 150 });
      const before = new Set(processIds());
      await deployModified(environment, NEW_VERSION);
      await environment.routeThroughProxy();
      faultEnded();
      await sending;
      await traffic.send({ prefix: "later" });
      const started = processIds().filter((pid) => !before.has(pid));
      requireOccurred("a process of the new version", started.length);
    },
  },
];
