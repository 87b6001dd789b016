import { readFileSync } from "node:fs";

import { type AttributeValue, DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";

import { parsePayload } from "../../functions/availability/payload.ts";
import { createAgentStore } from "../../functions/store/agent-store.ts";
import { parseAgent } from "../../client/lookups/agent.ts";
import { aTable } from "../../tools/fakes/table.ts";

type Item = Record<string, AttributeValue>;

interface StoredItem {
  readonly title: string;
  /** The event from which the item was written. */
  readonly payload: object;
  readonly item: Item;
}

/** Items as first stored. Every later version has to read them. */
const storedItems = JSON.parse(
  readFileSync(new URL("stored-items.json", import.meta.url), "utf8"),
) as readonly StoredItem[];

async function applyTo(item: Item, payload: object) {
  const table = aTable();
  const { accountId, availabilityId } = item;
  table.items.set(JSON.stringify({ accountId, availabilityId }), item);
  const client = mockClient(DynamoDBClient);
  client.on(UpdateItemCommand).callsFake(table.update);
  const parsed = parsePayload(payload, new Date("2026-11-24T08:10:00.000Z"));
  if (!parsed.ok) {
    throw new Error("the payload is invalid");
  }
  const delivery = {
    receivedAt: "2026-11-24T08:10:00.000Z",
    webhookId: "w-2",
    origin: "relay",
  } as const;
  const outcome = await createAgentStore(new DynamoDBClient(), "agents").apply(
    parsed.change,
    delivery,
    new AbortController().signal,
  );
  return { outcome, item: [...table.items.values()][0] ?? {} };
}

/** The same event with a later `updated_at`. */
function later(payload: object): object {
  const text = JSON.stringify(payload).replace(
    /"updated_at":"[^"]+"/,
    '"updated_at":"2026-11-24T08:05:00Z"',
  );
  return JSON.parse(text) as object;
}

describe.each(storedItems)("a stored item $title", ({ payload, item }) => {
  it("is returned by the lookup reader, unless it is a tombstone", () => {
    const expected = "removedAt" in item ? undefined : item["availabilityId"]?.S;

    expect(parseAgent(item)?.availabilityId).toBe(expected);
  });

  it("is not changed by the event that wrote it: order and content hash are the same", async () => {
    const { outcome, item: after } = await applyTo(item, payload);

    expect(outcome).toEqual({ kind: "duplicate", version: Number(item["version"]?.N) });
    expect(after).toEqual(item);
  });

  it("is replaced by a later event, as the next version of the same epoch", async () => {
    const { outcome, item: after } = await applyTo(item, later(payload));

    expect(outcome).toEqual({ kind: "applied", version: Number(item["version"]?.N) + 1 });
    expect(after["epoch"]).toEqual(item["epoch"]);
    expect(after).not.toHaveProperty("removedAt");
  });
});
