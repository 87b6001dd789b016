import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import { type AttributeValue, type DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import middy from "@middy/core";

import type { AgentAvailabilityEvent } from "../../../client/events/event.ts";
import { anEvent } from "../../../client/events/an-event.ts";
import { EventError } from "../../../client/events/event-error.ts";
import { type InOrderOptions, onceInOrder } from "../../../client/once/in-order.ts";
import { aContext, aOnceTable } from "./a-once-table.ts";

let table: Awaited<ReturnType<typeof aOnceTable>>;

beforeAll(async () => {
  table = await aOnceTable();
});

afterAll(async () => {
  await table.stop();
});

type React = (event: AgentAvailabilityEvent) => unknown;

/** A consumer with records of its own, and the events that its handler completed, as `version/type`. */
function aConsumer(options: Partial<InOrderOptions> = {}, react: React = () => undefined) {
  const { client, tableName } = table;
  const done: string[] = [];
  const handler = middy<AgentAvailabilityEvent, unknown>()
    .use(onceInOrder({ tableName, client, consumer: randomUUID(), ...options }))
    .handler(async (event) => {
      await react(event);
      done.push(event.detail.metadata.id.split("/").slice(3).join("/"));
    });
  const send = async (event: unknown, context = aContext()): Promise<unknown> =>
    await handler(event as AgentAvailabilityEvent, context);
  return { done, send };
}

const EPOCH = 1_795_500_000_000;

const status = (version: number, epoch = EPOCH) =>
  anEvent("Agent Status Changed", { metadata: { version, epoch } });
const channel = (version: number, name: string) =>
  anEvent("Agent Channel Availability Changed", { metadata: { version }, channel: name });

/** The item of a consumer in the table. */
async function itemOf(consumer: string): Promise<Record<string, AttributeValue>> {
  const { Items: items = [] } = await table.client.send(
    new ScanCommand({ TableName: table.tableName, ConsistentRead: true }),
  );
  const [item, ...others] = items.filter(({ id }) => id?.S?.includes(consumer));
  expect(others).toEqual([]);
  return item ?? {};
}

/** A client that loses the response of each request and sends the request again, as the SDK then does. */
function aClientThatLosesResponses(): DynamoDBClient {
  const client = table.aClient();
  client.middlewareStack.add(
    (next) => async (request) => {
      await next(request).catch(() => undefined);
      return await next(request);
    },
    { step: "finalizeRequest", priority: "low" },
  );
  return client;
}

describe("an event", () => {
  it("is processed once, however often it is delivered", async () => {
    const { done, send } = aConsumer();

    await send(status(1));
    const responses = [await send(status(1)), await send(status(1))];

    expect(done).toEqual(["1/AgentStatusChanged"]);
    expect(responses).toEqual([
      { skipped: "duplicate", batchItemFailures: [] },
      { skipped: "duplicate", batchItemFailures: [] },
    ]);
  });

  it("is skipped after a newer event of its agent", async () => {
    const { done, send } = aConsumer();

    await send(status(3));
    const response = await send(status(2));

    expect(response).toEqual({ skipped: "stale", batchItemFailures: [] });
    expect(done).toEqual(["3/AgentStatusChanged"]);
  });

  it("is processed with the other events of its version, each once and in any order", async () => {
    const { done, send } = aConsumer();

    for (const event of [
      channel(2, "freshchat"),
      status(2),
      channel(2, "freshdesk"),
      status(2),
      channel(2, "freshchat"),
    ]) {
      await send(event);
    }

    expect(done).toEqual([
      "2/AgentChannelAvailabilityChanged/freshchat",
      "2/AgentStatusChanged",
      "2/AgentChannelAvailabilityChanged/freshdesk",
    ]);
  });

  it("of a later epoch is newer, whatever its version", async () => {
    const { done, send } = aConsumer();

    await send(status(9));
    await send(status(1, EPOCH + 1));
    await send(status(10));

    expect(done).toEqual(["9/AgentStatusChanged", "1/AgentStatusChanged"]);
  });

  it("of one agent does not affect the events of another", async () => {
    const { done, send } = aConsumer();

    await send(status(3));
    await send(anEvent("Agent Removed", { agent: { availabilityId: "1" } }));

    expect(done).toEqual(["3/AgentStatusChanged", "2/AgentRemoved"]);
  });

  it("is processed by every consumer; the function's name is the default consumer", async () => {
    const [first, second] = [
      aConsumer({ consumer: undefined }),
      aConsumer({ consumer: undefined }),
    ];

    await first.send(status(1), aContext({ functionName: "first" }));
    await second.send(status(1), aContext({ functionName: "second" }));

    expect([first.done, second.done]).toEqual([["1/AgentStatusChanged"], ["1/AgentStatusChanged"]]);
  });
});

describe("supervision events", () => {
  const overrun = (version: number, limitMinutes: number) =>
    anEvent("Agent Status Overrun", { metadata: { version }, limitMinutes });

  it("do not supersede the agent's changes that are published later", async () => {
    const { done, send } = aConsumer();

    await send(status(4));
    await send(overrun(6, 15));
    await send(status(5));
    await send(status(6));

    expect(done).toHaveLength(4);
  });

  it("are skipped if a newer overrun of the agent was processed, not if a newer change was", async () => {
    const { done, send } = aConsumer();

    await send(status(6));
    await send(overrun(5, 15));
    await send(overrun(5, 30));
    await send(overrun(4, 60));

    expect(done).toHaveLength(3);
  });

  it.each(["agent", "subject"] as const)(
    "about coverage are ordered by channel if order is %s",
    async (order) => {
      const coverage = (channelName: string, version: number) =>
        anEvent("Channel Coverage Changed", { channel: channelName, metadata: { version } });
      const { done, send } = aConsumer({ order });

      await send(coverage("freshcaller", 2));
      await send(coverage("freshchat", 1));
      await send(coverage("freshcaller", 1));
      await send(status(1));

      expect(done).toHaveLength(3);
    },
  );
});

describe("events ordered by subject", () => {
  it("are skipped only if a newer event about the same subject was processed", async () => {
    const { done, send } = aConsumer({ order: "subject" });

    await send(channel(5, "freshchat"));
    await send(channel(4, "freshdesk"));
    await send(channel(4, "freshchat"));
    await send(status(3));

    expect(done).toEqual([
      "5/AgentChannelAvailabilityChanged/freshchat",
      "4/AgentChannelAvailabilityChanged/freshdesk",
      "3/AgentStatusChanged",
    ]);
  });
});

describe("a handler that fails", () => {
  it("makes the function fail with its error, and the next delivery is processed", async () => {
    let failures = 1;
    const { done, send } = aConsumer({}, () => {
      failures -= 1;
      if (failures >= 0) {
        throw new Error("the pager is down");
      }
    });

    await expect(send(status(1))).rejects.toThrow("the pager is down");
    await send(status(1));

    expect(done).toEqual(["1/AgentStatusChanged"]);
  });

  it("does not delay newer events", async () => {
    const { done, send } = aConsumer({}, ({ detail }) => {
      if (detail.metadata.version === 1) {
        throw new Error("the pager is down");
      }
    });

    await expect(send(status(1))).rejects.toThrow("the pager is down");
    await send(status(2));

    expect(done).toEqual(["2/AgentStatusChanged"]);
  });
});

describe("events that are delivered at the same time", () => {
  it("are processed one after the other, none after a newer one, none twice", async () => {
    let running = 0;
    let maxRunning = 0;
    const { done, send } = aConsumer({}, async () => {
      running += 1;
      maxRunning = Math.max(maxRunning, running);
      await sleep(5);
      running -= 1;
    });
    const events = [1, 2, 3, 4].flatMap((version) => [
      status(version),
      channel(version, "freshchat"),
    ]);

    await Promise.all([...events, ...events.toReversed()].map(async (event) => await send(event)));

    const versions = done.map((id) => Number(id.split("/")[0]));
    expect(maxRunning).toBe(1);
    expect(versions).toEqual([...versions].toSorted((first, second) => first - second));
    expect(new Set(done).size).toBe(done.length);
    expect(done).toEqual(
      expect.arrayContaining([
        "4/AgentStatusChanged",
        "4/AgentChannelAvailabilityChanged/freshchat",
      ]),
    );
  });

  it.each([
    ["waitMs", { waitMs: 50 }, aContext(), 50],
    ["half of the function's remaining time", { waitMs: 60_000 }, aContext({ leftMs: 300 }), 150],
  ])(
    "wait no longer than %s, then fail, so that they are delivered again",
    async (_limit, options, context, waitedMs) => {
      const { promise: hold, resolve: finish } = Promise.withResolvers<undefined>();
      const { promise: isHeld, resolve: signalHeld } = Promise.withResolvers<undefined>();
      const { done, send } = aConsumer(options, async () => {
        signalHeld(undefined);
        await hold;
      });

      const first = send(status(1));
      await isHeld;
      await expect(send(status(2), context)).rejects.toThrow(
        `event 11010177632/787096/1795500000000/2/AgentStatusChanged was not processed: another event of its agent was still being processed after ${waitedMs} ms`,
      );
      finish(undefined);
      await first;

      expect(done).toEqual(["1/AgentStatusChanged"]);
    },
  );
});

describe("a function that crashes while it processes an event", () => {
  it("blocks its agent until its remaining time has run out, and no longer", async () => {
    const consumer = randomUUID();
    const crashed = aConsumer({ consumer }, async () => await new Promise(() => undefined));
    const next = aConsumer({ consumer, waitMs: 300_000 });

    void crashed.send(status(1), aContext({ leftMs: 200 })).catch(() => undefined);
    await sleep(100);
    await next.send(status(1));

    expect(next.done).toEqual(["1/AgentStatusChanged"]);
  });
});

describe("a lease", () => {
  it("expires one second after the function's remaining time, because clocks differ", async () => {
    const consumer = randomUUID();
    const leases: { before: number; after: number; expiresAt: number }[] = [];
    let before = 0;
    const { send } = aConsumer({ consumer }, async () => {
      const { leaseExpiresAt } = await itemOf(consumer);
      leases.push({ before, after: Date.now(), expiresAt: Number(leaseExpiresAt?.N) });
    });

    before = Date.now();
    await send(status(1), aContext({ leftMs: 30_000 }));

    const [{ after, expiresAt } = { after: 0, expiresAt: 0 }] = leases;
    expect(expiresAt).toBeGreaterThanOrEqual(before + 31_000);
    expect(expiresAt).toBeLessThanOrEqual(after + 31_000);
  });

  it("is acquired, completed and released although the SDK repeats each request", async () => {
    const client = aClientThatLosesResponses();
    let failures = 1;
    const { done, send } = aConsumer({ client, waitMs: 0 }, () => {
      failures -= 1;
      if (failures >= 0) {
        throw new Error("the pager is down");
      }
    });

    await expect(send(status(1))).rejects.toThrow("the pager is down");
    await send(status(1));
    await send(status(2));

    expect(done).toEqual(["1/AgentStatusChanged", "2/AgentStatusChanged"]);
    client.destroy();
  });
});

describe("the handler's input", () => {
  it("is the event, even if it is the only record of a queue's batch", async () => {
    const received: unknown[] = [];
    const { send } = aConsumer({}, (event) => received.push(event));
    const event = status(1);

    await send({ Records: [{ body: JSON.stringify(event) }] });

    expect(received).toEqual([event]);
  });

  it("must not be a batch of several records", async () => {
    const { send } = aConsumer();

    await expect(send({ Records: [{}, {}] })).rejects.toThrow(
      "the batch must contain exactly 1 record (got 2). Set batchSize of the event source mapping to 1, or call the middy handler for each record.",
    );
  });

  it("must be an event that this version of the package supports", async () => {
    const { done, send } = aConsumer();
    const { detail, ...envelope } = status(1);

    await expect(send({ hello: "world" })).rejects.toThrow(EventError);
    await expect(send({ ...envelope, "detail-type": "Agent Logged In", detail })).rejects.toThrow(
      'event type "Agent Logged In" with schema version 1 is not supported by this version of agent-availability-hub',
    );
    expect(done).toEqual([]);
  });
});

describe("the table", () => {
  it("has one item for each agent and consumer, which expires", async () => {
    const consumer = randomUUID();
    const { send } = aConsumer({ consumer, retentionDays: 2 });

    await send(status(1));
    await send(channel(2, "freshchat"));
    await send(status(2));

    const item = await itemOf(consumer);
    expect(item).toEqual({
      id: { S: `in-order#${consumer}#11010177632/787096` },
      epoch: { N: "1795500000000" },
      version: { N: "2" },
      processedIds: {
        SS: expect.arrayContaining([
          "11010177632/787096/1795500000000/2/AgentStatusChanged",
          "11010177632/787096/1795500000000/2/AgentChannelAvailabilityChanged/freshchat",
        ]),
      },
      expiration: { N: expect.any(String) },
    });
    const days = (Number(item["expiration"]?.N) - Date.now() / 1000) / 86_400;
    expect(days).toBeGreaterThan(1.9);
    expect(days).toBeLessThan(2.1);
  });
});

describe("invalid options", () => {
  it.each([
    [{ retentionDays: 0 }, "retentionDays must be a number above 0 (got 0)"],
    [
      { waitMs: Number.NaN },
      "waitMs must be a finite number of milliseconds, at least 0 (got NaN)",
    ],
    [{ order: "subjects" as "subject" }, 'order must be "agent" or "subject" (got "subjects")'],
    [
      { waitMs: 1, waitMS: 1 },
      'option "waitMS" does not exist; the options are tableName, consumer, retentionDays, order, waitMs, client',
    ],
  ])("are rejected: %j", (options, message) => {
    expect(() => aConsumer(options)).toThrow(message);
  });
});
