import { setTimeout as sleep } from "node:timers/promises";

import type { Environment } from "./environment.ts";
import type { ActiveFault } from "./fault-proxy/fault-proxy.ts";
import { countsOf, loadOf, type Outcome } from "./outcome.ts";
import type { Scenario, ScenarioContext } from "./scenario.ts";
import { createRandom, seedFor } from "./seeded-random.ts";
import { createTraffic } from "./traffic.ts";
import type { Evidence, Interventions } from "./verifier/evidence.ts";
import { verifyReconciledAccount } from "./verifier/reconciled-account.ts";
import { verify } from "./verifier/verify.ts";
import { differencesFromFreshdesk } from "../../local/freshdesk-api/shown-facts.ts";

const RECOVERY_TIMEOUT_MS = 300_000;
const POLL_INTERVAL_MS = 150;

/** Time in which repeated events may still arrive after the recovery. */
const REPEATS_MS = 300;

export interface RunOptions {
  /** The same seed sends the same history. */
  readonly seed: number;
  readonly signal: AbortSignal;
  /** @default 300,000 */
  readonly recoveryTimeoutMs?: number;
}

/** Runs one scenario and verifies the result. Reports errors of the hub in the outcome. */
export async function runScenario(
  scenario: Scenario,
  environment: Environment,
  { seed, signal, recoveryTimeoutMs = RECOVERY_TIMEOUT_MS }: RunOptions,
): Promise<Outcome> {
  const account = accountFor(scenario, environment);
  const random = createRandom(seedFor(scenario.name, seed));
  const traffic = createTraffic({ environment, account, random, signal });
  const interventions = noInterventions();
  const preconditions = createPreconditions(environment);
  const notes: string[] = [];
  const freshdeskDifferences: string[] = [];
  let faultEndedAt: number | undefined;

  async function collectEvidence(): Promise<Evidence> {
    const { accountId, hasCustomStatuses } = account;
    const observation = await environment.observer.observe(accountId);
    return {
      accountId,
      hasCustomStatuses,
      deliveries: traffic.deliveries,
      ...observation,
      ...interventions,
    };
  }

  const agentsShown = () => [...account.freshdesk.agents.values()];

  /** An account that is reconciled must also agree with Freshdesk. */
  function verifyEvidence(evidence: Evidence) {
    return scenario.isReconciled === true
      ? verifyReconciledAccount(evidence, {
          agents: agentsShown(),
          earlierDifferences: freshdeskDifferences,
        })
      : verify(evidence);
  }

  /** Polls at least once. */
  async function until(isMet: () => Promise<boolean>, timeoutMs: number): Promise<boolean> {
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      if (await isMet()) {
        return true;
      }
      if (Date.now() >= deadline) {
        return false;
      }
      await sleep(POLL_INTERVAL_MS, undefined, { signal });
    }
  }

  const isPublished = async () => verifyEvidence(await collectEvidence()).lost.length === 0;

  async function findHistoryViolations({ changes }: Pick<Evidence, "changes">) {
    return scenario.keepsHistory === true
      ? await environment.historyRows(account.accountId, changes)
      : { lost: [], unexpected: [] };
  }

  async function isHistoryComplete(): Promise<boolean> {
    const { lost } = await findHistoryViolations(
      await environment.observer.observe(account.accountId),
    );
    return lost.length === 0;
  }

  const context: ScenarioContext = {
    environment,
    account,
    random,
    traffic,
    interventions,
    startFault: preconditions.startFault,
    requireOccurred: preconditions.requireOccurred,
    faultEnded: () => {
      faultEndedAt ??= Date.now();
    },
    untilPublished: async (timeoutMs = RECOVERY_TIMEOUT_MS) => await until(isPublished, timeoutMs),
    isHistoryComplete,
    untilStored: async () => await until(isHistoryComplete, RECOVERY_TIMEOUT_MS),
    verifyAgainstFreshdesk: async () => {
      const { items } = await environment.observer.observe(account.accountId);
      freshdeskDifferences.push(...differencesFromFreshdesk(agentsShown(), items));
    },
    note: (text) => {
      notes.push(text);
    },
  };
  const error = await errorOf(scenario, context);
  preconditions.endFaults();
  environment.setClockAhead(0);

  const recoveryStart = faultEndedAt ?? Date.now();
  await until(async () => (await isPublished()) && (await isHistoryComplete()), recoveryTimeoutMs);
  const recoverySeconds = (Date.now() - recoveryStart) / 1000;
  await sleep(REPEATS_MS);

  const evidence = await collectEvidence();
  const verification = verifyEvidence(evidence);
  const { lost, unexpected } = await findHistoryViolations(evidence);
  return {
    scenario,
    ...countsOf(evidence.deliveries, evidence.events),
    load: loadOf(traffic.sendingMs(), evidence.deliveries, evidence.events),
    notes,
    verification: {
      ...verification,
      lost: [...verification.lost, ...lost],
      unexpected: [...verification.unexpected, ...unexpected],
    },
    notOccurred: preconditions.notOccurred(),
    error,
    recoverySeconds,
  };
}

function accountFor({ name }: Scenario, { accounts }: Environment) {
  const account = accounts.get(name);
  if (account === undefined) {
    throw new Error(`the environment has no account for scenario ${name}`);
  }
  return account;
}

function noInterventions(): Interventions {
  return {
    forgottenKeys: new Set(),
    deletedAgents: new Set(),
    deadLetteredEventIds: new Set(),
    unorderedAgents: new Set(),
  };
}

/** Tracks the conditions without which the scenario proves nothing. */
function createPreconditions({ proxy }: Environment) {
  const tracked: { readonly what: string; readonly count: () => number }[] = [];
  const faults: ActiveFault[] = [];
  const startFault: ScenarioContext["startFault"] = (fault) => {
    const active = proxy.startFault(fault);
    const { service, operation = "any operation" } = fault;
    tracked.push({ what: `a fault of ${service} ${operation}`, count: active.hits });
    faults.push(active);
    return active;
  };
  return {
    startFault,
    requireOccurred: (what: string, count: number) => {
      tracked.push({ what, count: () => count });
    },
    endFaults: () => {
      for (const fault of faults) {
        fault.end();
      }
    },
    notOccurred: () => tracked.filter(({ count }) => count() < 1).map(({ what }) => what),
  };
}

async function errorOf(scenario: Scenario, context: ScenarioContext): Promise<string | undefined> {
  try {
    await scenario.run(context);
    return undefined;
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
}
