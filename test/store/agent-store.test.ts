import { createHash } from "node:crypto";

import { DynamoDBClient, UpdateItemCommand, type AttributeValue } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import * as fc from "fast-check";

import { eventsOf } from "../../functions/availability/events.ts";
import { parsePayload } from "../../functions/availability/payload.ts";
import { createAgentStore } from "../../functions/store/agent-store.ts";
import { contentHash } from "../../functions/store/content-hash.ts";
import { type Attributes, readItem } from "../../functions/store/read-item.ts";
import { aPayload } from "../builders/payload.ts";
import { aTable } from "../builders/table.ts";

const client = mockClient(DynamoDBClient);
const signal = new AbortController().signal;
const delivery = {
  receivedAt: "2026-11-24T12:00:00.000Z",
  webhookId: "w",
  origin: "relay",
} as const;

function changeOf(payload: unknown) {
  const parsed = parsePayload(payload, new Date());
  if (!parsed.ok) {
    throw new Error("invalid");
  }
  return parsed.change;
}

function aStore() {
  const table = aTable();
  client.reset();
  client.on(UpdateItemCommand).callsFake(table.update);
  return { table, store: createAgentStore(new DynamoDBClient(), "agents") };
}

const stable = [
  "updatedAt",
  "eventTimestamp",
  "contentHash",
  "name",
  "email",
  "loggedIn",
  "status",
  "channels",
  "actor",
];

const eventArbitrary = fc.record({
  minute: fc.integer({ min: 0, max: 4 }),
  timestamp: fc.integer({ min: 1_600_000_000, max: 1_600_000_002 }),
  status: fc.constantFrom(1, 2, null),
  available: fc.constantFrom(true, false, null),
  name: fc.constantFrom("Rachel", null),
});

it("ends in the same state for any order and repetition of a history, with one event set a version", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(eventArbitrary, { minLength: 1, maxLength: 8 }),
      fc.infiniteStream(fc.nat()),
      async (history, noise) => {
        const changes = history.map(({ minute, timestamp, status, available, name }) =>
          changeOf(
            aPayload({
              agent: {
                name,
                status_id: status,
                updated_at: `2026-11-20T08:0${minute}:00Z`,
                channel_availability: [{ channel: "freshchat", available }],
              },
              timestamp,
            }),
          ),
        );
        const finals = [];
        for (const order of [
          changes,
          changes.toReversed(),
          [...changes, ...changes].toSorted(() => (noise.next().value % 3) - 1),
        ]) {
          const { table, store } = aStore();
          let applied = 0;
          for (const change of order) {
            const outcome = await store.apply(change, delivery, signal);
            applied += outcome.kind === "applied" ? 1 : 0;
            expect(outcome.version).toBe(applied);
          }
          const [item = {}] = table.items.values();
          expect(item["version"]).toEqual({ N: String(applied) });
          const ids = table.images.flatMap(({ before, after }) =>
            eventsOf(
              {
                before: before && readItem(before),
                after: readItem(after),
                recordedAt: delivery.receivedAt,
              },
              { personalData: false },
            )
              .filter(({ detailType }) => detailType === "Agent Availability Changed")
              .map(({ detail }) => detail.metadata.version),
          );
          expect(ids).toEqual(Array.from({ length: applied }, (_, index) => index + 1));
          finals.push(Object.fromEntries(stable.map((name) => [name, item[name]])));
        }
        expect(finals[1]).toEqual(finals[0]);
        expect(finals[2]).toEqual(finals[0]);
      },
    ),
    { numRuns: 60 },
  );
});

