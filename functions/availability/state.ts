import type { AvailabilityContent, ChangeOrder, KnownChannel, ReportedPrevious } from "./change.ts";
import { kindOf } from "./item-kind.ts";

/** Since when an agent has been available or unavailable on a channel: ISO 8601 UTC. Only one of the two is set. */
export interface ChannelSince {
  readonly availableSince?: string | undefined;
  readonly unavailableSince?: string | undefined;
}

/** The fields that every item has, including tombstones: key, epoch, version and order. */
export interface ItemHeader extends ChangeOrder {
  readonly accountId: string;
  /** The sort key: `agent_availability.id`, `user:{userId}` or `session:{userId}`. */
  readonly availabilityId: string;
  /** Epoch milliseconds of the item's first write. A deletion or a restore sets a later value. */
  readonly epoch: number;
  /** Number of changes applied in this epoch: 1, 2, 3 ... */
  readonly version: number;
}

/** The delivery of an item's newest change. */
interface DeliveryFields {
  readonly domain?: string | undefined;
  readonly region?: string | undefined;
  readonly receivedAt: string;
  readonly webhookId?: string | undefined;
  readonly origin: string;
}

/** The stored state of an availability item or a `user:` item: its newest change, and how it was counted. */
export interface AgentState extends ItemHeader, DeliveryFields, AvailabilityContent {
  /** The agent's user ID in Freshdesk, once known; always present on a `user:` item. */
  readonly userId?: string | undefined;
  readonly createdAt?: string | undefined;
  readonly reportedPrevious?: ReportedPrevious | undefined;
  /** Newest time of the Freshdesk snapshots that the item was compared with: ISO 8601 UTC with milliseconds. */
  readonly reconciledAt?: string | undefined;
  readonly since: Readonly<Partial<Record<KnownChannel, ChannelSince>>>;
}

/** The stored state of a session item: the newest login or logout of a person. */
export interface SessionState extends ItemHeader, DeliveryFields {
  /** The person's user ID in Freshdesk. */
  readonly userId: string;
  /** In lower case. */
  readonly email?: string | undefined;
  readonly loggedIn: boolean;
  /** When the person logged in or out: ISO 8601 UTC with milliseconds. Absent if unknown. */
  readonly since?: string | undefined;
}

/**
 * Why an item was removed: by an operator (`forgotten`), because Freshdesk deleted the agent (`deleted`), or
 * because another item of the same person remains (`merged`).
 */
export const removalReasons = ["forgotten", "deleted", "merged"] as const;

export type RemovalReason = (typeof removalReasons)[number];

/** The record that an item was removed, which makes late deliveries stale. */
export interface Tombstone extends ItemHeader {
  /** ISO 8601 UTC with milliseconds. */
  readonly removedAt: string;
  readonly removedBecause: RemovalReason;
  /** `reconcile` if a sweep found that Freshdesk has deleted the agent; otherwise absent. */
  readonly origin?: string | undefined;
  /** Epoch seconds at which DynamoDB may delete the tombstone. */
  readonly expiresAt: number;
}

/** A parsed item of the table. */
export type StoredItem = AgentState | SessionState | Tombstone;

/** Returns whether an item is a tombstone: readers must ignore it. Its key determines the kind of item that it was. */
export function isTombstone(stored: StoredItem): stored is Tombstone {
  return "removedAt" in stored;
}

/** Returns whether an item is the state of an agent, on an availability item or a `user:` item. */
export function isAgent(stored: StoredItem): stored is AgentState {
  return !isTombstone(stored) && !isSession(stored);
}

/** Returns whether an item is the session of a person, not a tombstone of one. */
export function isSession(stored: StoredItem): stored is SessionState {
  return kindOf(stored.availabilityId) === "session" && !isTombstone(stored);
}
