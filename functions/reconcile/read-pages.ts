import type { AgentSnapshot } from "../availability/snapshot.ts";
import type { ParsedRows } from "./agent-rows.ts";
import { type AgentPage, type FreshdeskClient, MAX_PAGES } from "./freshdesk-client.ts";
import { BudgetExhaustedError } from "./request-budget.ts";

/** A page of the list of agents. */
export interface NumberedPage extends ParsedRows {
  /** 1 is the first. */
  readonly number: number;
}

/** Pages of the list, one after the other. */
export interface PagesRead {
  readonly pages: readonly NumberedPage[];
  /** Why reading ended: at the last page, at page 500 although more pages follow, or because no time was left. */
  readonly end: "last page" | "page limit" | "no time";
}

interface ReadOptions {
  readonly firstPage: number;
  /** Epoch milliseconds after which no further page is requested. */
  readonly deadline: number;
  readonly now: () => number;
}

/** Returns a page; `undefined` for a page after the first if the rate limit does not allow the request in time. */
async function readPage(
  client: FreshdeskClient,
  number: number,
  { firstPage }: ReadOptions,
): Promise<AgentPage | undefined> {
  try {
    return await client.agentPage(number);
  } catch (error) {
    if (error instanceof BudgetExhaustedError && number > firstPage) {
      return undefined;
    }
    throw error;
  }
}

/**
 * Reads the list of agents, at least one page of it.
 *
 * @throws FreshdeskError; BudgetExhaustedError if the rate limit does not allow a request in time.
 */
export async function readPages(client: FreshdeskClient, options: ReadOptions): Promise<PagesRead> {
  const { firstPage, deadline, now } = options;
  const pages: NumberedPage[] = [];
  for (let number = firstPage; number <= MAX_PAGES; number += 1) {
    const isLate = now() > deadline && number > firstPage;
    const page = isLate ? undefined : await readPage(client, number, options);
    if (page === undefined) {
      return { pages, end: "no time" };
    }
    const { snapshots, unreadable, hasNext } = page;
    pages.push({ number, snapshots, unreadable });
    if (!hasNext) {
      return { pages, end: "last page" };
    }
  }
  return { pages, end: "page limit" };
}

/**
 * Returns one snapshot per agent. An agent who moves to another page while the list is read can be in it twice:
 * the newer snapshot counts.
 */
export function snapshotsIn(pages: readonly NumberedPage[]): readonly AgentSnapshot[] {
  const byUserId = new Map<string, AgentSnapshot>();
  for (const { snapshots } of pages) {
    for (const snapshot of snapshots) {
      const known = byUserId.get(snapshot.userId);
      if (known === undefined || known.requestedAt <= snapshot.requestedAt) {
        byUserId.set(snapshot.userId, snapshot);
      }
    }
  }
  return [...byUserId.values()];
}
