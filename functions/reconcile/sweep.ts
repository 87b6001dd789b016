import { reconcile, type Reconciliation } from "../availability/reconcile.ts";
import type { StoredItem } from "../availability/state.ts";
import type { ReconcileStore } from "../store/reconcile-store.ts";
import { apply, type ApplyOptions, type WriteCounts, writesOf } from "./apply.ts";
import { confirmRemovals } from "./confirm-removals.ts";
import type { FreshdeskClient } from "./freshdesk-client.ts";
import { readPages, type NumberedPage, snapshotsIn } from "./read-pages.ts";
import type { SavedPages } from "./saved-pages.ts";

export interface SweepOptions extends ApplyOptions {
  readonly accountId: string;
  /** The account's Freshdesk domain. */
  readonly domain: string;
  /** For the list of agents. */
  readonly client: FreshdeskClient;
  /** For confirming removals. Its requests may wait longer, since nothing follows them. */
  readonly confirmationClient: FreshdeskClient;
  readonly store: ReconcileStore;
  readonly savedPages: SavedPages;
  /** Epoch milliseconds until which the list is read. The time after it is for comparing and writing. */
  readonly listDeadline: number;
  /** The clock, in epoch milliseconds. */
  readonly now: () => number;
}

/** The sweep ran out of time. Its pages are saved, and the next sweep continues after them. */
export interface UnfinishedSweep {
  readonly outcome: "unfinished";
  /** Pages of the list that have been read, including by earlier sweeps. */
  readonly pagesRead: number;
}

export interface SweepFindings {
  readonly outcome: "swept";
  readonly reconciliation: Reconciliation;
  /** Rows of the list without a usable ID, and stored items that this version cannot parse. */
  readonly unreadable: { readonly rows: number; readonly items: number };
  /** Whether the list of agents was read to its end. */
  readonly isComplete: boolean;
}

export interface SweepReport extends SweepFindings {
  readonly written: WriteCounts;
}

/** Everything that a sweep has read. */
interface ComparedAccount {
  readonly outcome: "swept";
  readonly findings: SweepFindings;
  readonly items: readonly StoredItem[];
  /** The pages that earlier sweeps have saved. */
  readonly saved: readonly NumberedPage[];
}

/** Reads Freshdesk before the table, so that the events behind Freshdesk's state have had time to arrive. */
async function readAndCompare(options: SweepOptions): Promise<ComparedAccount | UnfinishedSweep> {
  const { accountId, client, store, savedPages, listDeadline: deadline, now } = options;
  const saved = await savedPages.read(accountId, now());
  const list = await readPages(client, { firstPage: saved.length + 1, deadline, now });
  const pages = [...saved, ...list.pages];
  if (list.end === "no time") {
    await savedPages.save(accountId, list.pages, now());
    return { outcome: "unfinished", pagesRead: pages.length };
  }
  const { items, unreadable } = await store.items(accountId);
  const isComplete = list.end === "last page";
  const input = { snapshots: snapshotsIn(pages), isComplete, items, now: new Date(now()) };
  const rows = pages.reduce((total, page) => total + page.unreadable, 0);
  const findings: SweepFindings = {
    outcome: "swept",
    reconciliation: reconcile(input),
    unreadable: { rows, items: unreadable },
    isComplete,
  };
  return { outcome: "swept", findings, items, saved };
}

/**
 * Compares the items of an account with Freshdesk, but writes no item.
 *
 * @throws FreshdeskError, BudgetExhaustedError
 */
export async function compareAccount(
  options: SweepOptions,
): Promise<SweepFindings | UnfinishedSweep> {
  const found = await readAndCompare(options);
  return found.outcome === "unfinished" ? found : found.findings;
}

/**
 * Makes the items of an account agree with Freshdesk. It can be repeated at any time: each write is conditional on
 * what was read.
 *
 * @throws FreshdeskError, BudgetExhaustedError. Earlier writes stay.
 */
export async function sweep(options: SweepOptions): Promise<SweepReport | UnfinishedSweep> {
  const { accountId, domain, confirmationClient, store, savedPages, now } = options;
  const found = await readAndCompare(options);
  if (found.outcome === "unfinished") {
    return found;
  }
  const { items, findings, saved } = found;
  const account = { accountId, domain, receivedAt: new Date(now()).toISOString() };
  const written = await apply(store, writesOf(findings.reconciliation, account), options);
  await savedPages.delete(accountId, saved);
  const { removals } = findings.reconciliation;
  const confirmation = { accountId, storedItems: items, now };
  const confirmed = await confirmRemovals(confirmationClient, removals, confirmation);
  const removed = await apply(store, confirmed, options);
  return {
    ...findings,
    written: {
      ...written,
      removed: removed.removed,
      overtaken: written.overtaken + removed.overtaken,
    },
  };
}
