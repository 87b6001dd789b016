import { type AgentMerge, compareAgent } from "./reconcile-agent.ts";
import { isRecent, MIN_AGE_MS } from "./reconcile-age.ts";
import type { DriftedField } from "./reconcile-drift.ts";
import type { JoinedItems } from "./reconcile-join.ts";
import { isObsolete } from "./reconcile-removals.ts";
import { type SessionWrite, sessionWriteOf } from "./reconcile-session.ts";
import { type UserWrite, userWriteOf } from "./reconcile-user.ts";
import type { AgentSnapshot } from "./snapshot.ts";
import { type AgentState, isAgent, isTombstone } from "./state.ts";

export interface AgentResult {
  readonly merge?: AgentMerge | undefined;
  readonly user?: UserWrite | undefined;
  readonly session?: SessionWrite | undefined;
  readonly obsoleteItems?: readonly AgentState[];
  readonly forgottenItem?: AgentState | undefined;
  readonly isRecent?: boolean;
  readonly isContradictory?: boolean;
  readonly driftedFields?: readonly DriftedField[];
}

/** Returns whether the person was forgotten after the item's last event. */
function isForgotten({ user }: JoinedItems, item: AgentState): boolean {
  return (
    user !== undefined &&
    isTombstone(user) &&
    user.removedBecause === "forgotten" &&
    user.eventTimestamp > item.eventTimestamp
  );
}

/** Returns the user ID of the only agent with the item's address, to store it; none if an event may be in flight. */
function userIdToStore(
  { availability, isJoinedByEmail }: JoinedItems,
  { userId, requestedAt }: AgentSnapshot,
): string | undefined {
  const receivedAt = availability?.receivedAt ?? "";
  const isSettled = Date.parse(requestedAt) - Date.parse(receivedAt) > MIN_AGE_MS;
  return isJoinedByEmail && isSettled ? userId : undefined;
}

/** Returns the `user:` item, and the older availability items that have received no event for 24 hours. */
function findObsoleteItems({ user, olderItems }: JoinedItems, now: Date): readonly AgentState[] {
  const items = olderItems.filter((item) => isObsolete(item, now));
  return user !== undefined && isAgent(user) ? [...items, user] : items;
}

/** The snapshot of one agent, and the data for comparing it. */
interface Context {
  readonly snapshot: AgentSnapshot;
  readonly names: ReadonlyMap<string, string>;
  readonly now: Date;
}

function reconcileItem(
  item: AgentState,
  joined: JoinedItems,
  { snapshot, names, now }: Context,
): AgentResult {
  if (isForgotten(joined, item)) {
    return { forgottenItem: item };
  }
  const userId = userIdToStore(joined, snapshot);
  const { reconciledAt, drift, isContradictory } = compareAgent(item, snapshot, names);
  const isMerged = userId !== undefined || reconciledAt !== undefined;
  return {
    ...(isMerged && { merge: { item, userId, reconciledAt, facts: drift?.facts } }),
    obsoleteItems: findObsoleteItems(joined, now),
    isContradictory,
    driftedFields: drift?.fields ?? [],
  };
}

/** Returns the necessary writes for the agent in a snapshot. */
export function reconcileAgent(joined: JoinedItems, context: Context): AgentResult {
  const { snapshot, names } = context;
  const { availability, isAmbiguous } = joined;
  if (isRecent(snapshot)) {
    return { isRecent: true };
  }
  const session = sessionWriteOf(snapshot, joined);
  if (availability !== undefined) {
    return { ...reconcileItem(availability, joined, context), session };
  }
  const user = isAmbiguous ? undefined : userWriteOf(snapshot, joined, names);
  return { user, session, driftedFields: user?.driftedFields ?? [] };
}
