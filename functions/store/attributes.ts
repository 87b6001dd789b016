import { type KnownChannel, knownChannels } from "../availability/change.ts";

/** The key of the table: accounts are partitions, their agents are items. */
export const partitionKey = "accountId";
export const sortKey = "availabilityId";

/** `freshdeskAgentId`: ID of the agent in a channel, and key of that channel's index. */
export const agentIdAttribute = <Channel extends KnownChannel>(channel: Channel) =>
  `${channel}AgentId` as const;

/** `freshchatAvailableSince`: present only while the agent is available, so that its index is sparse. */
export const availableSinceAttribute = <Channel extends KnownChannel>(channel: Channel) =>
  `${channel}AvailableSince` as const;

/** `freshchatUnavailableSince`: present only while the agent is known to be unavailable. */
export const unavailableSinceAttribute = <Channel extends KnownChannel>(channel: Channel) =>
  `${channel}UnavailableSince` as const;

/** The attributes that order the writes of an item, and their DynamoDB types. */
export const orderTypes = { updatedAt: "S", eventTimestamp: "N", contentHash: "S" } as const;

/** The agent's user ID in Freshdesk, once known; also the key of an index. */
export const userId = "userId";

/** Whether the agent is logged in, according to the last availability event or the session. */
export const loggedIn = "loggedIn";

/** When the login state of a session began. */
export const sessionSince = "since";

/** Newest time of the Freshdesk snapshots that an availability item was compared with. */
export const reconciledAt = "reconciledAt";

/** Attributes that only a tombstone has. */
export const removedAt = "removedAt";
export const removedBecause = "removedBecause";
export const expiresAt = "expiresAt";

/** Attributes that an event reports, and those that describe how it arrived. */
const reportedAttributes = [
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
] as const;

/** Attributes that a change removes if it does not set them. */
export const replacedAttributes = [
  ...reportedAttributes,
  removedAt,
  removedBecause,
  expiresAt,
] as const;

/** Attributes that a removal removes: all but the key, epoch, version and order. */
export const removableAttributes = [
  ...reportedAttributes,
  userId,
  sessionSince,
  reconciledAt,
] as const;

export const emailIndex = { name: "ByEmail", sortKey: "email" } as const;

export const userIdIndex = { name: "ByUserId", sortKey: userId } as const;

const capitalize = (text: string) => text.replace(/^./, (first) => first.toUpperCase());

/** The index by agent ID in a channel, such as `ByFreshchatAgentId`. */
export const agentIdIndex = (channel: KnownChannel) => ({
  name: `By${capitalize(channel)}AgentId`,
  sortKey: agentIdAttribute(channel),
});

/** The index of available agents, longest available first, such as `AvailableOnFreshchat`. */
export const availableIndex = (channel: KnownChannel) => ({
  name: `AvailableOn${capitalize(channel)}`,
  sortKey: availableSinceAttribute(channel),
  nonKeyAttributes: [agentIdAttribute(channel), userId] as const,
});
