import {
  type AvailabilityChange,
  type ChannelAvailability,
  type KnownChannel,
  knownChannels,
} from "../availability/change.ts";
import {
  agentIdAttribute,
  availableSinceAttribute,
  unavailableSinceAttribute,
} from "./attributes.ts";
import { orderHash } from "./content-hash.ts";

/** How a change came here. */
export interface Delivery {
  /** ISO 8601 UTC with milliseconds. */
  readonly receivedAt: string;
  /** The delivery's id; of a list's item `{id}#{index}`. */
  readonly webhookId: string;
  readonly origin: "relay";
}

/** `available` decides which of the two attributes a channel has; when it is unknown, neither. */
const sinceAttribute = (channel: KnownChannel, available: boolean) =>
  available ? availableSinceAttribute(channel) : unavailableSinceAttribute(channel);

function knownIn(change: AvailabilityChange) {
  return knownChannels.flatMap((channel) => {
    const known: ChannelAvailability | undefined = change.content.channels[channel];
    return known ? [{ channel, ...known }] : [];
  });
}

function agentIds(change: AvailabilityChange): Record<string, string | undefined> {
  return Object.fromEntries(
    knownIn(change).map(({ channel, agentId }) => [agentIdAttribute(channel), agentId]),
  );
}

/** What a change sets, whatever was stored. What is `undefined` is removed. */
export function replacedBy(change: AvailabilityChange, delivery: Delivery) {
  const { content, updatedAt, eventTimestamp, domain, region, createdAt, reportedPrevious } =
    change;
  return {
    updatedAt,
    eventTimestamp,
    contentHash: orderHash(change),
    ...content,
    ...agentIds(change),
    ...statedSince(change),
    domain,
    region,
    createdAt,
    reportedPrevious,
    ...delivery,
  };
}

function sinceOf(change: AvailabilityChange, isStated: boolean): Record<string, string> {
  const names = knownIn(change).flatMap(({ channel, available }) =>
    available === undefined || change.reportedChannelChanges.includes(channel) !== isStated
      ? []
      : [sinceAttribute(channel, available)],
  );
  return Object.fromEntries(names.map((name) => [name, change.updatedAt]));
}

/** Since when channels are as they are, where the change itself says that it opened or closed them. */
const statedSince = (change: AvailabilityChange) => sinceOf(change, true);

/** The same for channels of which it does not say so: set only if nothing older is stored. */
export const firstSeenSince = (change: AvailabilityChange) => sinceOf(change, false);
