import type { Actor, AvailabilityContent, KnownChannel, ReportedPrevious } from "./change.ts";

/** Since when an agent has been available, or unavailable, in a channel: ISO 8601 UTC, one of the two. */
export interface ChannelSince {
  readonly availableSince?: string | undefined;
  readonly unavailableSince?: string | undefined;
}

/** What is stored of an agent: the latest change, and how it was counted. */
export interface AgentState extends Omit<AvailabilityContent, "actor"> {
  readonly accountId: string;
  readonly availabilityId: string;
  /** Epoch milliseconds of the first write of this item; later after a deletion or a restore. */
  readonly epoch: number;
  /** How many changes were applied to this agent in this epoch: 1, 2, 3 ... */
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

/** What is left of a forgotten agent, so that no late delivery brings it back. */
export interface Tombstone {
  readonly accountId: string;
  readonly availabilityId: string;
  readonly epoch: number;
  readonly version: number;
  readonly updatedAt: string;
  readonly eventTimestamp: number;
  readonly contentHash: string;
  readonly removedAt: string;
  /** Epoch seconds at which DynamoDB may delete the tombstone. */
  readonly expiresAt: number;
}

/** What may lie under an agent's key. */
export type StoredAgent = AgentState | Tombstone;

/** Whether an agent was forgotten: a tombstone is nobody. */
export function isTombstone(stored: StoredAgent): stored is Tombstone {
  return "removedAt" in stored;
}
