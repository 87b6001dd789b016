import type { AgentMerge } from "./reconcile-agent.ts";
import { type DriftedField, newestTimeOf } from "./reconcile-drift.ts";
import { indexItems, joinItems, type JoinedItems } from "./reconcile-join.ts";
import { type AgentResult, reconcileAgent } from "./reconcile-one-agent.ts";
import { findMissingAgents, type RemovalCandidate } from "./reconcile-removals.ts";
import type { SessionWrite } from "./reconcile-session.ts";
import type { UserWrite } from "./reconcile-user.ts";
import type { AgentSnapshot } from "./snapshot.ts";
import { type AgentState, isAgent, type StoredItem } from "./state.ts";

export interface ReconcileCounts {
  /** Agents whose snapshot was compared. */
  readonly checked: number;
  /** Agents whose newest change is too recent to be compared. */
  readonly recent: number;
  /** Snapshots that differ from an item but are older. */
  readonly contradictory: number;
  /** Availability items that belong to no agent in the list, as far as is known. */
  readonly unidentified: number;
  /** Agents with at least one fact that differed. */
  readonly driftedAgents: number;
  readonly driftedFields: Readonly<Record<DriftedField, number>>;
  /** Age of the oldest change that an item lacked, in seconds. */
  readonly oldestDriftSeconds: number;
  /** Joined items with the agent's ID in the channel `freshdesk`, and those in which it is the user ID. */
  readonly ticketAgentIds: { readonly known: number; readonly equalToUserId: number };
}

/** The writes after which the items of an account agree with Freshdesk. */
export interface Reconciliation {
  readonly merges: readonly AgentMerge[];
  readonly users: readonly UserWrite[];
  readonly sessions: readonly SessionWrite[];
  /** Items to remove because another item of the same person remains. */
  readonly obsoleteItems: readonly AgentState[];
  /** Items to remove because the person was forgotten after their last event. */
  readonly forgottenItems: readonly AgentState[];
  /** Items to remove once Freshdesk has confirmed that the agent is gone. */
  readonly removals: readonly RemovalCandidate[];
  readonly counts: ReconcileCounts;
}

/** An account's snapshots from Freshdesk, and its stored items. */
export interface ReconcileInput {
  /** At most one snapshot per user ID. */
  readonly snapshots: readonly AgentSnapshot[];
  /** Whether `snapshots` holds every agent of the account. Otherwise no agent counts as missing. */
  readonly isComplete: boolean;
  /** All items of the account, tombstones included. */
  readonly items: readonly StoredItem[];
  readonly now: Date;
}

/** Returns the name of each status, from the newest item with that status. */
function statusNames(items: readonly StoredItem[]): ReadonlyMap<string, string> {
  const named = items
    .filter(isAgent)
    .flatMap(({ status, updatedAt }) =>
      status?.name === undefined ? [] : [{ id: status.id, name: status.name, updatedAt }],
    );
  const oldestFirst = named.toSorted((one, other) => (one.updatedAt < other.updatedAt ? -1 : 1));
  return new Map(oldestFirst.map(({ id, name }) => [id, name]));
}

/** Returns the addresses that exactly one of the agents has. */
function uniqueEmails(snapshots: readonly AgentSnapshot[]): ReadonlySet<string | undefined> {
  const groups = Map.groupBy(snapshots, ({ email }) => email);
  return new Set([...groups].flatMap(([email, { length }]) => (length === 1 ? [email] : [])));
}

/** An agent in the list, with the agent's items and the necessary writes. */
interface ReconciledAgent {
  readonly snapshot: AgentSnapshot;
  readonly joined: JoinedItems;
  readonly result: AgentResult;
}

const withoutUndefined = <Value>(values: readonly (Value | undefined)[]): Value[] =>
  values.filter((value) => value !== undefined);

/** Returns the facts in which an agent's items differed from the snapshot. */
function driftOf({ result }: ReconciledAgent): readonly DriftedField[] {
  const { driftedFields = [], session } = result;
  return session?.isDrift === true ? [...driftedFields, "loggedIn"] : driftedFields;
}

function countDrift(agents: readonly ReconciledAgent[], now: Date) {
  const driftedAgents = agents.filter((agent) => driftOf(agent).length > 0);
  const count = (field: DriftedField) =>
    driftedAgents.filter((agent) => driftOf(agent).includes(field)).length;
  // Freshdesk does not show when an agent logged in or out.
  const timed = driftedAgents.filter(({ result }) => (result.driftedFields ?? []).length > 0);
  const oldest = withoutUndefined(
    timed.map(({ snapshot }) => newestTimeOf(snapshot)),
  ).toSorted()[0];
  return {
    driftedAgents: driftedAgents.length,
    driftedFields: {
      status: count("status"),
      since: count("since"),
      tickets: count("tickets"),
      loggedIn: count("loggedIn"),
    },
    oldestDriftSeconds:
      oldest === undefined ? 0 : Math.floor((now.getTime() - Date.parse(oldest)) / 1000),
  };
}

function countAgents(agents: readonly ReconciledAgent[]) {
  const recent = agents.filter(({ result }) => result.isRecent === true).length;
  const ticketAgents = agents.flatMap(({ snapshot, joined }) => {
    const agentId = joined.availability?.channels["freshdesk"]?.agentId;
    return agentId === undefined ? [] : [agentId === snapshot.userId];
  });
  return {
    checked: agents.length - recent,
    recent,
    contradictory: agents.filter(({ result }) => result.isContradictory === true).length,
    ticketAgentIds: {
      known: ticketAgents.length,
      equalToUserId: ticketAgents.filter(Boolean).length,
    },
  };
}

/** Compares the items of an account with Freshdesk's snapshots, and returns the necessary writes. */
export function reconcile({ snapshots, isComplete, items, now }: ReconcileInput): Reconciliation {
  const index = indexItems(items);
  const names = statusNames(items);
  const active = snapshots.filter(({ isDeactivated }) => !isDeactivated);
  const unique = uniqueEmails(active);
  const agents = active.map((snapshot): ReconciledAgent => {
    const joined = joinItems(index, snapshot, unique.has(snapshot.email));
    return { snapshot, joined, result: reconcileAgent(joined, { snapshot, names, now }) };
  });
  const missing = isComplete
    ? findMissingAgents(index, snapshots, now)
    : { removals: [], unidentified: 0 };
  const results = agents.map(({ result }) => result);
  return {
    merges: withoutUndefined(results.map(({ merge }) => merge)),
    users: withoutUndefined(results.map(({ user }) => user)),
    sessions: withoutUndefined(results.map(({ session }) => session)),
    obsoleteItems: results.flatMap(({ obsoleteItems = [] }) => obsoleteItems),
    forgottenItems: withoutUndefined(results.map(({ forgottenItem }) => forgottenItem)),
    removals: missing.removals,
    counts: {
      ...countAgents(agents),
      ...countDrift(agents, now),
      unidentified: missing.unidentified,
    },
  };
}
