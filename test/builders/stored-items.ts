import { sessionKey, userKey } from "../../functions/availability/item-kind.ts";
import type { AgentSnapshot } from "../../functions/availability/snapshot.ts";
import type {
  AgentState,
  RemovalReason,
  SessionState,
  Tombstone,
} from "../../functions/availability/state.ts";
import { microsecondsOf } from "../../functions/availability/time.ts";

export const USER_ID = "72025350026";
export const EMAIL = "rachel@acme.example";

/** Returns the order and delivery of a write at the given time. */
function writtenAt(updatedAt: string) {
  return {
    accountId: "11010177632",
    epoch: 1795486584641,
    version: 7,
    updatedAt,
    eventTimestamp: microsecondsOf(updatedAt),
    contentHash: "2jmj7l5rSw0yVb_vlWAYkA",
    receivedAt: updatedAt,
    origin: "relay",
  };
}

/** A stored availability item of Rachel, who has been available for tickets since 08:00. */
export function aStoredAgent(overrides: Partial<AgentState> = {}): AgentState {
  return {
    ...writtenAt(overrides.updatedAt ?? "2026-11-28T08:00:00.000Z"),
    availabilityId: "787096",
    userId: USER_ID,
    name: "Rachel",
    email: EMAIL,
    loggedIn: true,
    status: { id: "7", name: "Available", since: "2026-11-28T08:00:00.000Z" },
    channels: {
      freshdesk: { available: true, agentId: "32938" },
      freshchat: { available: true, agentId: "3282" },
    },
    since: { freshdesk: { availableSince: "2026-11-28T08:00:00.000Z" } },
    ...overrides,
  };
}

/** A stored `user:` item of Rachel, as a snapshot creates it. */
export function aStoredUser(overrides: Partial<AgentState> = {}): AgentState {
  return aStoredAgent({
    availabilityId: userKey(USER_ID),
    loggedIn: undefined,
    channels: { freshdesk: { available: true } },
    origin: "reconcile",
    ...overrides,
  });
}

/** A stored session item of Rachel, who is logged in. */
export function aStoredSession(overrides: Partial<SessionState> = {}): SessionState {
  return {
    ...writtenAt(overrides.updatedAt ?? "2026-11-28T08:00:00.000Z"),
    availabilityId: sessionKey(USER_ID),
    userId: USER_ID,
    email: EMAIL,
    loggedIn: true,
    since: "2026-11-28T08:00:00.000Z",
    ...overrides,
  };
}

/** The tombstone of an item. */
export function aStoredTombstone(
  availabilityId: string,
  removedBecause: RemovalReason,
  removedAt = "2026-11-28T09:00:00.000Z",
): Tombstone {
  const { receivedAt: _r, origin: _o, ...order } = writtenAt(removedAt);
  return {
    ...order,
    availabilityId,
    contentHash: "",
    removedAt,
    removedBecause,
    expiresAt: 1799000000,
  };
}

/** A snapshot of Rachel at 12:00 that agrees with `aStoredAgent`. */
export function aSnapshot(overrides: Partial<AgentSnapshot> = {}): AgentSnapshot {
  return {
    userId: USER_ID,
    name: "Rachel",
    email: EMAIL,
    loggedIn: true,
    statusId: "7",
    statusSince: "2026-11-28T08:00:00.000Z",
    ticketsAvailable: true,
    ticketsSince: "2026-11-28T08:00:00.000Z",
    isDeactivated: false,
    requestedAt: "2026-11-28T12:00:00.000Z",
    ...overrides,
  };
}
