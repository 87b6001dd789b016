import type { AgentStatus } from "../availability/change.ts";
import { sessionKey, userKey } from "../availability/item-kind.ts";
import type { AgentMerge } from "../availability/reconcile-agent.ts";
import { isOtherSecond } from "../availability/reconcile-drift.ts";
import type { RemovalCandidate } from "../availability/reconcile-removals.ts";
import type { SessionWrite } from "../availability/reconcile-session.ts";
import type { UserWrite } from "../availability/reconcile-user.ts";
import type { Reconciliation } from "../availability/reconcile.ts";
import { type AgentState, isAgent } from "../availability/state.ts";
import type { Difference } from "./sweep-result.ts";

const UNKNOWN = "unknown";

function formatStatus(status: AgentStatus | undefined): string {
  if (status === undefined) {
    return UNKNOWN;
  }
  return status.name === undefined ? status.id : `${status.name} (${status.id})`;
}

function formatTickets(available: boolean | undefined): string {
  if (available === undefined) {
    return UNKNOWN;
  }
  return available ? "available" : "unavailable";
}

const formatLogin = (loggedIn: boolean) => (loggedIn ? "logged in" : "logged out");

/** The facts of an item that a comparison changes. */
type Facts = Partial<Pick<AgentState, "status" | "channels">>;

/** The IDs of the item that differs. */
type RepairedItem = Pick<Difference, "availabilityId" | "userId">;

/** Returns a row for each fact of an item that a write replaces. */
function changedFacts(item: RepairedItem, stored: Facts, next: Facts): readonly Difference[] {
  const { status } = next;
  const action = "repair";
  const rows: Difference[] = [];
  if (status?.id !== stored.status?.id) {
    const [from, to] = [stored.status, status].map(formatStatus);
    rows.push({ action, ...item, field: "status", stored: from, freshdesk: to });
  } else if (isOtherSecond(stored.status?.since, status?.since)) {
    const [from, to] = [stored.status, status].map((each) => each?.since ?? UNKNOWN);
    rows.push({ action, ...item, field: "status since", stored: from, freshdesk: to });
  }
  const [before, after] = [stored, next].map(({ channels }) => channels?.["freshdesk"]?.available);
  if (before !== after) {
    rows.push({
      action,
      ...item,
      field: "tickets",
      stored: formatTickets(before),
      freshdesk: formatTickets(after),
    });
  }
  return rows;
}

/** An item that only gets a user ID or `reconciledAt` does not differ. */
function mergeDifferences({
  item,
  userId = item.userId,
  facts,
}: AgentMerge): readonly Difference[] {
  const { status = item.status, tickets } = facts ?? {};
  const channels = tickets
    ? { ...item.channels, freshdesk: { available: tickets.available } }
    : item.channels;
  return changedFacts({ availabilityId: item.availabilityId, userId }, item, { status, channels });
}

function userDifferences({ userId, known, content }: UserWrite): readonly Difference[] {
  const availabilityId = userKey(userId);
  if (known === undefined || !isAgent(known)) {
    return [{ action: "create", availabilityId, userId }];
  }
  const facts = changedFacts({ availabilityId, userId }, known, content);
  return facts.length === 0
    ? [{ action: "repair", availabilityId, userId, field: "name or email address" }]
    : facts;
}

function sessionDifferences({ userId, loggedIn, isDrift }: SessionWrite): readonly Difference[] {
  return [
    {
      action: isDrift ? "repair" : "create",
      availabilityId: sessionKey(userId),
      userId,
      field: "login",
      stored: isDrift ? formatLogin(!loggedIn) : UNKNOWN,
      freshdesk: formatLogin(loggedIn),
    },
  ];
}

const wholeItemDifference =
  (action: "merge" | "forget") =>
  ({ availabilityId, userId }: AgentState): Difference => ({ action, availabilityId, userId });

function removalDifferences({ userId, items }: RemovalCandidate): readonly Difference[] {
  return items.map(({ availabilityId }) => ({ action: "remove", availabilityId, userId }));
}

/** Returns the findings of a comparison, one row for each fact that differs. */
export function differencesIn(reconciliation: Reconciliation): readonly Difference[] {
  const { merges, users, sessions, obsoleteItems, forgottenItems, removals } = reconciliation;
  return [
    ...merges.flatMap(mergeDifferences),
    ...users.flatMap(userDifferences),
    ...sessions.flatMap(sessionDifferences),
    ...obsoleteItems.map(wholeItemDifference("merge")),
    ...forgottenItems.map(wholeItemDifference("forget")),
    ...removals.flatMap(removalDifferences),
  ];
}
