import { compareChanges } from "./change.ts";
import { isAvailabilityItem, sessionKey, userKey } from "./item-kind.ts";
import type { AgentSnapshot } from "./snapshot.ts";
import { type AgentState, isAgent, type StoredItem } from "./state.ts";

export interface JoinedItems {
  /** The newest availability item. */
  readonly availability: AgentState | undefined;
  /** Older availability items of the same person. */
  readonly olderItems: readonly AgentState[];
  /** Whether `availability` has no user ID and is joined by its email address. */
  readonly isJoinedByEmail: boolean;
  /** Whether an item has an address that the agent shares with another agent in the list. */
  readonly isAmbiguous: boolean;
  /** The `user:` item, or its tombstone. */
  readonly user: StoredItem | undefined;
  /** The session item, or its tombstone. */
  readonly session: StoredItem | undefined;
}

/** The items of an account, found by key, by user ID and by email address. */
export interface ItemIndex {
  readonly byKey: ReadonlyMap<string, StoredItem>;
  /** Availability items; those without a user ID are under `undefined`. */
  readonly byUserId: ReadonlyMap<string | undefined, readonly AgentState[]>;
  /** Availability items without a user ID; those without an address too are under `undefined`. */
  readonly byEmail: ReadonlyMap<string | undefined, readonly AgentState[]>;
}

/** Returns whether an item is an availability item, and not a tombstone of one. */
export function isLiveAvailabilityItem(item: StoredItem): item is AgentState {
  return isAvailabilityItem(item) && isAgent(item);
}

export function indexItems(items: readonly StoredItem[]): ItemIndex {
  const byUserId = Map.groupBy(items.filter(isLiveAvailabilityItem), ({ userId }) => userId);
  return {
    byKey: new Map(items.map((item) => [item.availabilityId, item])),
    byUserId,
    byEmail: Map.groupBy(byUserId.get(undefined) ?? [], ({ email }) => email),
  };
}

/**
 * Returns the items of the agent in a snapshot: by user ID, or by email address if an item has no user ID.
 *
 * @param isUniqueEmail whether no other agent in the list has the address. Addresses are unique in Freshdesk, but
 *   can move from one agent to another between two pages.
 */
export function joinItems(
  index: ItemIndex,
  { userId, email = "" }: AgentSnapshot,
  isUniqueEmail: boolean,
): JoinedItems {
  const byUserId = index.byUserId.get(userId) ?? [];
  const byEmail = index.byEmail.get(email) ?? [];
  const matches = isUniqueEmail ? [...byUserId, ...byEmail] : byUserId;
  const [availability, ...olderItems] = matches.toSorted((one, other) =>
    compareChanges(other, one),
  );
  return {
    availability,
    olderItems,
    isJoinedByEmail: availability !== undefined && availability.userId === undefined,
    isAmbiguous: matches.length === 0 && byEmail.length > 0,
    user: index.byKey.get(userKey(userId)),
    session: index.byKey.get(sessionKey(userId)),
  };
}
