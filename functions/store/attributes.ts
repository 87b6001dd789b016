import { type KnownChannel, knownChannels } from "../availability/change.ts";

/** The table's key: an account is a partition, an agent of it an item. */
export const partitionKey = "accountId";
export const sortKey = "availabilityId";

/** `freshdeskAgentId`: the agent's id in a channel, key of that channel's index. */
export const agentIdAttribute = <Channel extends KnownChannel>(channel: Channel) =>
  `${channel}AgentId` as const;

/** `freshchatAvailableSince`: there only while the agent is available, so that its index is sparse. */
export const availableSinceAttribute = <Channel extends KnownChannel>(channel: Channel) =>
  `${channel}AvailableSince` as const;

/** `freshchatUnavailableSince`: there only while the agent is known to be unavailable. */
export const unavailableSinceAttribute = <Channel extends KnownChannel>(channel: Channel) =>
  `${channel}UnavailableSince` as const;

/** The attributes that order the writes of an item, and their DynamoDB types. */
export const orderTypes = { updatedAt: "S", eventTimestamp: "N", contentHash: "S" } as const;

/** Attributes that only the tombstone of a forgotten agent has. */
export const removedAt = "removedAt";
export const expiresAt = "expiresAt";

/** Attributes that are removed where a change does not say them. */
export const replacedAttributes = [
  "name",
  "email",
  "loggedIn",
  "status",
  "channels",
  "actor",
  "domain",
  "region",
  "createdAt",
  "receivedAt",
  "webhookId",
  "origin",
  "reportedPrevious",
  ...knownChannels.map(agentIdAttribute),
  ...knownChannels.map(availableSinceAttribute),
  ...knownChannels.map(unavailableSinceAttribute),
  removedAt,
  expiresAt,
] as const;

/** The index by e-mail address. */
export const emailIndex = { name: "ByEmail", sortKey: "email" } as const;

const titled = (text: string) => text.replace(/^./, (first) => first.toUpperCase());

/** The index by a channel's agent id, such as `ByFreshchatAgentId`. */
export const agentIdIndex = (channel: KnownChannel) => ({
  name: `By${titled(channel)}AgentId`,
  sortKey: agentIdAttribute(channel),
});

/** The index of who is available now, longest waiting first, such as `AvailableOnFreshchat`. */
export const availableIndex = (channel: KnownChannel) => ({
  name: `AvailableOn${titled(channel)}`,
  sortKey: availableSinceAttribute(channel),
  carries: agentIdAttribute(channel),
});
