import type { AgentSnapshot } from "../availability/snapshot.ts";
import { type FreshdeskClient, MAX_PAGES } from "./freshdesk-client.ts";

/** All agents of an account. */
export interface Snapshots {
  /** One per user ID. */
  readonly snapshots: readonly AgentSnapshot[];
  /** Rows without a usable ID. */
  readonly unreadable: number;
  /** Whether the list was read to its end. */
  readonly isComplete: boolean;
}

/**
 * Reads the list of agents to its end, or to page 500. An agent who moves to another page while the list is read
 * can be in it twice: the newer snapshot counts.
 *
 * @throws FreshdeskError, BudgetExhaustedError
 */
export async function collectSnapshots(client: FreshdeskClient): Promise<Snapshots> {
  const byUserId = new Map<string, AgentSnapshot>();
  let unreadable = 0;
  for (let number = 1; number <= MAX_PAGES; number += 1) {
    const page = await client.agentPage(number);
    unreadable += page.unreadable;
    for (const snapshot of page.snapshots) {
      byUserId.set(snapshot.userId, snapshot);
    }
    if (!page.hasNext) {
      return { snapshots: [...byUserId.values()], unreadable, isComplete: true };
    }
  }
  return { snapshots: [...byUserId.values()], unreadable, isComplete: false };
}