describe("a change", () => {
  it("replaces the whole state: what it does not say is removed", async () => {
    const { table, store } = aStore();
    await store.apply(
      changeOf(aPayload({ agent: { updated_at: "2026-11-20T08:00:00Z" } })),
      delivery,
      signal,
    );
    await store.apply(
      changeOf(
        aPayload({
          agent: {
            updated_at: "2026-11-20T08:01:00Z",
            Email: null,
            name: null,
            status_id: null,
            channel_availability: [],
          },
          actor: { type: "?" },
          domain: null,
        }),
      ),
      delivery,
      signal,
    );

    const [item = {}] = table.items.values();
    expect(Object.keys(item).toSorted()).toEqual([
      "accountId",
      "availabilityId",
      "channels",
      "contentHash",
      "createdAt",
      "epoch",
      "eventTimestamp",
      "loggedIn",
      "origin",
      "receivedAt",
      "region",
      "status",
      "updatedAt",
      "version",
      "webhookId",
    ]);
    expect(item["version"]).toEqual({ N: "2" });
  });

  it("keeps since when a channel is open, unless it says itself that it opened it", async () => {
    const { table, store } = aStore();
    const open = (minute: number, changes?: object) =>
      changeOf(
        aPayload({
          agent: {
            updated_at: `2026-11-20T08:0${minute}:00Z`,
            channel_availability: [{ channel: "freshchat", available: true }],
          },
          changes,
        }),
      );
    const since = () => [...table.items.values()][0]?.["freshchatAvailableSince"]?.S;
    await store.apply(open(1), delivery, signal);
    await store.apply(open(2), delivery, signal);
    expect(since()).toBe("2026-11-20T08:01:00.000Z");

    const lists = [false, true].map((available) => [{ channel: "freshchat", available }]);
    await store.apply(
      open(3, { model_changes: { channel_availability: lists } }),
      delivery,
      signal,
    );
    expect(since()).toBe("2026-11-20T08:03:00.000Z");
  });
});

it("hashes the canonical JSON of what is said, and nothing of the delivery", () => {
  const canonical =
    '{"actor":{"id":"1","type":"agent"},"channels":{"freshchat":{"agentId":"3","available":true}},"email":"r@acme.com","loggedIn":true,"name":"Zoë","status":{"id":"2","name":"On break"}}';
  const expected = createHash("sha256")
    .update(canonical)
    .digest()
    .subarray(0, 16)
    .toString("base64url");

  const hash = contentHash({
    status: { name: "On break", id: "2", since: undefined },
    name: "Zoë",
    loggedIn: true,
    email: "r@acme.com",
    channels: { freshchat: { available: true, agentId: "3" } },
    actor: { type: "agent", id: "1" },
  });

  expect(hash).toBe(expected);
  expect(contentHash({ channels: {} })).toBe("J_5GEPzgQMZ9FOdHKPMk7Q");
});

/** DynamoDB's rule: names and values in UTF-8, numbers by their digits, 3 bytes a map and 1 for each entry. */
function sizeOf(value: AttributeValue): number {
  if (value.M !== undefined) {
    return (
      3 +
      Object.entries(value.M).reduce(
        (sum, [name, inner]) => sum + 1 + Buffer.byteLength(name) + sizeOf(inner),
        0,
      )
    );
  }
  return value.N === undefined
    ? Buffer.byteLength(value.S ?? "x")
    : Math.ceil(value.N.length / 2) + 1;
}

it("takes one write unit for a realistic agent with three channels open", async () => {
  const { table, store } = aStore();
  const channel_availability = ["freshdesk", "freshchat", "freshcaller"].map((channel) => ({
    channel,
    available: true,
    agent_id: "32938123",
    channel_account_id: channel === "freshchat" ? "293829-sc38983u4-3u3ru38" : "432",
  }));
  const changes = {
    model_changes: {
      status_id: [123, 232],
      status_updated_at: ["2026-11-20T07:00:00Z", "2026-11-20T08:00:00Z"],
    },
  };
  await store.apply(
    changeOf(aPayload({ agent: { channel_availability }, changes })),
    { ...delivery, webhookId: `availability_${"x".repeat(43)}` },
    signal,
  );

  const [item = {}] = table.items.values();
  const bytes = Object.entries(item).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + sizeOf(value),
    0,
  );
  expect(bytes).toBeGreaterThan(600);
  expect(bytes).toBeLessThanOrEqual(1024);
});

it("names the path of whatever is not as it is written", async () => {
  const { table, store } = aStore();
  await store.apply(changeOf(aPayload()), delivery, signal);
  const [item = {}] = table.items.values();
  const broken: readonly [string, Attributes][] = [
    ["epoch", { ...item, epoch: { S: "1" } }],
    ["channels", { ...item, channels: { S: "x" } }],
    [
      "channels.freshchat.available",
      { ...item, channels: { M: { freshchat: { M: { available: { S: "yes" } } } } } },
    ],
    ["status.id", { ...item, status: { M: {} } }],
    ["actor.type", { ...item, actor: { M: { type: { S: "robot" } } } }],
  ];

  for (const [path, attributes] of broken) {
    expect(() => readItem(attributes)).toThrow(`${path} is not`);
  }
  expect(readItem(item)).toMatchObject({
    version: 1,
    since: { freshdesk: { availableSince: expect.any(String) } },
  });
});
