/** The channels that have attributes and indexes of their own. Any other channel is kept all the same. */
export const knownChannels = ["freshdesk", "freshchat", "freshcaller"] as const;

/** A channel that has attributes and indexes of its own. */
export type KnownChannel = (typeof knownChannels)[number];

/** What is known of an agent in one channel; what is unknown is absent. */
export interface ChannelAvailability {
  /** Whether tickets, conversations or calls of this channel can be assigned to the agent. */
  readonly available?: boolean | undefined;
  /** The agent's id in this channel. */
  readonly agentId?: string | undefined;
  /** The id of the organization's account in this channel. */
  readonly channelAccountId?: string | undefined;
}

/** By the channel's name, which is an open set. */
export type Channels = Readonly<Record<string, ChannelAvailability>>;

/** The agent's status, known by its id. */
export interface AgentStatus {
  readonly id: string;
  readonly name?: string | undefined;
  /** When the agent took this status: ISO 8601 UTC with milliseconds. */
  readonly since?: string | undefined;
}

/** Who made the last change. */
export interface Actor {
  readonly type: "agent" | "system";
  readonly id?: string | undefined;
  readonly name?: string | undefined;
}

/** What a change says about the agent: exactly what its content hash covers. */
export interface AvailabilityContent {
  readonly name?: string | undefined;
  /** In lower case. */
  readonly email?: string | undefined;
  readonly loggedIn?: boolean | undefined;
  readonly status?: AgentStatus | undefined;
  readonly channels: Channels;
  readonly actor?: Actor | undefined;
}

/** What a change says the status was before it. */
export interface ReportedPrevious {
  readonly statusId?: string | undefined;
  /** ISO 8601 UTC with milliseconds. */
  readonly statusSince?: string | undefined;
}

/** One change of an agent's availability, in our words. Ids are strings, times ISO 8601 UTC with milliseconds. */
export interface AvailabilityChange {
  readonly accountId: string;
  /** `agent_availability.id`: one per agent and account, but not the id of the agent in any channel. */
  readonly availabilityId: string;
  readonly updatedAt: string;
  /** Epoch microseconds at which Freshworks raised the event. */
  readonly eventTimestamp: number;
  readonly content: AvailabilityContent;
  readonly createdAt?: string | undefined;
  readonly domain?: string | undefined;
  readonly region?: string | undefined;
  readonly reportedPrevious?: ReportedPrevious | undefined;
  /** The channels that this change, by its own account, opened or closed. */
  readonly reportedChannelChanges: readonly string[];
  /** Whether the relay removed a part of the content to fit the event into the 4 KB of a parked event. */
  readonly isIncomplete?: boolean | undefined;
}

/** What places a change among the other changes of its agent. */
export interface ChangeOrder {
  readonly updatedAt: string;
  readonly eventTimestamp: number;
  readonly contentHash: string;
}

/**
 * Compares two changes of one agent: negative, zero or positive as the first is older than, equal to
 * or newer than the second.
 *
 * Freshdesk promises neither order nor single delivery, and its times are exact to the second only;
 * the content hash settles what is left, so that every order of arrival ends in the same state. The
 * condition of the store's write says the same in DynamoDB's words.
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
