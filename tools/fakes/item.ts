import type { AttributeValue } from "@aws-sdk/client-dynamodb";

type Item = Record<string, AttributeValue>;

/** An item of the table as the store writes it, with a test's own attributes. */
export function anItem(but: Item = {}): Item {
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
    ...but,
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
