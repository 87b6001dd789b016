import { readFileSync } from "node:fs";

import { type AttributeValue, DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";

import { eventsOf } from "../../functions/availability/events.ts";
import { parsePayload } from "../../functions/availability/payload.ts";
import { isFence } from "../../functions/availability/state.ts";
import { createAgentStore } from "../../functions/store/agent-store.ts";
import { readItem } from "../../functions/store/read-item.ts";
import { agentIn } from "../../client/lookups/agent.ts";
import { aTable } from "../../tools/fakes/table.ts";

type Item = Record<string, AttributeValue>;

interface Stored {
  readonly what: string;
  /** What Freshdesk sent. */
  readonly payload: object;
  /** What the release made of it in the table, and what it told. */
  readonly item: Item;
  readonly before?: Item;
  /** What it means. */
  readonly state: object;
  readonly events: readonly object[];
}

/** Items as release 0.1.0 wrote them, never to be made anew: tables hold them. */
const stored = JSON.parse(
  readFileSync(new URL("stored-by-0.1.0.json", import.meta.url), "utf8"),
) as readonly Stored[];

/** JSON has no absent value but absence. */
const plain = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown;

async function applyTo(item: Item, payload: object) {
  const table = aTable();
  const { accountId, availabilityId } = item;
  table.items.set(JSON.stringify({ accountId, availabilityId }), item);
  const client = mockClient(DynamoDBClient);
  client.on(UpdateItemCommand).callsFake(table.update);
  const parsed = parsePayload(payload, new Date("2026-11-24T08:10:00.000Z"));
  if (!parsed.ok) {
    throw new Error("invalid");
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

/** The same change, later. */
function later(payload: object): object {
  const text = JSON.stringify(payload).replace(
    /"updated_at":"[^"]+"/,
    '"updated_at":"2026-11-24T08:05:00Z"',
  );
  return JSON.parse(text) as object;
}

describe.each(stored)(
  "an item that release 0.1.0 wrote: $what",
  ({ payload, item, before, state, events }) => {
    it("means what it meant then", () => {
      expect(plain(readItem(item))).toEqual(state);
    });

    it("is published with the same events as then", () => {
      const transition = {
        before: before && readItem(before),
        after: readItem(item),
        recordedAt: "2026-11-24T08:00:02.000Z",
      };

      expect(plain(eventsOf(transition, { personalData: true }))).toEqual(events);
    });

    it("is found by the reader, unless the agent is forgotten", () => {
      const found = agentIn(item);

      expect(found?.availabilityId).toBe(
        "removedAt" in item ? undefined : item["availabilityId"]?.S,
      );
    });

    it("knows the delivery that it was made of: order and hash are those of then", async () => {
      const { outcome, item: after } = await applyTo(item, payload);

      expect(outcome).toEqual({ kind: "duplicate", version: Number(item["version"]?.N) });
      expect(after).toEqual(item);
    });

    it("takes a newer change in the same epoch, as the version after", async () => {
      const { outcome, item: after } = await applyTo(item, later(payload));

      const version = Number(item["version"]?.N) + 1;
      expect(outcome).toEqual({ kind: "applied", version });
      expect(after["epoch"]).toEqual(item["epoch"]);
      expect(isFence(readItem(after))).toBe(false);
    });
  },
);
