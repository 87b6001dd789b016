/** The channels that have attributes and indexes of their own. Any other channel is stored as well. */
export const knownChannels = ["freshdesk", "freshchat", "freshcaller"] as const;

/** A channel that has attributes and indexes of its own. */
export type KnownChannel = (typeof knownChannels)[number];

/** An agent's availability on one channel. An unknown value is absent. */
export interface ChannelAvailability {
  /** Whether the agent can be assigned tickets, conversations or calls of this channel. */
  readonly available?: boolean | undefined;
  /** ID of the agent in this channel. */
  readonly agentId?: string | undefined;
  /** ID of the account in this channel. */
  readonly channelAccountId?: string | undefined;
}

/** Keyed by channel name, which may be any text. */
export type Channels = Readonly<Record<string, ChannelAvailability>>;

/** An agent's status, identified by its ID. */
export interface AgentStatus {
  readonly id: string;
  readonly name?: string | undefined;
  /** When the agent entered the status: ISO 8601 UTC with milliseconds. */
  readonly since?: string | undefined;
}

/** The person or system that made a change. */
export interface Actor {
  readonly type: "agent" | "system";
  readonly id?: string | undefined;
  readonly name?: string | undefined;
}

/** The facts that an event reports about an agent, and that its content hash covers. */
export interface AvailabilityContent {
  readonly name?: string | undefined;
  /** In lower case. */
  readonly email?: string | undefined;
  readonly loggedIn?: boolean | undefined;
  readonly status?: AgentStatus | undefined;
  readonly channels: Channels;
  readonly actor?: Actor | undefined;
}

/** The values before a change, as its event reports them. */
export interface ReportedPrevious {
  readonly statusId?: string | undefined;
  /** ISO 8601 UTC with milliseconds. */
  readonly statusSince?: string | undefined;
}

/** The fields of every change of any kind of item. IDs are strings, times ISO 8601 UTC with milliseconds. */
interface Change {
  readonly accountId: string;
  /** The sort key: `agent_availability.id`, `user:{userId}` or `session:{userId}`. */
  readonly availabilityId: string;
  /** The agent's user ID in Freshdesk. Availability events do not contain it. */
  readonly userId?: string | undefined;
  readonly updatedAt: string;
  /** Epoch microseconds at which Freshworks raised the event. */
  readonly eventTimestamp: number;
  readonly domain?: string | undefined;
  readonly region?: string | undefined;
}

/** One login or logout. */
export interface SessionChange extends Change {
  readonly userId: string;
  readonly content: {
    /** In lower case. */
    readonly email?: string | undefined;
    readonly loggedIn: boolean;
  };
}

/** One change of an agent's availability, on an availability item or a `user:` item. */
export interface AvailabilityChange extends Change {
  readonly content: AvailabilityContent;
  readonly createdAt?: string | undefined;
  readonly reportedPrevious?: ReportedPrevious | undefined;
  /** The channels whose availability the event reports as changed. */
  readonly reportedChannelChanges: readonly string[];
  /** Whether the relay removed a part of the content, because a parked event can have only 4 KB. */
  readonly isIncomplete?: boolean | undefined;
}

/** The place of a change among all changes of its agent. */
export interface ChangeOrder {
  readonly updatedAt: string;
  readonly eventTimestamp: number;
  readonly contentHash: string;
}

/**
 * Compares two changes of one agent: negative, zero or positive if the first is older than, equal to or newer
 * than the second.
 *
 * Freshworks guarantees neither order nor single delivery, and its times are exact to the second only. The
 * content hash orders the remaining changes, so that any order of arrival ends in the same state. The
 * condition of the store's write expresses the same order.
 */
export function compareChanges(first: ChangeOrder, second: ChangeOrder): number {
  if (first.updatedAt !== second.updatedAt) {
    return first.updatedAt < second.updatedAt ? -1 : 1;
  }
  if (first.eventTimestamp !== second.eventTimestamp) {
    return first.eventTimestamp - second.eventTimestamp;
  }
  if (first.contentHash === second.contentHash) {
    return 0;
  }
  return first.contentHash < second.contentHash ? -1 : 1;
}
