import { reconcile, type Reconciliation } from "../availability/reconcile.ts";
import type { ReconcileStore } from "../store/reconcile-store.ts";
import { apply, type WriteCounts, writesOf } from "./apply.ts";
import { collectSnapshots } from "./collect-snapshots.ts";
import { confirmRemovals } from "./confirm-removals.ts";
import type { FreshdeskClient } from "./freshdesk-client.ts";

/** What a sweep needs. */
export interface SweepOptions {
  readonly accountId: string;
  /** The account's Freshdesk domain. */
  readonly domain: string;
  readonly client: FreshdeskClient;
  readonly store: ReconcileStore;
  /** The clock, in epoch milliseconds. */
  readonly now: () => number;
}

/** What a sweep found. */
export interface SweepFindings {
  readonly reconciliation: Reconciliation;
  /** Rows of the list without a usable ID, and stored items that this version cannot parse. */
  readonly unreadable: { readonly rows: number; readonly items: number };
  /** Whether the list of agents was read to its end. */
  readonly isComplete: boolean;
}

/** What a sweep found and wrote. */
export interface SweepReport extends SweepFindings {
  readonly written: WriteCounts;
}

/** Reads Freshdesk, then the table, so that no event that Freshdesk shows is missing for want of time. */
async function find({ accountId, client, store, now }: SweepOptions) {
  const { snapshots, unreadable: rows, isComplete } = await collectSnapshots(client);
  const { items, unreadable } = await store.items(accountId);
  const reconciliation = reconcile({ snapshots, isComplete, items, now: new Date(now()) });
  return {
    items,
    findings: { reconciliation, unreadable: { rows, items: unreadable }, isComplete },
  };
}

/**
 * Compares the items of an account with Freshdesk, and writes nothing.
 *
 * @throws FreshdeskError, BudgetExhaustedError
 */
export async function compareAccount(options: SweepOptions): Promise<SweepFindings> {
  return (await find(options)).findings;
}

/**
 * Makes the items of an account agree with Freshdesk. It can be repeated at any time: each write is conditional on
 * what was read.
 *
 * @throws FreshdeskError, BudgetExhaustedError. What was written before stays.
 */
export async function sweep(options: SweepOptions): Promise<SweepReport> {
  const { accountId, domain, client, store, now } = options;
  const { items, findings } = await find(options);
  const account = { accountId, domain, receivedAt: new Date(now()).toISOString() };
  const written = await apply(store, writesOf(findings.reconciliation, account));
  const { removals } = findings.reconciliation;
  const confirmed = await confirmRemovals(client, removals, { accountId, stored: items, now });
  const removed = await apply(store, confirmed);
  return {
    ...findings,
    written: {
      ...written,
      removed: removed.removed,
      overtaken: written.overtaken + removed.overtaken,
    },
  };
}
