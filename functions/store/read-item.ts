import type { AttributeValue } from "@aws-sdk/client-dynamodb";

import {
  type Actor,
  type AgentStatus,
  type ChannelAvailability,
  type KnownChannel,
  knownChannels,
  type ReportedPrevious,
} from "../availability/change.ts";
import type { AgentState, ChannelSince, StoredAgent } from "../availability/state.ts";
import {
  availableSinceAttribute,
  expiresAt,
  orderTypes,
  removedAt,
  removedBecause,
  unavailableSinceAttribute,
} from "./attributes.ts";

/** An item, or a part of one, in the format of DynamoDB and its streams. */
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** A stored item that this version cannot parse. Names the path, never a value. */
export class UnreadableItemError extends Error {
  override readonly name = "UnreadableItemError";
  readonly path: string;

  constructor(path: string, allowed: string) {
    super(`${path} must be ${allowed}`);
    this.path = path;
  }
}

function textAt(item: Attributes, name: string, path = name): string | undefined {
  const value = item[name];
  if (value === undefined) {
    return undefined;
  }
  if (value.S === undefined) {
    throw new UnreadableItemError(path, "a string");
  }
  return value.S;
}

function numberAt(item: Attributes, name: string): number {
  const value = Number(item[name]?.N);
  if (!Number.isSafeInteger(value)) {
    throw new UnreadableItemError(name, "a safe integer");
  }
  return value;
}

function booleanAt(item: Attributes, name: string, path = name): boolean | undefined {
  const value = item[name];
  if (value !== undefined && value.BOOL === undefined) {
    throw new UnreadableItemError(path, "a boolean");
  }
  return value?.BOOL;
}

function mapAt(item: Attributes, name: string, path = name): Attributes | undefined {
  const value = item[name];
  if (value !== undefined && value.M === undefined) {
    throw new UnreadableItemError(path, "a map");
  }
  return value?.M;
}

function required<Value>(value: Value | undefined, path: string): Value {
  if (value === undefined) {
    throw new UnreadableItemError(path, "present");
  }
  return value;
}

function statusIn(item: Attributes): AgentStatus | undefined {
  const status = mapAt(item, "status");
  return (
    status && {
      id: required(textAt(status, "id", "status.id"), "status.id"),
      name: textAt(status, "name", "status.name"),
      since: textAt(status, "since", "status.since"),
    }
  );
}

function actorIn(item: Attributes): Actor | undefined {
  const actor = mapAt(item, "actor");
  if (actor === undefined) {
    return undefined;
  }
  const type = textAt(actor, "type", "actor.type");
  if (type !== "agent" && type !== "system") {
    throw new UnreadableItemError("actor.type", '"agent" or "system"');
  }
  return {
    type,
    id: textAt(actor, "id", "actor.id"),
    name: textAt(actor, "name", "actor.name"),
  };
}

function channelIn(channels: Attributes, name: string): ChannelAvailability {
  const path = `channels.${name}`;
  const channel = required(mapAt(channels, name, path), path);
  return {
    available: booleanAt(channel, "available", `${path}.available`),
    agentId: textAt(channel, "agentId", `${path}.agentId`),
    channelAccountId: textAt(channel, "channelAccountId", `${path}.channelAccountId`),
  };
}

function channelsIn(item: Attributes): Record<string, ChannelAvailability> {
  const channels = required(mapAt(item, "channels"), "channels");
  return Object.fromEntries(Object.keys(channels).map((name) => [name, channelIn(channels, name)]));
}

function reportedPreviousIn(item: Attributes): ReportedPrevious | undefined {
  const previous = mapAt(item, "reportedPrevious");
  return (
    previous && {
      statusId: textAt(previous, "statusId", "reportedPrevious.statusId"),
      statusSince: textAt(previous, "statusSince", "reportedPrevious.statusSince"),
    }
  );
}

function sinceIn(item: Attributes): Partial<Record<KnownChannel, ChannelSince>> {
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
 * Whether an item has a place in the order of its agent's changes, and a count. The store replaces any other
 * item as if nothing were stored: it was not written by this project.
 */
export function isOrdered(item: Attributes): boolean {
  const isTyped = Object.entries(orderTypes).every(([name, type]) =>
    Object.hasOwn(item[name] ?? {}, type),
  );
  return isTyped && item["epoch"] !== undefined && item["version"] !== undefined;
}

/** Returns the number of changes applied in the item's epoch. */
export const versionIn = (item: Attributes): number => numberAt(item, "version");

/** Returns the key, the count and the order of an item: what every item has, tombstones included. */
export function countIn(item: Attributes) {
  return {
    accountId: required(textAt(item, "accountId"), "accountId"),
    availabilityId: required(textAt(item, "availabilityId"), "availabilityId"),
    epoch: numberAt(item, "epoch"),
    version: numberAt(item, "version"),
    updatedAt: required(textAt(item, "updatedAt"), "updatedAt"),
    eventTimestamp: numberAt(item, "eventTimestamp"),
    contentHash: required(textAt(item, "contentHash"), "contentHash"),
  };
}

function stateIn(item: Attributes): AgentState {
  return {
    ...countIn(item),
    name: textAt(item, "name"),
    email: textAt(item, "email"),
    loggedIn: booleanAt(item, "loggedIn"),
    status: statusIn(item),
    channels: channelsIn(item),
    actor: actorIn(item),
    domain: textAt(item, "domain"),
    region: textAt(item, "region"),
    createdAt: textAt(item, "createdAt"),
    receivedAt: required(textAt(item, "receivedAt"), "receivedAt"),
    webhookId: textAt(item, "webhookId"),
    origin: required(textAt(item, "origin"), "origin"),
    reportedPrevious: reportedPreviousIn(item),
    since: sinceIn(item),
  };
}

/**
 * Parses an item of the table, or an image of it in the stream. Unknown attributes are ignored, since a later
 * version may have written them.
 *
 * @throws UnreadableItemError if an attribute is not as this version writes it.
 */
export function readItem(item: Attributes): StoredAgent {
  const removed = textAt(item, removedAt);
  return removed === undefined
    ? stateIn(item)
    : {
        ...countIn(item),
        removedAt: removed,
        removedBecause: required(textAt(item, removedBecause), removedBecause),
        expiresAt: numberAt(item, expiresAt),
      };
}
