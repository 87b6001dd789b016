import type {
  Actor,
  AgentStatus,
  Channels,
  KnownChannel,
} from "../../functions/availability/change.ts";
import { isTombstone } from "../../functions/availability/state.ts";
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

/** The latest availability of one agent. Times are ISO 8601 UTC with milliseconds; what is unknown is absent. */
export interface Agent {
  readonly accountId: string;
  /** The agent's key in its account; not the agent's id in any channel. */
  readonly availabilityId: string;
  readonly name?: string | undefined;
  /** In lower case. */
  readonly email?: string | undefined;
  /** As of the last change. Freshdesk's event does not tell logins and logouts. */
  readonly loggedIn?: boolean | undefined;
  readonly status?: AgentStatus | undefined;
  /** By the channel's name, which is an open set. */
  readonly channels: Channels;
  /** For the three channels that have indexes. */
  readonly since: Readonly<Partial<Record<KnownChannel, ChannelTimes>>>;
  /** Who made the last change. */
  readonly actor?: Actor | undefined;
  /** With `version`, what to order this state and the agent's events by; epoch milliseconds. */
  readonly epoch: number;
  readonly version: number;
  /** When the last change happened, as Freshdesk says. */
  readonly updatedAt: string;
  /** When the hub received it. */
  readonly receivedAt: string;
  readonly createdAt?: string | undefined;
  readonly domain?: string | undefined;
  readonly region?: string | undefined;
}

/** How many milliseconds ago a time was. */
export function millisecondsSince(time: string, now: Date = new Date()): number {
  return now.getTime() - Date.parse(time);
}

/** Which item it is, as far as it says so itself. */
function keyOf(item: Attributes) {
  return {
    accountId: item["accountId"]?.S ?? "?",
    availabilityId: item["availabilityId"]?.S ?? "?",
  };
}

/** An error of a stored item, naming it and the path. */
function unreadable(item: Attributes, cause: UnreadableItemError): UnreadableAgentError {
  return new UnreadableAgentError(keyOf(item), cause.path, cause);
}

/**
 * A text that an item of an index is made of.
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
 * An item of the table as an agent; `undefined` for the tombstone of a forgotten one, which is nobody.
 *
 * @throws UnreadableAgentError naming the item and the path.
 */
export function agentIn(item: Attributes): Agent | undefined {
  try {
    const stored = readItem(item);
    if (isTombstone(stored)) {
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
