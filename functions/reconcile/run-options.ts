import { sessionKey, userKey } from "../availability/item-kind.ts";
import { reconcile } from "../availability/reconcile.ts";
import type { ReconcileStore } from "../store/reconcile-store.ts";
import type { AccountConnection } from "./api-keys.ts";
import { apply, type ApplyOptions, writesOf } from "./apply.ts";
import { createFreshdeskClient, type FreshdeskClient } from "./freshdesk-client.ts";
import { BudgetExhaustedError, createRequestBudget } from "./request-budget.ts";
import type { AllRequestSlots } from "./request-slots.ts";
import type { SavedPages } from "./saved-pages.ts";
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

/** An agent whose event was missed. */
interface Agent {
  readonly accountId: string;
  readonly availabilityId: string;
  readonly userId: string;
}

/** @param deadline epoch milliseconds until which a request may wait. */
function createClient(
  { accountId, connection }: Account,
  deadline: number,
  { slots, localOrigin, now, pause }: RunDependencies,
): FreshdeskClient {
  const budget = createRequestBudget({ slots: slots.of(accountId), deadline, now, pause });
  return createFreshdeskClient({ ...connection, budget, localOrigin, now });
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
  const listDeadline = after(LIST_SHARE);
  return {
    accountId: run.accountId,
    domain: run.connection.domain,
    client: createClient(run, listDeadline, dependencies),
    confirmationClient: createClient(run, after(WAIT_SHARE), dependencies),
    store,
    savedPages,
    listDeadline,
    now,
    writePauseMs,
  };
}

/**
 * Compares one agent, unless other requests have used up the account's share of the rate limit. If Freshdesk does not
 * have the agent, the next sweep decides about the removal.
 *
 * @throws FreshdeskError
 */
export async function compareOneAgent(
  { accountId, availabilityId, userId }: Agent,
  connection: AccountConnection,
  dependencies: RunDependencies,
): Promise<void> {
  const { store, now = Date.now, writePauseMs } = dependencies;
  const client = createClient({ accountId, connection }, now() + AGENT_WAIT_MS, dependencies);
  try {
    const snapshot = await client.availability(userId);
    if (snapshot === undefined) {
      return;
    }
    const keys = [availabilityId, userKey(userId), sessionKey(userId)];
    const items = await store.itemsOf(accountId, keys);
    const time = new Date(now());
    const reconciliation = reconcile({
      snapshots: [snapshot],
      isComplete: false,
      items,
      now: time,
    });
    const account = { accountId, domain: connection.domain, receivedAt: time.toISOString() };
    await apply(store, writesOf(reconciliation, account), { writePauseMs });
  } catch (error) {
    if (!(error instanceof BudgetExhaustedError)) {
      throw error;
    }
    console.info({
      message: "the request budget is used up: the next sweep compares the agent",
      accountId,
      availabilityId,
    });
  }
}
