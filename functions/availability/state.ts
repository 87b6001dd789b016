import type { Actor, AvailabilityContent, KnownChannel, ReportedPrevious } from "./change.ts";

/** Since when an agent has been available or unavailable on a channel: ISO 8601 UTC, one of the two. */
export interface ChannelSince {
  readonly availableSince?: string | undefined;
  readonly unavailableSince?: string | undefined;
}

/** The stored state of an agent: its newest change, and how it was counted. */
export interface AgentState extends Omit<AvailabilityContent, "actor"> {
  readonly accountId: string;
  readonly availabilityId: string;
  /** Epoch milliseconds of the item's first write; later after a deletion or a restore. */
  readonly epoch: number;
  /** Number of changes applied in this epoch: 1, 2, 3 ... */
  readonly version: number;
  readonly updatedAt: string;
  readonly eventTimestamp: number;
  readonly contentHash: string;
  readonly actor?: Actor | undefined;
  readonly domain?: string | undefined;
  readonly region?: string | undefined;
  readonly createdAt?: string | undefined;
  readonly receivedAt: string;
  readonly webhookId?: string | undefined;
  readonly origin: string;
  readonly reportedPrevious?: ReportedPrevious | undefined;
  readonly since: Readonly<Partial<Record<KnownChannel, ChannelSince>>>;
}

/** The record that an agent was removed, which makes late deliveries stale. */
export interface Tombstone {
  readonly accountId: string;
  readonly availabilityId: string;
  readonly epoch: number;
  readonly version: number;
  readonly updatedAt: string;
  readonly eventTimestamp: number;
  readonly contentHash: string;
  readonly removedAt: string;
  /** Why the agent was removed: `forgotten`. */
  readonly removedBecause: string;
  /** Epoch seconds at which DynamoDB may delete the tombstone. */
  readonly expiresAt: number;
}

/** A parsed item of the table. */
export type StoredAgent = AgentState | Tombstone;

/** Whether an item is a tombstone: readers must ignore it. */
export function isTombstone(stored: StoredAgent): stored is Tombstone {
  return "removedAt" in stored;
}
