import { randomInt } from "node:crypto";

import { sessionKey, userKey } from "../availability/item-kind.ts";
import type { RemovalCandidate } from "../availability/reconcile-removals.ts";
import { isTombstone, type StoredItem } from "../availability/state.ts";
import { tombstoneWrite } from "../store/tombstone-writes.ts";
import type { CountedWrite } from "./apply.ts";
import type { FreshdeskClient } from "./freshdesk-client.ts";
import { BudgetExhaustedError } from "./request-budget.ts";

/** Confirmations per sweep. Each is a request. */
const MAX_CONFIRMATIONS = 100;

/**
 * Returns the candidates of one sweep, from a random one on if there are too many. If every sweep began with the
 * same ones, agents whom Freshdesk has, although its list lacks them, could keep the others from being removed.
 */
function select(candidates: readonly RemovalCandidate[]): readonly RemovalCandidate[] {
  const start = candidates.length > MAX_CONFIRMATIONS ? randomInt(candidates.length) : 0;
  return [...candidates.slice(start), ...candidates.slice(0, start)].slice(0, MAX_CONFIRMATIONS);
}

async function isGone(client: FreshdeskClient, { userId, email = "" }: RemovalCandidate) {
  const agent =
    userId === undefined ? await client.agentByEmail(email) : await client.agent(userId);
  return agent === undefined || agent.isDeactivated;
}

/** Returns `undefined` if the rate limit does not allow the request in time. The next sweep confirms the removal. */
async function isGoneIfAllowed(client: FreshdeskClient, candidate: RemovalCandidate) {
  try {
    return await isGone(client, candidate);
  } catch (error) {
    if (error instanceof BudgetExhaustedError) {
      return undefined;
    }
    throw error;
  }
}

/** Returns the items to remove. For a user ID, adds keys without an item, whose tombstones block late events. */
function itemsToRemove({ userId, items }: RemovalCandidate, accountId: string) {
  const own: readonly string[] = userId === undefined ? [] : [userKey(userId), sessionKey(userId)];
  const missing = own.filter((key) => items.every(({ availabilityId }) => availabilityId !== key));
  return [...items, ...missing.map((availabilityId) => ({ accountId, availabilityId }))];
}

interface Confirmation {
  readonly accountId: string;
  /** The stored items, by sort key. Tombstones are not changed. */
  readonly storedItems: readonly StoredItem[];
  readonly now: () => number;
}

/**
 * Requests each agent again while the rate limit allows it in time, and returns the removals of those who are gone.
 * The time of a removal is the start of the request that confirmed it.
 *
 * @throws FreshdeskError
 */
export async function confirmRemovals(
  client: FreshdeskClient,
  candidates: readonly RemovalCandidate[],
  { accountId, storedItems, now }: Confirmation,
): Promise<readonly CountedWrite[]> {
  const tombstones = new Set(storedItems.filter(isTombstone).map((item) => item.availabilityId));
  const writes: CountedWrite[] = [];
  for (const candidate of select(candidates)) {
    const microseconds = now() * 1000;
    const gone = await isGoneIfAllowed(client, candidate);
    if (gone === undefined) {
      return writes;
    }
    if (gone) {
      const items = itemsToRemove(candidate, accountId).filter(
        ({ availabilityId }) => !tombstones.has(availabilityId),
      );
      writes.push(
        ...items.map((item) => ({
          kind: "removed" as const,
          write: tombstoneWrite(item, { reason: "deleted", microseconds }),
        })),
      );
    }
  }
  return writes;
}
