import type { AvailabilityChange, SessionChange } from "./change.ts";
import { sessionKey, userKey } from "./item-kind.ts";

/** The fields that `onAgentUpdate` and `onAgentDelete` share. Unknown values are absent. */
interface AgentEvent {
  readonly accountId: string;
  /** The agent's user ID in Freshdesk. */
  readonly userId: string;
  /** The payload's `timestamp`: ISO 8601 UTC with milliseconds, rounded down. */
  readonly updatedAt: string;
  /** The payload's `timestamp` in epoch microseconds. */
  readonly eventTimestamp: number;
  /** In lower case. */
  readonly email?: string | undefined;
}

export interface AgentUpdate extends AgentEvent {
  readonly name?: string | undefined;
  /** The login state, only if the event is a login or a logout. */
  readonly loggedIn?: boolean | undefined;
  /** Whether the agent is available for tickets. */
  readonly available?: boolean | undefined;
  /** Whether the event reports a change of the availability for tickets. */
  readonly isAvailabilityChange: boolean;
  /** Whether the event contains a login state or availability for tickets that the hub cannot parse. */
  readonly isPartlyUnreadable: boolean;
  readonly domain?: string | undefined;
  readonly region?: string | undefined;
}

/** A parsed `onAgentDelete`. */
export type AgentDeletion = AgentEvent;

/**
 * Returns the change to the person's `user:` item, which holds the availability for tickets. Only for accounts
 * without custom statuses: in other accounts, availability events report it.
 */
export function userChangeOf(update: AgentUpdate): AvailabilityChange | undefined {
  const { accountId, userId, updatedAt, eventTimestamp, name, email, available } = update;
  if (available === undefined) {
    return undefined;
  }
  return {
    accountId,
    availabilityId: userKey(userId),
    userId,
    updatedAt,
    eventTimestamp,
    content: { name, email, channels: { freshdesk: { available } } },
    domain: update.domain,
    region: update.region,
    reportedChannelChanges: update.isAvailabilityChange ? ["freshdesk"] : [],
  };
}

/** Returns the change to the person's session item, if the update is a login or a logout. */
export function sessionChangeOf(update: AgentUpdate): SessionChange | undefined {
  const { accountId, userId, updatedAt, eventTimestamp, email, loggedIn } = update;
  if (loggedIn === undefined) {
    return undefined;
  }
  return {
    accountId,
    availabilityId: sessionKey(userId),
    userId,
    updatedAt,
    eventTimestamp,
    content: { email, loggedIn },
    domain: update.domain,
    region: update.region,
  };
}
