import type {
  Actor,
  AgentStatus,
  Channels,
  KnownChannel,
} from "../../functions/availability/change.ts";
import { isAgent } from "../../functions/availability/state.ts";
import { type Attributes, readItem, UnreadableItemError } from "../../functions/store/read-item.ts";
import { UnreadableAgentError } from "./lookup-error.ts";

export type {
  Actor,
  AgentStatus,
  ChannelAvailability,
  Channels,
  KnownChannel,
} from "../../functions/availability/change.ts";

/** Since when an agent has been available, or unavailable, in a channel: ISO 8601 UTC, one of the two. */
export interface ChannelTimes {
  readonly availableSince?: string | undefined;
  readonly unavailableSince?: string | undefined;
}

/** The latest availability of one agent. Times are ISO 8601 UTC with milliseconds; unknown values are absent. */
export interface Agent {
  readonly accountId: string;
  /** The agent's key within the account; not the agent's ID in any channel. */
  readonly availabilityId: string;
  readonly name?: string | undefined;
  /** The agent's user ID in Freshdesk: the `responder_id` of tickets. Absent until known. */
  readonly userId?: string | undefined;
  /** In lower case. */
  readonly email?: string | undefined;
  /** As reported by the last availability event. Freshdesk does not raise that event for logins and logouts. */
  readonly loggedIn?: boolean | undefined;
  readonly status?: AgentStatus | undefined;
  /** By channel name: `freshdesk`, `freshchat`, `freshcaller`, or another. */
  readonly channels: Channels;
  /** Only for the three channels that have indexes. */
  readonly since: Readonly<Partial<Record<KnownChannel, ChannelTimes>>>;
  /** The person or system that made the last change. */
  readonly actor?: Actor | undefined;
  /** Together with `version`, orders this state and the agent's events; epoch milliseconds. */
  readonly epoch: number;
  readonly version: number;
  /** When the last change happened, according to Freshdesk. */
  readonly updatedAt: string;
  /** When the hub received it. */
  readonly receivedAt: string;
  readonly createdAt?: string | undefined;
  readonly domain?: string | undefined;
  readonly region?: string | undefined;
}

/** Returns how many milliseconds have passed since a time. */
export function millisecondsSince(time: string, now: Date = new Date()): number {
  return now.getTime() - Date.parse(time);
}

/** Returns the key that an item states, for an error message. */
function keyOf(item: Attributes) {
  return {
    accountId: item["accountId"]?.S ?? "?",
    availabilityId: item["availabilityId"]?.S ?? "?",
  };
}

/** Returns an error that names the item and the path. */
function unreadable(item: Attributes, cause: UnreadableItemError): UnreadableAgentError {
  return new UnreadableAgentError(keyOf(item), cause.path, cause);
}

/**
 * Returns a string attribute of an index's item.
 *
 * @throws UnreadableAgentError naming the item and the path.
 */
export function textIn(item: Attributes, name: string): string {
  const text = item[name]?.S;
  if (text === undefined) {
    throw unreadable(item, new UnreadableItemError(name, "a string"));
  }
  return text;
}

/**
 * Returns an item of the table as an agent; `undefined` for a tombstone or a session.
 *
 * @throws UnreadableAgentError naming the item and the path.
 */
export function agentIn(item: Attributes): Agent | undefined {
  try {
    const stored = readItem(item);
    if (!isAgent(stored)) {
      return undefined;
    }
    const {
      contentHash: _hash,
      eventTimestamp: _timestamp,
      reportedPrevious: _reported,
      webhookId: _webhook,
      origin: _origin,
      ...agent
    } = stored;
    return agent;
  } catch (error) {
    if (error instanceof UnreadableItemError) {
      throw unreadable(item, error);
    }
    throw error;
  }
}
