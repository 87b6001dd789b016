import { sessionKey, userKey } from "../availability/item-kind.ts";
import type { AgentMerge } from "../availability/reconcile-agent.ts";
import type { SessionWrite } from "../availability/reconcile-session.ts";
import type { UserWrite } from "../availability/reconcile-user.ts";
import { isAgent, type StoredItem } from "../availability/state.ts";
import { microsecondsOf } from "../availability/time.ts";
import {
  agentIdAttribute,
  availableSinceAttribute,
  loggedIn,
  reconciledAt,
  replacedAttributes,
  sessionSince,
  unavailableSinceAttribute,
  userId,
} from "./attributes.ts";
import { contentHash } from "./content-hash.ts";
import { type ConditionalWrite, conditionalWrite, type WriteParts } from "./conditional-write.ts";

/** An account, and the values that all its new items have. */
export interface ReconciledAccount {
  readonly accountId: string;
  /** The account's Freshdesk domain. */
  readonly domain: string;
  /** When the write is made: ISO 8601 UTC with milliseconds. */
  readonly receivedAt: string;
}

const ORIGIN = "reconcile";

/** A `Map`, because `marshall` mistakes an object with a channel named `constructor` for a class instance. */
const channelMap = (channels: object) => new Map(Object.entries(channels));

/** Returns the attributes with the start of the ticket channel's availability: one is set, the other is removed. */
function ticketsSinceOf(available: boolean, since: string) {
  return {
    [availableSinceAttribute("freshdesk")]: available ? since : undefined,
    [unavailableSinceAttribute("freshdesk")]: available ? undefined : since,
  };
}

function repairOf({ item, facts }: AgentMerge): WriteParts["values"] {
  if (facts === undefined) {
    return {};
  }
  const { status, tickets } = facts;
  const { channels } = item;
  const repaired = tickets && {
    ...channels,
    freshdesk: { ...channels["freshdesk"], available: tickets.available },
  };
  return {
    ...(status && { status }),
    ...(repaired && { channels: channelMap(repaired) }),
    ...(tickets && ticketsSinceOf(tickets.available, tickets.since)),
    actor: undefined,
    webhookId: undefined,
    origin: ORIGIN,
    version: item.version + 1,
  };
}

/**
 * Returns the write that merges a snapshot into an availability item. It keeps the item's place in the order of
 * events, so that a late event with more facts is still applied.
 */
export function mergeWrite(merge: AgentMerge): ConditionalWrite {
  const { item, userId: newUserId, reconciledAt: time } = merge;
  return conditionalWrite(item, {
    known: item,
    values: {
      ...repairOf(merge),
      reportedPrevious: undefined,
      ...(newUserId !== undefined && { [userId]: newUserId }),
      ...(time !== undefined && { [reconciledAt]: time }),
    },
    conditions: [
      ...(newUserId === undefined ? [] : [`attribute_not_exists(#${userId})`]),
      ...(time === undefined
        ? []
        : [`(attribute_not_exists(#${reconciledAt}) OR #${reconciledAt} < :${reconciledAt})`]),
    ],
  });
}

/** Returns the attributes of every item that a snapshot writes as a whole. */
function commonValues(
  { domain, receivedAt }: ReconciledAccount,
  { known, requestedAt }: { readonly known: StoredItem | undefined; readonly requestedAt: string },
): WriteParts["values"] {
  return {
    ...Object.fromEntries(replacedAttributes.map((name) => [name, undefined])),
    epoch: known?.epoch ?? Date.parse(receivedAt),
    version: (known?.version ?? 0) + 1,
    updatedAt: requestedAt,
    eventTimestamp: microsecondsOf(requestedAt),
    domain,
    receivedAt,
    origin: ORIGIN,
  };
}

/** Returns since when the ticket channel has had its availability; `undefined` if that has changed. */
function storedSince(known: StoredItem | undefined, available: boolean): string | undefined {
  if (known === undefined || !isAgent(known)) {
    return undefined;
  }
  const { availableSince, unavailableSince } = known.since.freshdesk ?? {};
  return available ? availableSince : unavailableSince;
}

function userSince({ known, content, ticketsSince, requestedAt }: UserWrite): WriteParts["values"] {
  const available = content.channels["freshdesk"]?.available;
  return available === undefined
    ? {}
    : ticketsSinceOf(available, storedSince(known, available) ?? ticketsSince ?? requestedAt);
}

/** Returns the write of a `user:` item, whose time is the start of the request. */
export function userItemWrite(write: UserWrite, account: ReconciledAccount): ConditionalWrite {
  const { known, content } = write;
  const { name, email, status, channels } = content;
  const key = { accountId: account.accountId, availabilityId: userKey(write.userId) };
  return conditionalWrite(key, {
    known,
    values: {
      ...commonValues(account, write),
      contentHash: contentHash(content),
      [userId]: write.userId,
      name,
      email,
      status,
      channels: channelMap(channels),
      [agentIdAttribute("freshdesk")]: channels["freshdesk"]?.agentId,
      ...userSince(write),
    },
  });
}

/** Returns the write of a session item, whose time is the start of the request. */
export function sessionItemWrite(
  write: SessionWrite,
  account: ReconciledAccount,
): ConditionalWrite {
  const { known, email, since } = write;
  const key = { accountId: account.accountId, availabilityId: sessionKey(write.userId) };
  return conditionalWrite(key, {
    known,
    values: {
      ...commonValues(account, write),
      contentHash: contentHash({ email, loggedIn: write.loggedIn }),
      [userId]: write.userId,
      email,
      [loggedIn]: write.loggedIn,
      [sessionSince]: since,
    },
  });
}
