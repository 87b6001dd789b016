import type { AttributeValue } from "@aws-sdk/client-dynamodb";

type Item = Record<string, AttributeValue>;

/** An item of the table as the store writes it, with a test's own attributes. */
export function anItem(overrides: Item = {}): Item {
  return {
    accountId: { S: "11010177632" },
    availabilityId: { S: "787096" },
    epoch: { N: "1795486584641" },
    version: { N: "7" },
    updatedAt: { S: "2026-11-22T09:00:00.000Z" },
    eventTimestamp: { N: "1795338000306384" },
    contentHash: { S: "2jmj7l5rSw0yVb_vlWAYkA" },
    name: { S: "Rachel" },
    email: { S: "rachel@acme.com" },
    loggedIn: { BOOL: true },
    status: {
      M: { id: { S: "232" }, name: { S: "On break" }, since: { S: "2026-11-22T08:50:00.000Z" } },
    },
    channels: {
      M: {
        freshchat: {
          M: {
            available: { BOOL: true },
            agentId: { S: "3282" },
            channelAccountId: { S: "29-sc" },
          },
        },
        telex: { M: { available: { BOOL: false } } },
      },
    },
    freshchatAgentId: { S: "3282" },
    freshchatAvailableSince: { S: "2026-11-22T08:55:00.000Z" },
    actor: { M: { type: { S: "agent" }, id: { S: "11032938000" } } },
    domain: { S: "acme.freshdesk.com" },
    region: { S: "US" },
    receivedAt: { S: "2026-11-22T09:00:01.000Z" },
    webhookId: { S: "w-1" },
    origin: { S: "relay" },
    ...overrides,
  };
}

/** The tombstone of a forgotten agent. */
export function aTombstone(availabilityId: string): Item {
  const { accountId, epoch, version, updatedAt, eventTimestamp, contentHash } = anItem();
  const kept = { accountId, epoch, version, updatedAt, eventTimestamp, contentHash } as Item;
  return {
    ...kept,
    availabilityId: { S: availabilityId },
    removedAt: { S: "2026-11-22T10:00:00.000Z" },
    removedBecause: { S: "forgotten" },
    expiresAt: { N: "1797934800" },
  };
}

/** The user ID of the person in `aUserItem` and `aSession`. */
const USER_ID = "72025350026";

/** The attributes that the items of every kind have. */
function aKeyedItem(availabilityId: string): Item {
  const { name: _n, loggedIn: _l, status: _s, channels: _c, actor: _a, ...common } = anItem();
  const { freshchatAgentId: _i, freshchatAvailableSince: _f, ...kept } = common;
  return {
    ...kept,
    availabilityId: { S: availabilityId },
    updatedAt: { S: "2026-11-22T09:00:00.120Z" },
    eventTimestamp: { N: "1795338000120394" },
    userId: { S: USER_ID },
  };
}

/** A `user:` item: a person of an account without custom statuses. */
export function aUserItem(overrides: Item = {}): Item {
  return {
    ...aKeyedItem(`user:${USER_ID}`),
    name: { S: "Rachel" },
    channels: { M: { freshdesk: { M: { available: { BOOL: true } } } } },
    freshdeskAvailableSince: { S: "2026-11-22T09:00:00.120Z" },
    ...overrides,
  };
}

/** A session item: a person who logged in. */
export function aSession(overrides: Item = {}): Item {
  return {
    ...aKeyedItem(`session:${USER_ID}`),
    loggedIn: { BOOL: true },
    since: { S: "2026-11-22T09:00:00.120Z" },
    ...overrides,
  };
}
