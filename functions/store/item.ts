import {
  type AvailabilityChange,
  type ChannelAvailability,
  type KnownChannel,
  knownChannels,
  type SessionChange,
} from "../availability/change.ts";
import {
  agentIdAttribute,
  availableSinceAttribute,
  sessionSince,
  unavailableSinceAttribute,
} from "./attributes.ts";
import { orderHash } from "./content-hash.ts";

/** The delivery of a change to the hub. */
export interface Delivery {
  /** ISO 8601 UTC with milliseconds. */
  readonly receivedAt: string;
  /** The request's `webhook-id`; for an event in a batch, `{webhook-id}#{index}`. */
  readonly webhookId: string;
  readonly origin: "relay";
}

/** Attribute values by name; `undefined` means that the attribute is removed. */
export type Values = Readonly<Record<string, unknown>>;

function listKnownChannels(change: AvailabilityChange) {
  return knownChannels.flatMap((channel) => {
    const availability: ChannelAvailability | undefined = change.content.channels[channel];
    return availability ? [{ channel, ...availability }] : [];
  });
}

function agentIds(change: AvailabilityChange): Values {
  return Object.fromEntries(
    listKnownChannels(change).map(({ channel, agentId }) => [agentIdAttribute(channel), agentId]),
  );
}

/** A channel has one of the two attributes, or neither if its availability is unknown. */
const sinceAttribute = (channel: KnownChannel, available: boolean) =>
  available ? availableSinceAttribute(channel) : unavailableSinceAttribute(channel);

function sinceOfChannels(change: AvailabilityChange, isReported: boolean): Values {
  return Object.fromEntries(
    listKnownChannels(change).flatMap(({ channel, available }) =>
      available !== undefined && change.reportedChannelChanges.includes(channel) === isReported
        ? [[sinceAttribute(channel, available), change.updatedAt]]
        : [],
    ),
  );
}

/** A `Map`, because `marshall` mistakes an object with a channel named `constructor` for a class instance. */
const channelMap = ({ content }: AvailabilityChange) => new Map(Object.entries(content.channels));

function isAvailabilityChange(
  change: AvailabilityChange | SessionChange,
): change is AvailabilityChange {
  return "channels" in change.content;
}

function reportedAttributesOf(change: AvailabilityChange | SessionChange): Values {
  const { content, updatedAt } = change;
  if (!isAvailabilityChange(change)) {
    return { ...content, [sessionSince]: updatedAt };
  }
  return {
    ...content,
    channels: channelMap(change),
    ...agentIds(change),
    ...sinceOfChannels(change, true),
    createdAt: change.createdAt,
    reportedPrevious: change.reportedPrevious,
  };
}

/** Returns the attributes that a change sets, whatever is stored. */
export function attributesOf(change: AvailabilityChange | SessionChange, delivery: Delivery) {
  const { updatedAt, eventTimestamp, userId, domain, region } = change;
  return {
    updatedAt,
    eventTimestamp,
    contentHash: orderHash(change),
    userId,
    ...reportedAttributesOf(change),
    domain,
    region,
    ...delivery,
  };
}

/**
 * Returns the attributes that a change sets only if they are not stored: the epoch, and since when a
 * channel has been available or unavailable, if the event does not report a change of the channel.
 */
export function initialAttributesOf(
  change: AvailabilityChange | SessionChange,
  delivery: Delivery,
): Values {
  const since = isAvailabilityChange(change) ? sinceOfChannels(change, false) : {};
  return { ...since, epoch: Date.parse(delivery.receivedAt) };
}
