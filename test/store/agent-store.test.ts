import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DynamoDBClient,
  DynamoDBServiceException,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import * as fc from "fast-check";

import { eventsOf } from "../../functions/availability/events.ts";
import { parsePayload } from "../../functions/availability/payload.ts";
import { removalOf } from "../../functions/availability/removal.ts";
import {
  ChangeRejectedError,
  createAgentStore,
  StoreUnavailableError,
} from "../../functions/store/agent-store.ts";
import { type Attributes, readItem } from "../../functions/store/read-item.ts";
import { anItem } from "../builders/item.ts";
import { aPayload, minutesAgo } from "../../tools/fakes/payload.ts";
import { aTable } from "../../tools/fakes/table.ts";

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

it("ends in the same state for any order and number of deliveries, with one set of events per version", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(eventArbitrary, { minLength: 1, maxLength: 8 }),
      fc.infiniteStream(fc.nat()),
      async (history, randomNumbers) => {
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
          [...changes, ...changes].toSorted(() => (randomNumbers.next().value % 3) - 1),
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
  it("stores channels that are named like properties of every JavaScript object", async () => {
    const { table, store } = aStore();
    const names = ["constructor", "toString", "hasOwnProperty", "valueOf", "toJSON"];
    const channel_availability = names.map((channel) => ({ channel, available: true }));

    await store.apply(changeOf(aPayload({ agent: { channel_availability } })), delivery, signal);

    const [item = {}] = table.items.values();
    const available = { M: { available: { BOOL: true } } };
    expect(item["channels"]?.M).toEqual({
      constructor: available,
      toString: available,
      hasOwnProperty: available,
      valueOf: available,
      toJSON: available,
    });
    const events = eventsOf(
      { before: undefined, after: readItem(item), recordedAt: delivery.receivedAt },
      { personalData: false },
    );
    expect(events.flatMap(({ detail }) => ("channel" in detail ? [detail.channel] : []))).toEqual(
      names.toSorted(),
    );
  });

  it("replaces the whole state: values that it does not report are removed", async () => {
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

  it("keeps since when a channel has been available, unless it reports that the channel changed", async () => {
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

  it("stores since when each channel has been available or unavailable, and the agent's ID in the channel", async () => {
    const { table, store } = aStore();
    const channel_availability = [
      { channel: "freshdesk", available: true, agent_id: 32938 },
      { channel: "freshchat", available: false, agent_id: "3282" },
      { channel: "freshcaller", agent_id: "432" },
      { channel: "telex", available: true, agent_id: "5" },
    ];

    await store.apply(
      changeOf(aPayload({ agent: { updated_at: "2026-11-20T08:00:00Z", channel_availability } })),
      delivery,
      signal,
    );

    const [item = {}] = table.items.values();
    expect(
      Object.entries(item).filter(([name]) => /^(fresh|telex).*(AgentId|Since)$/.test(name)),
    ).toEqual([
      ["freshdeskAgentId", { S: "32938" }],
      ["freshchatAgentId", { S: "3282" }],
      ["freshcallerAgentId", { S: "432" }],
      ["freshdeskAvailableSince", { S: "2026-11-20T08:00:00.000Z" }],
      ["freshchatUnavailableSince", { S: "2026-11-20T08:00:00.000Z" }],
    ]);
  });
});

describe("a change that DynamoDB does not apply", () => {
  const dynamoDbError = (name: string) =>
    new DynamoDBServiceException({ name, $fault: "client", message: "no", $metadata: {} });
  const applying = async (rejection: Error) => {
    const { store } = aStore();
    client.on(UpdateItemCommand).rejects(rejection);
    return await store
      .apply(changeOf(aPayload()), delivery, signal)
      .catch((thrown: unknown) => thrown);
  };

  it.each(["ValidationException", "SerializationException"])(
    "because of %s is rejected, since every retry would fail",
    async (name) => {
      const error = dynamoDbError(name);
      const thrown = await applying(error);

      expect(thrown).toBeInstanceOf(ChangeRejectedError);
      expect(thrown).toMatchObject({ name: "ChangeRejectedError", cause: error });
      expect(String(thrown)).toContain("DynamoDB rejected the write as invalid");
    },
  );

  it.each([
    dynamoDbError("ProvisionedThroughputExceededException"),
    dynamoDbError("AccessDeniedException"),
    new Error("socket hang up"),
    Object.assign(new Error("an error of another class with the same name"), {
      name: "ValidationException",
    }),
  ])("because of %s can be retried", async (error) => {
    const thrown = await applying(error);

    expect(thrown).toBeInstanceOf(StoreUnavailableError);
    expect(thrown).toMatchObject({ name: "StoreUnavailableError", cause: error });
    expect(String(thrown)).toContain("the write to DynamoDB failed");
  });

  it("is reported as a bug if it is newer than the stored one", async () => {
    const { table, store } = aStore();
    await store.apply(
      changeOf(aPayload({ agent: { updated_at: "2026-11-20T08:00:00Z" } })),
      delivery,
      signal,
    );
    const [item = {}] = table.items.values();
    const rejection = new ConditionalCheckFailedException({
      message: "no",
      $metadata: {},
      Item: item,
    });
    client.on(UpdateItemCommand).rejects(rejection);

    await expect(
      store.apply(
        changeOf(aPayload({ agent: { updated_at: "2026-11-20T08:01:00Z" } })),
        delivery,
        signal,
      ),
    ).rejects.toThrow("the table rejected a change that is newer than the stored one");
  });

  it("is reported as a bug if it is a removal of the person's item and newer", async () => {
    const { store } = aStore();
    const person = { accountId: "11010177632", userId: "7", email: "rachel@acme.com" };
    const time = { updatedAt: "2026-11-23T00:00:00.000Z", eventTimestamp: 1_795_392_000_000_000 };
    const removal = removalOf({ ...person, ...time }, "787096");
    const removeAgainst = async (item: ReturnType<typeof anItem>) => {
      const rejection = { message: "no", $metadata: {}, Item: item };
      client.on(UpdateItemCommand).rejects(new ConditionalCheckFailedException(rejection));
      return await store.apply(removal, delivery, signal);
    };

    await expect(removeAgainst(anItem())).rejects.toThrow("the table rejected a change");
    await expect(removeAgainst(anItem({ userId: { S: "7" } }))).rejects.toThrow(
      "the table rejected a change",
    );
    const itemsOfOthers = [
      anItem({ userId: { S: "9" } }),
      anItem({ email: { S: "other@acme.com" } }),
    ];
    for (const item of itemsOfOthers) {
      expect(await removeAgainst(item)).toEqual({ kind: "stale", version: 7 });
    }
  });
});

describe("an event", () => {
  it.each([
    ["no updatedAt", { updatedAt: undefined }],
    ["updatedAt as a number", { updatedAt: { N: "1" } }],
    ["no eventTimestamp", { eventTimestamp: undefined }],
    ["eventTimestamp as text", { eventTimestamp: { S: "1" } }],
    ["no contentHash", { contentHash: undefined }],
    ["contentHash as a map", { contentHash: { M: {} } }],
    ["no epoch", { epoch: undefined }],
    ["no version", { version: undefined }],
    [
      "nothing but a name",
      Object.fromEntries(Object.keys(anItem()).map((name) => [name, undefined])),
    ],
  ])("replaces an item that was written manually with %s", async (_, broken) => {
    const { table, store } = aStore();
    const change = changeOf(aPayload());
    const later = changeOf(aPayload({ agent: { updated_at: minutesAgo(1) } }));
    const key = { accountId: { S: "11010177632" }, availabilityId: { S: "787096" } };
    const newer = { updatedAt: { S: "2099-01-01T00:00:00.000Z" } };
    const item = Object.entries({ ...anItem(newer), ...broken, ...key, name: { S: "Ross" } });
    const defined = item.filter(([, value]) => value !== undefined);
    table.items.set(JSON.stringify(key), Object.fromEntries(defined));

    expect(await store.apply(change, delivery, signal)).toMatchObject({ kind: "applied" });
    expect(await store.apply(change, delivery, signal)).toMatchObject({ kind: "duplicate" });
    expect(await store.apply(later, delivery, signal)).toMatchObject({ kind: "applied" });
    expect(readItem([...table.items.values()][0] ?? {})).toMatchObject({ name: "Rachel" });
  });

  it("is aborted by the signal of its request", async () => {
    const { store } = aStore();
    const { signal: abortSignal } = new AbortController();

    await store.apply(changeOf(aPayload()), delivery, abortSignal);

    expect(client.commandCalls(UpdateItemCommand)[0]?.args).toEqual([
      expect.any(UpdateItemCommand),
      { abortSignal },
    ]);
  });
});

describe("prewarm", () => {
  it("sends a write whose condition never holds", async () => {
    const { store } = aStore();
    client
      .on(UpdateItemCommand)
      .rejects(new ConditionalCheckFailedException({ message: "no", $metadata: {} }));

    await expect(store.prewarm()).resolves.toBeUndefined();
    expect(client.commandCalls(UpdateItemCommand)[0]?.args[0].input).toEqual({
      TableName: "agents",
      Key: { accountId: { S: "_prewarm" }, availabilityId: { S: "_prewarm" } },
      ConditionExpression: "attribute_exists(accountId)",
    });
  });

  it("reports any other error", async () => {
    const { store } = aStore();
    client.on(UpdateItemCommand).rejects(new Error("unreachable"));

    await expect(store.prewarm()).rejects.toThrow("unreachable");
  });
});

/** Size by DynamoDB's rule: UTF-8 bytes, half a byte per digit, 3 bytes per map and 1 per entry. */
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

it("stores a realistic agent with three channels open in one write unit", async () => {
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
  const bytesOf = (attributes: Attributes) =>
    Object.entries(attributes).reduce(
      (sum, [name, value]) => sum + Buffer.byteLength(name) + sizeOf(value),
      0,
    );
  expect(bytesOf(item)).toBeGreaterThan(600);
  expect(bytesOf(item)).toBeLessThanOrEqual(1024);
  const reconciled = { userId: { S: "72025350026" }, reconciledAt: item["updatedAt"] ?? { S: "" } };
  expect(bytesOf({ ...item, ...reconciled })).toBeLessThanOrEqual(1152);
});

it("names the path of an attribute that cannot be parsed", async () => {
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
    expect(() => readItem(attributes)).toThrow(`${path} must be`);
  }
  expect(readItem(item)).toMatchObject({
    version: 1,
    since: { freshdesk: { availableSince: expect.any(String) } },
  });
});
