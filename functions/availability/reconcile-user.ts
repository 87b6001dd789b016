import type { AgentStatus, AvailabilityContent, Channels } from "./change.ts";
import { mayReplace } from "./reconcile-age.ts";
import { driftBetween, type DriftedField, isOtherSecond } from "./reconcile-drift.ts";
import type { JoinedItems } from "./reconcile-join.ts";
import type { AgentSnapshot } from "./snapshot.ts";
import { type AgentState, isAgent, type StoredItem } from "./state.ts";

/** A write of a `user:` item. Its time is the start of the request that returned the snapshot. */
export interface UserWrite {
  readonly userId: string;
  /** The item or tombstone that was read; the write is conditional on its epoch and version. */
  readonly known: StoredItem | undefined;
  /** Whether no `user:` item was stored, or only a tombstone of one. */
  readonly isNew: boolean;
  readonly content: AvailabilityContent;
  /** When the ticket channel opened or closed. */
  readonly ticketsSince: string | undefined;
  readonly driftedFields: readonly DriftedField[];
  readonly requestedAt: string;
}

/** The stored facts; empty for a new item. */
type StoredFacts = Partial<Pick<AgentState, "name" | "email" | "status" | "channels">>;

function statusOf(
  { statusId, statusSince }: AgentSnapshot,
  stored: AgentStatus | undefined,
  names: ReadonlyMap<string, string>,
): AgentStatus | undefined {
  if (statusId === undefined) {
    return stored;
  }
  return stored?.id === statusId
    ? { ...stored, since: statusSince ?? stored.since }
    : { id: statusId, name: names.get(statusId), since: statusSince };
}

function channelsOf({ ticketsAvailable: available }: AgentSnapshot, stored: Channels): Channels {
  return available === undefined
    ? stored
    : { ...stored, freshdesk: { ...stored["freshdesk"], available } };
}

/** Returns the content of an item after a snapshot. Facts that the snapshot does not contain are kept. */
function contentOf(
  snapshot: AgentSnapshot,
  stored: StoredFacts,
  names: ReadonlyMap<string, string>,
): AvailabilityContent {
  return {
    name: snapshot.name ?? stored.name,
    email: snapshot.email ?? stored.email,
    status: statusOf(snapshot, stored.status, names),
    channels: channelsOf(snapshot, stored.channels ?? {}),
  };
}

function isSameStatus(stored: AgentStatus | undefined, status: AgentStatus | undefined): boolean {
  return stored?.id === status?.id && !isOtherSecond(stored?.since, status?.since);
}

function isSameContent(stored: AgentState, content: AvailabilityContent): boolean {
  return (
    stored.name === content.name &&
    stored.email === content.email &&
    isSameStatus(stored.status, content.status) &&
    stored.channels["freshdesk"]?.available === content.channels["freshdesk"]?.available
  );
}

/** Returns the write of the `user:` item of an agent without an availability item, if one is needed. */
export function userWriteOf(
  snapshot: AgentSnapshot,
  { user: known }: JoinedItems,
  names: ReadonlyMap<string, string>,
): UserWrite | undefined {
  const { userId, requestedAt, ticketsSince } = snapshot;
  const stored = known && isAgent(known) ? known : undefined;
  const content = contentOf(snapshot, stored ?? {}, names);
  const isUnchanged = stored !== undefined && isSameContent(stored, content);
  if (isUnchanged || !mayReplace(known, requestedAt)) {
    return undefined;
  }
  const driftedFields = stored ? driftBetween(stored, snapshot, names).fields : [];
  return {
    userId,
    known,
    isNew: stored === undefined,
    content,
    ticketsSince,
    driftedFields,
    requestedAt,
  };
}
