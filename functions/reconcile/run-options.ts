import type { ReconcileStore } from "../store/reconcile-store.ts";
import type { AccountConnection } from "./api-keys.ts";
import type { ApplyOptions } from "./apply.ts";
import { createFreshdeskClient, type FreshdeskClient } from "./freshdesk-client.ts";
import { BudgetExhaustedError, createRequestBudget } from "./request-budget.ts";
import type { AllRequestSlots } from "./request-slots.ts";
import type { SavedPages } from "./saved-pages.ts";
import { type Agent, sweepAgent } from "./sweep-agent.ts";
import type { SweepOptions } from "./sweep.ts";

/** Share of the function's time in which a sweep reads the list of agents. The rest is for comparing and writing. */
const LIST_SHARE = 2 / 3;

/** Share of the function's time in which a request to Freshdesk may wait. */
const WAIT_SHARE = 14 / 15;

/**
 * Maximum time that the comparison of one agent waits for the rate limit. Longer waits would keep the function
 * from other accounts; the next sweep compares the agent.
 */
const AGENT_WAIT_MS = 5000;

/** Dependencies of every sweep and comparison. */
export interface RunDependencies extends ApplyOptions {
  readonly store: ReconcileStore;
  readonly slots: AllRequestSlots;
  readonly savedPages: SavedPages;
  /** The local cloud's fake Freshdesk API. */
  readonly localOrigin: string | undefined;
  /** The clock, in epoch milliseconds. @default Date.now */
  readonly now?: () => number;
  /** Waits for the rate limit. @default - waits on the real clock */
  readonly pause?: (milliseconds: number) => Promise<unknown>;
}

/** An account, and how to reach its Freshdesk. */
interface Account {
  readonly accountId: string;
  readonly connection: AccountConnection;
}

/** @param deadline epoch milliseconds until which a request may wait. */
function createClient(
  { accountId, connection }: Account,
  deadline: number,
  { slots, localOrigin, now, pause }: RunDependencies,
): FreshdeskClient {
  const clock = { ...(now && { now }), ...(pause && { pause }) };
  const budget = createRequestBudget({ slots: slots.of(accountId), deadline, ...clock });
  return createFreshdeskClient({ ...connection, budget, localOrigin, ...(now && { now }) });
}

/**
 * Returns the options of a sweep.
 *
 * @param run.end epoch milliseconds at which the function times out.
 */
export function sweepOptions(
  run: Account & { readonly end: number },
  dependencies: RunDependencies,
): SweepOptions {
  const { store, savedPages, now = Date.now, writePauseMs } = dependencies;
  const start = now();
  const after = (share: number) => start + (run.end - start) * share;
  const listUntil = after(LIST_SHARE);
  return {
    accountId: run.accountId,
    domain: run.connection.domain,
    client: createClient(run, listUntil, dependencies),
    confirmationClient: createClient(run, after(WAIT_SHARE), dependencies),
    store,
    savedPages,
    listUntil,
    now,
    writePauseMs,
  };
}

/**
 * Compares one agent, unless other requests use up the account's share of the rate limit.
 *
 * @throws FreshdeskError
 */
export async function compareAgent(
  agent: Agent & { readonly accountId: string },
  connection: AccountConnection,
  dependencies: RunDependencies,
): Promise<void> {
  const { accountId, availabilityId } = agent;
  const { store, now = Date.now, writePauseMs } = dependencies;
  const client = createClient({ accountId, connection }, now() + AGENT_WAIT_MS, dependencies);
  const { domain } = connection;
  try {
    await sweepAgent(agent, { accountId, domain, client, store, now, writePauseMs });
  } catch (error) {
    if (!(error instanceof BudgetExhaustedError)) {
      throw error;
    }
    console.info({
      message: "the agent is compared in the next sweep: the request budget is used up",
      accountId,
      availabilityId,
    });
  }
}
