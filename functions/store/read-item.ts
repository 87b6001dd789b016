import {
  type Actor,
  type AgentStatus,
  type ChannelAvailability,
  type KnownChannel,
  knownChannels,
  type ReportedPrevious,
} from "../availability/change.ts";
import { kindOf } from "../availability/item-kind.ts";
import {
  type AgentState,
  type ChannelSince,
  type ItemHeader,
  type RemovalReason,
  removalReasons,
  type SessionState,
  type StoredItem,
  type Tombstone,
} from "../availability/state.ts";
import {
  availableSinceAttribute,
  expiresAt,
  loggedIn,
  orderTypes,
  reconciledAt,
  removedAt,
  removedBecause,
  sessionSince,
  sortKey,
  unavailableSinceAttribute,
  userId,
} from "./attributes.ts";
import {
  type Attributes,
  booleanAt,
  mapAt,
  numberAt,
  requiredValue,
  textAt,
  UnreadableItemError,
} from "./read-attribute.ts";

export { type Attributes, UnreadableItemError } from "./read-attribute.ts";

export function readStatus(item: Attributes, parent?: string): AgentStatus | undefined {
  const path = parent === undefined ? "status" : `${parent}.status`;
  const status = mapAt(item, "status", path);
  return (
    status && {
      id: requiredValue(textAt(status, "id", `${path}.id`), `${path}.id`),
      name: textAt(status, "name", `${path}.name`),
      since: textAt(status, "since", `${path}.since`),
    }
  );
}

function readActor(item: Attributes): Actor | undefined {
  const actor = mapAt(item, "actor");
  if (actor === undefined) {
    return undefined;
  }
  const type = textAt(actor, "type", "actor.type");
  if (type !== "agent" && type !== "system") {
    throw new UnreadableItemError("actor.type", '"agent" or "system"');
  }
  return { type, id: textAt(actor, "id", "actor.id"), name: textAt(actor, "name", "actor.name") };
}

function readChannel(channels: Attributes, name: string): ChannelAvailability {
  const path = `channels.${name}`;
  const channel = requiredValue(mapAt(channels, name, path), path);
  return {
    available: booleanAt(channel, "available", `${path}.available`),
    agentId: textAt(channel, "agentId", `${path}.agentId`),
    channelAccountId: textAt(channel, "channelAccountId", `${path}.channelAccountId`),
  };
}

function readChannels(item: Attributes): Record<string, ChannelAvailability> {
  const channels = requiredValue(mapAt(item, "channels"), "channels");
  return Object.fromEntries(
    Object.keys(channels).map((name) => [name, readChannel(channels, name)]),
  );
}

function readReportedPrevious(item: Attributes): ReportedPrevious | undefined {
  const previous = mapAt(item, "reportedPrevious");
  return (
    previous && {
      statusId: textAt(previous, "statusId", "reportedPrevious.statusId"),
      statusSince: textAt(previous, "statusSince", "reportedPrevious.statusSince"),
    }
  );
}

function readSince(item: Attributes): Partial<Record<KnownChannel, ChannelSince>> {
  return Object.fromEntries(
    knownChannels.map((channel): [KnownChannel, ChannelSince] => [
      channel,
      {
        availableSince: textAt(item, availableSinceAttribute(channel)),
        unavailableSince: textAt(item, unavailableSinceAttribute(channel)),
      },
    ]),
  );
}

/**
 * Returns whether an item has an order, an epoch and a version. The store replaces any other item as if nothing were
 * stored, because the hub did not write it.
 */
export function isOrdered(item: Attributes): boolean {
  const isTyped = Object.entries(orderTypes).every(([name, type]) =>
    Object.hasOwn(item[name] ?? {}, type),
  );
  return isTyped && item["epoch"] !== undefined && item["version"] !== undefined;
}

/** Returns the number of changes applied in the item's epoch. */
export const readVersion = (item: Attributes): number => numberAt(item, "version");

/** Returns the fields that every item has, including tombstones: key, epoch, version and order. */
export function headerOf(item: Attributes): ItemHeader {
  return {
    accountId: requiredValue(textAt(item, "accountId"), "accountId"),
    availabilityId: requiredValue(textAt(item, "availabilityId"), "availabilityId"),
    epoch: numberAt(item, "epoch"),
    version: numberAt(item, "version"),
    updatedAt: requiredValue(textAt(item, "updatedAt"), "updatedAt"),
    eventTimestamp: numberAt(item, "eventTimestamp"),
    contentHash: requiredValue(textAt(item, "contentHash"), "contentHash"),
  };
}

function readDelivery(item: Attributes) {
  return {
    domain: textAt(item, "domain"),
    region: textAt(item, "region"),
    receivedAt: requiredValue(textAt(item, "receivedAt"), "receivedAt"),
    webhookId: textAt(item, "webhookId"),
    origin: requiredValue(textAt(item, "origin"), "origin"),
  };
}

function readState(item: Attributes): AgentState {
  return {
    ...headerOf(item),
    userId: textAt(item, userId),
    name: textAt(item, "name"),
    email: textAt(item, "email"),
    loggedIn: booleanAt(item, loggedIn),
    status: readStatus(item),
    channels: readChannels(item),
    actor: readActor(item),
    ...readDelivery(item),
    createdAt: textAt(item, "createdAt"),
    reportedPrevious: readReportedPrevious(item),
    reconciledAt: textAt(item, reconciledAt),
    since: readSince(item),
  };
}

function readSession(item: Attributes): SessionState {
  return {
    ...headerOf(item),
    userId: requiredValue(textAt(item, userId), userId),
    email: textAt(item, "email"),
    loggedIn: requiredValue(booleanAt(item, loggedIn), loggedIn),
    since: textAt(item, sessionSince),
    ...readDelivery(item),
  };
}

function readRemovalReason(item: Attributes): RemovalReason {
  const stored = requiredValue(textAt(item, removedBecause), removedBecause);
  const reason = removalReasons.find((each) => each === stored);
  if (reason === undefined) {
    throw new UnreadableItemError(removedBecause, `one of ${removalReasons.join(", ")}`);
  }
  return reason;
}

function readTombstone(item: Attributes): Tombstone {
  return {
    ...headerOf(item),
    removedAt: requiredValue(textAt(item, removedAt), removedAt),
    removedBecause: readRemovalReason(item),
    origin: textAt(item, "origin"),
    expiresAt: numberAt(item, expiresAt),
  };
}

/**
 * Parses an item of any kind, or an image of it in the stream. Unknown attributes are ignored, since a later
 * version may have written them.
 *
 * @throws UnreadableItemError if an attribute is not in the format that this version writes.
 */
export function readItem(item: Attributes): StoredItem {
  if (item[removedAt] !== undefined) {
    return readTombstone(item);
  }
  return kindOf(item[sortKey]?.S ?? "") === "session" ? readSession(item) : readState(item);
}

/** Parses an item as `readItem` does. Returns `undefined` if it is unreadable. */
export function readItemIfReadable(item: Attributes): StoredItem | undefined {
  try {
    return readItem(item);
  } catch (error) {
    if (error instanceof UnreadableItemError) {
      return undefined;
    }
    throw error;
  }
}
