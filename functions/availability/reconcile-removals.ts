import { isLiveAvailabilityItem, type ItemIndex } from "./reconcile-join.ts";
import type { AgentSnapshot } from "./snapshot.ts";
import { type AgentState, isTombstone, type StoredItem } from "./state.ts";

/** An agent who is not in the list: the items to remove once Freshdesk confirms that the agent is gone. */
export interface RemovalCandidate {
  /** Absent if the items have no user ID. Freshdesk is then asked for the agent by email address. */
  readonly userId?: string | undefined;
  readonly email?: string | undefined;
  readonly items: readonly StoredItem[];
}

/** The items whose agents are not in Freshdesk's list. */
export interface MissingAgents {
  readonly removals: readonly RemovalCandidate[];
  /** Availability items without a user ID and without a snapshot for their address. */
  readonly unidentified: number;
}

/** Time without an event after which an item that may be obsolete is removed. */
const OBSOLETE_MS = 24 * 60 * 60_000;

/** Returns whether the item has received no event for 24 hours. */
export function isObsolete({ receivedAt }: AgentState, now: Date): boolean {
  return now.getTime() - Date.parse(receivedAt) > OBSOLETE_MS;
}

function userIdOf(item: StoredItem): string | undefined {
  return isTombstone(item) ? undefined : item.userId;
}

function missingUsers(
  items: readonly StoredItem[],
  listed: ReadonlySet<string>,
): readonly RemovalCandidate[] {
  const groups = Map.groupBy(items, userIdOf);
  return [...groups].flatMap(([userId, userItems]) =>
    userId === undefined || listed.has(userId) ? [] : [{ userId, items: userItems }],
  );
}

/**
 * Returns the items of agents who are not in the complete list, or are deactivated.
 *
 * An item without a user ID and without an email address stays, because nothing can confirm that it is obsolete.
 */
export function findMissingAgents(
  index: ItemIndex,
  snapshots: readonly AgentSnapshot[],
  now: Date,
): MissingAgents {
  const active = snapshots.filter(({ isDeactivated }) => !isDeactivated);
  const emails = new Set(active.map(({ email }) => email));
  const items = [...index.byKey.values()];
  const unidentified = items
    .filter(isLiveAvailabilityItem)
    .filter(
      ({ userId, email }) => userId === undefined && (email === undefined || !emails.has(email)),
    );
  const obsolete = unidentified.flatMap((item) =>
    item.email !== undefined && isObsolete(item, now) ? [{ email: item.email, items: [item] }] : [],
  );
  return {
    removals: [...missingUsers(items, new Set(active.map(({ userId }) => userId))), ...obsolete],
    unidentified: unidentified.length,
  };
}
