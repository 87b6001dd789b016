import {
  type AttributeValue,
  BatchWriteItemCommand,
  type DynamoDBClient,
} from "@aws-sdk/client-dynamodb";

import { createAgentStore } from "../../functions/store/agent-store.ts";
import { aSession, anItem } from "./item.ts";

/** An account of its own, so that it has no other agents. */
export const CROWDED_ACCOUNT = "20000000002";

const BATCH = 25;
const FIRST_MS = Date.parse("2026-11-22T00:00:00.000Z");

/** Of every five agents, two are available on chat, two are not, and one changes all the time. */
const kindOf = (index: number) =>
  (["available", "available", "unavailable", "unavailable", "flipping"] as const)[index % 5] ??
  "flipping";

const idOf = (index: number) => `a${String(index).padStart(5, "0")}`;

/** Distinct seconds, in an order that is independent of the IDs. */
const sinceOf = (index: number) =>
  new Date(FIRST_MS + 1000 * ((index * 7919) % 10_007)).toISOString();

function itemOf(index: number): Record<string, AttributeValue> {
  const isAvailable = kindOf(index) !== "unavailable";
  const since = { S: sinceOf(index) };
  const { freshchatAvailableSince: _since, ...item } = anItem({
    accountId: { S: CROWDED_ACCOUNT },
    availabilityId: { S: idOf(index) },
    name: { S: `Agent ${index}` },
    email: { S: `agent${index}@acme.com` },
    channels: {
      M: {
        freshchat: { M: { available: { BOOL: isAvailable }, agentId: { S: `chat-${index}` } } },
      },
    },
    freshchatAgentId: { S: `chat-${index}` },
  });
  return {
    ...item,
    [isAvailable ? "freshchatAvailableSince" : "freshchatUnavailableSince"]: since,
  };
}

/** A person who has logged out. Only the session contains the user ID. */
export const LOGGED_OUT_PERSON = { userId: "72000000007", availabilityId: idOf(7) };

/** Writes agents and a session into the table, as the store would have written them. */
export async function fill(client: DynamoDBClient, tableName: string, count: number) {
  const session = aSession({
    accountId: { S: CROWDED_ACCOUNT },
    availabilityId: { S: `session:${LOGGED_OUT_PERSON.userId}` },
    userId: { S: LOGGED_OUT_PERSON.userId },
    email: { S: "agent7@acme.com" },
    loggedIn: { BOOL: false },
    eventTimestamp: { N: "1795338060000000" },
    since: { S: "2026-11-22T09:01:00.000Z" },
  });
  const items = [session, ...Array.from({ length: count }, (_, index) => itemOf(index))];
  const writer = async () => {
    for (let batch = items.splice(0, BATCH); batch.length > 0; batch = items.splice(0, BATCH)) {
      const requests = batch.map((Item) => ({ PutRequest: { Item } }));
      await client.send(new BatchWriteItemCommand({ RequestItems: { [tableName]: requests } }));
    }
  };
  await Promise.all(Array.from({ length: 4 }, writer));
}

/** The agents that are always available, longest available first, and those that never are. */
export function certainAgents(count: number) {
  const all = Array.from({ length: count }, (_, index) => index);
  const of = (kind: ReturnType<typeof kindOf>) => all.filter((index) => kindOf(index) === kind);
  return {
    available: of("available")
      .toSorted((a, b) => (sinceOf(a) < sinceOf(b) ? -1 : 1))
      .map(idOf),
    unavailable: of("unavailable").map(idOf),
  };
}

/** Changes the chat availability of the changing agents through the store until it is stopped. */
export function startFlipping(client: DynamoDBClient, tableName: string, count: number) {
  const store = createAgentStore(client, tableName);
  const stopped = new AbortController();
  let flips = 0;
  const flipper = async (turn: number) => {
    const mine = Array.from({ length: Math.ceil(count / 20) }, (_, at) => 4 + 5 * turn + 20 * at);
    for (let step = 0; !stopped.signal.aborted; step += 1) {
      // Closed, and opened again at once: the agent moves to the end of the list, and may be read twice.
      const index = mine[Math.floor(step / 2) % mine.length] ?? 4;
      const available = step % 2 === 1;
      const updatedAt = new Date().toISOString();
      const { kind } = await store.apply(
        {
          accountId: CROWDED_ACCOUNT,
          availabilityId: idOf(index),
          updatedAt,
          eventTimestamp: Date.now() * 1000 + step,
          content: { channels: { freshchat: { available, agentId: `chat-${index}` } } },
          reportedChannelChanges: ["freshchat"],
        },
        { receivedAt: updatedAt, webhookId: "flip", origin: "relay" },
        new AbortController().signal,
      );
      flips += kind === "applied" ? 1 : 0;
    }
  };
  const flipping = Promise.all([0, 1, 2, 3].map(flipper));
  return {
    flips: () => flips,
    stop: async () => {
      stopped.abort();
      await flipping;
    },
  };
}
