import type {
  Actor,
  AgentStatus,
  Channels,
  KnownChannel,
} from "../../functions/availability/change.ts";
import { type AgentState, isAgent, isTombstone } from "../../functions/availability/state.ts";
import { type Attributes, readItem, UnreadableItemError } from "../../functions/store/read-item.ts";
import type { JoinedAgent, LiveItem } from "./join.ts";
import { UnreadableAgentError } from "./lookup-error.ts";

/** The time since which an agent has been available or unavailable on a channel: one of the two, in ISO 8601 UTC. */
export interface ChannelTimes {
  readonly availableSince?: string | undefined;
  readonly unavailableSince?: string | undefined;
}

/** The latest availability of one agent. Times are ISO 8601 UTC with milliseconds; unknown values are absent. */
export interface Agent {
  readonly accountId: string;
  /**
   * The key of the agent's item: the ID of the agent's availability in Freshdesk, not the agent's ID in any
   * channel; or `user:` and the user ID, if Freshdesk has reported no such ID.
   */
  readonly availabilityId: string;
  /** The agent's user ID in Freshdesk: `responder_id` of a ticket, `id` of an agent in the REST API. Absent until known. */
  readonly userId?: string | undefined;
  readonly name?: string | undefined;
  /** In lower case. */
  readonly email?: string | undefined;
  /**
   * Whether the agent is logged in. A joined lookup returns the effective login state, from the last login or
   * logout; any other lookup returns what the last availability event reports.
   */
  readonly loggedIn?: boolean | undefined;
  /** When the agent logged in or out. Absent unless the lookup is joined and `loggedIn` is from a login or logout. */
  readonly loginSince?: string | undefined;
  readonly status?: AgentStatus | undefined;
  /** Availability on each channel, keyed by channel name (`freshdesk`, `freshchat`, `freshcaller`, or another). */
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
  /** When the hub received that change. */
  readonly receivedAt: string;
  readonly createdAt?: string | undefined;
  readonly domain?: string | undefined;
  readonly region?: string | undefined;
}

/** Returns how many milliseconds have passed since a time. */
export function millisecondsSince(time: string, now: Date = new Date()): number {
  return now.getTime() - Date.parse(time);
}

function unreadableError(item: Attributes, cause: UnreadableItemError): UnreadableAgentError {
  const { accountId, availabilityId } = item;
  const key = { accountId: accountId?.S ?? "?", availabilityId: availabilityId?.S ?? "?" };
  return new UnreadableAgentError(key, cause.path, cause);
}

/**
 * Returns a string attribute of an index's item.
 *
 * @throws UnreadableAgentError naming the item and the path.
 */
export function readText(item: Attributes, name: string): string {
  const text = item[name]?.S;
  if (text === undefined) {
    throw unreadableError(item, new UnreadableItemError(name, "a string"));
  }
  return text;
}

/**
 * Parses an item of the table; returns `undefined` for a tombstone.
 *
 * @throws UnreadableAgentError naming the item and the path.
 */
export function parseLiveItem(item: Attributes): LiveItem | undefined {
  try {
    const stored = readItem(item);
    return isTombstone(stored) ? undefined : stored;
  } catch (error) {
    if (error instanceof UnreadableItemError) {
      throw unreadableError(item, error);
    }
    throw error;
  }
}

/** Returns a state without the attributes that only the store needs. */
function agentFrom(state: AgentState): Agent {
  const {
    contentHash: _hash,
    eventTimestamp: _timestamp,
    reportedPrevious: _reported,
    webhookId: _webhook,
    origin: _origin,
    ...agent
  } = state;
  return agent;
}

/**
 * Returns an item of the table as an agent; `undefined` for a tombstone and for a session.
 *
 * @throws UnreadableAgentError naming the item and the path.
 */
export function parseAgent(item: Attributes): Agent | undefined {
  const live = parseLiveItem(item);
  return live && isAgent(live) ? agentFrom(live) : undefined;
}

export function agentOf({ item, userId, loggedIn, loginSince }: JoinedAgent): Agent {
  return { ...agentFrom(item), userId, loggedIn, loginSince };
}
