import { setTimeout as sleep } from "node:timers/promises";

import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { SSMClient } from "@aws-sdk/client-ssm";

import { findParameters } from "../../../commands/shared/deployed-stage.ts";
import { clientConfig } from "../../../local/emulator/cloud.ts";
import { sweepAccount } from "../../../local/emulator/reconcile.ts";
import { type Fault, throttlingFault } from "../../../local/freshdesk-api/fault.ts";
import { serverErrorFault, webPageFault } from "../../builders/freshdesk-faults.ts";
import type { Scenario, ScenarioContext } from "../scenario.ts";
import {
  changesOf,
  createSweptAgents,
  simulateFreshdesk,
  type SimulatedFreshdesk,
} from "../simulated-freshdesk.ts";

const MINUTE = 60_000;

/** Longer than a killed sweep blocks the next one. */
const LOCKED_MS = 20 * MINUTE;

/** Ends all faults of Freshdesk. */
function endFaults({ environment: { freshdesk } }: ScenarioContext): void {
  freshdesk.nextFaults.length = 0;
  freshdesk.constantFault = undefined;
  freshdesk.onRequest = undefined;
}

/** Sweeps while Freshdesk responds with these faults, one per request. @throws Error if the sweep fails. */
async function sweepWith(
  { environment: { freshdesk }, requireOccurred }: ScenarioContext,
  simulated: SimulatedFreshdesk,
  faults: readonly Fault[],
): Promise<void> {
  freshdesk.nextFaults.push(...faults);
  await simulated.sweep();
  requireOccurred("a request with each fault", freshdesk.nextFaults.length === 0 ? 1 : 0);
}

/** Sweeps an account whose sweep must fail, and must change nothing. */
async function failToSweep(
  { account, environment, requireOccurred }: ScenarioContext,
  simulated: SimulatedFreshdesk,
  reason: string,
): Promise<void> {
  const { items: before } = await environment.observer.observe(account.accountId);
  const failures = await simulated.sweep().then(
    () => 0,
    () => 1,
  );
  requireOccurred(`a sweep that fails: ${reason}`, failures);
  const { items: after } = await environment.observer.observe(account.accountId);
  if (JSON.stringify(before) !== JSON.stringify(after)) {
    throw new Error(`the table changed although the sweep failed: ${reason}`);
  }
}

/**
 * Moves the first agent to the end of the list when the second page is requested: another agent is then on no
 * page.
 */
function moveBetweenPages({ account, environment: { freshdesk } }: ScenarioContext): void {
  const { agents } = account.freshdesk;
  freshdesk.onRequest = ({ path }) => {
    const [first] = agents;
    if (first !== undefined && path.includes("page=2")) {
      agents.delete(first[0]);
      agents.set(...first);
      freshdesk.onRequest = undefined;
    }
  };
}

/**
 * Kills the function when it requests the second page. @returns a function that counts the killed processes.
 */
function killAtSecondPage({
  environment: { freshdesk, reconcile },
}: ScenarioContext): () => number {
  let killed = 0;
  freshdesk.onRequest = ({ path }) => {
    if (path.includes("page=2")) {
      freshdesk.onRequest = undefined;
      killed += reconcile.signal("SIGKILL");
    }
  };
  return () => killed;
}

/** Returns how often the reconcile function has logged the metric of a rejected API key. */
async function loggedKeyRejections({ environment: { cloud } }: ScenarioContext): Promise<number> {
  const config = clientConfig(cloud);
  const { "reconcile-log-name": logGroupName } = await findParameters(
    new SSMClient(config),
    cloud.stage,
    ["reconcile-log-name"],
  );
  const logs = new CloudWatchLogsClient(config);
  const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName }));
  return events.filter(({ message = "" }) => /"ApiKeysRejected":1\b/.test(message)).length;
}

/** Sweeps while Freshdesk or the function fails. All run on the functions' simulated clock. */
export const reconcileFaults: readonly Scenario[] = [
  {
    name: "reconcile-freshdesk-faults",
    title:
      "Freshdesk throttles, fails, responds late or with HTML, changes between two pages, and revokes the API key",
    short: true,
    isReconciled: true,
    run: async (context) => {
      const { account, environment, requireOccurred, verifyAgainstFreshdesk, faultEnded } = context;
      const { freshdesk } = environment;
      const simulated = simulateFreshdesk(context);
      const [one = 0, other = 0, another = 0] = await createSweptAgents(simulated, 3);

      simulated.changeAgent(one, "status");
      await sweepWith(context, simulated, [throttlingFault(1), serverErrorFault(503, 1)]);
      await verifyAgainstFreshdesk();
      simulated.changeAgent(one, "tickets");
      await sweepWith(context, simulated, [{ kind: "slow", milliseconds: 500 }]);
      await verifyAgainstFreshdesk();

      simulated.changeAgent(other, "status");
      freshdesk.constantFault = webPageFault(200);
      await failToSweep(context, simulated, "HTML");
      endFaults(context);
      await simulated.sweep();
      await verifyAgainstFreshdesk();

      Array.from({ length: 120 }, () => simulated.create());
      await simulated.sweep();
      await verifyAgainstFreshdesk();
      moveBetweenPages(context);
      await simulated.sweep();
      requireOccurred("a move between two pages", freshdesk.onRequest === undefined ? 1 : 0);
      await verifyAgainstFreshdesk();

      simulated.changeAgent(another, "status");
      const keys = [...account.freshdesk.apiKeys];
      account.freshdesk.apiKeys.clear();
      await failToSweep(context, simulated, "the API key is revoked");
      requireOccurred("the metric of the alarm ApiKeyUnusable", await loggedKeyRejections(context));
      for (const [key, role] of keys) {
        account.freshdesk.apiKeys.set(key, role);
      }
      faultEnded();
      await simulated.sweep();
      await simulated.sweepWithoutDifferences();
    },
  },
  {
    name: "reconcile-interrupted",
    title: "the function is killed in the middle of a sweep, and two sweeps run at the same time",
    short: true,
    isReconciled: true,
    run: async (context) => {
      const { account, environment, requireOccurred, verifyAgainstFreshdesk, faultEnded } = context;
      const simulated = simulateFreshdesk(context);
      await createSweptAgents(simulated, 4);
      Array.from({ length: 120 }, () => simulated.create());

      const killed = killAtSecondPage(context);
      await simulated.sweep().catch(() => undefined);
      requireOccurred("a killed process of the function", killed());
      simulated.pass(LOCKED_MS);
      await simulated.sweep();
      await verifyAgainstFreshdesk();

      const events = changesOf(context, simulated, { count: 20 });
      simulated.pass(2 * MINUTE);
      const sweepNow = async () => await sweepAccount(environment.cloud, account.accountId);
      await Promise.all([
        sweepNow(),
        sweepNow(),
        sleep(50).then(async () => await simulated.deliver(events)),
      ]);
      await simulated.sweep();
      await verifyAgainstFreshdesk();
      faultEnded();
      await simulated.sweepWithoutDifferences();
    },
  },
];
