import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import middy from "@middy/core";

import type { AgentAvailabilityEvent } from "../../../client/events/event.ts";
import { anEvent } from "../../../client/events/an-event.ts";
import { type InOrderOptions, onceInOrder } from "../../../client/once/in-order.ts";
import { aContext, aMemory } from "./an-emulator.ts";

let memory: Awaited<ReturnType<typeof aMemory>>;

beforeAll(async () => {
  memory = await aMemory();
}, 120_000);

afterAll(async () => {
  await memory.stop();
}, 30_000);

type React = (event: AgentAvailabilityEvent) => unknown;

/** A consumer of its own, and the ids of what its handler has done to the end, without what they share. */
function aConsumer(options: Partial<InOrderOptions> = {}, react: React = () => undefined) {
  const { client, tableName } = memory;
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

describe("an event", () => {
  it("is handled once, however often it comes", async () => {
    const { done, send } = aConsumer();

    await send(status(1));
    const answers = [await send(status(1)), await send(status(1))];

    expect(done).toEqual(["1/AgentStatusChanged"]);
    expect(answers).toEqual([
      { skipped: "repeat", batchItemFailures: [] },
      { skipped: "repeat", batchItemFailures: [] },
    ]);
  });

  it("is not handled after a newer one of its agent", async () => {
    const { done, send } = aConsumer();

    await send(status(3));
    const answer = await send(status(2));

    expect(answer).toEqual({ skipped: "older", batchItemFailures: [] });
    expect(done).toEqual(["3/AgentStatusChanged"]);
  });

  it("is handled beside the others of its version, each once and in any order", async () => {
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

  it("is newer in a later epoch, whatever its version", async () => {
    const { done, send } = aConsumer();

    await send(status(9));
    await send(status(1, EPOCH + 1));
    await send(status(10));

    expect(done).toEqual(["9/AgentStatusChanged", "1/AgentStatusChanged"]);
  });

  it("of one agent says nothing of another's", async () => {
    const { done, send } = aConsumer();

    await send(status(3));
    await send(anEvent("Agent Removed", { agent: { availabilityId: "1" } }));

    expect(done).toEqual(["3/AgentStatusChanged", "2/AgentRemoved"]);
  });

  it("that one consumer has handled, another has not", async () => {
    const [first, second] = [
      aConsumer({ consumer: undefined }),
      aConsumer({ consumer: undefined }),
    ];

    await first.send(status(1), aContext({ functionName: "first" }));
    await second.send(status(1), aContext({ functionName: "second" }));

    expect([first.done, second.done]).toEqual([["1/AgentStatusChanged"], ["1/AgentStatusChanged"]]);
  });
});

describe("events ordered by subject", () => {
  it("are dropped only where what they tell was told anew", async () => {
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
  it("is told of with its own error, and the repeat gets through", async () => {
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

  it("does not hold up what is newer", async () => {
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

describe("events that come at the same time", () => {
  it("are handled one after the other, none after a newer one, none twice", async () => {
    let running = 0;
    let most = 0;
    const { done, send } = aConsumer({}, async () => {
      running += 1;
      most = Math.max(most, running);
      await sleep(5);
      running -= 1;
    });
    const events = [1, 2, 3, 4].flatMap((version) => [
      status(version),
      channel(version, "freshchat"),
    ]);

    await Promise.all([...events, ...events.toReversed()].map(async (event) => await send(event)));

    const versions = done.map((id) => Number(id.split("/")[0]));
    expect(most).toBe(1);
    expect(versions).toEqual([...versions].toSorted((first, second) => first - second));
    expect(new Set(done).size).toBe(done.length);
    expect(done).toEqual(
      expect.arrayContaining([
        "4/AgentStatusChanged",
        "4/AgentChannelAvailabilityChanged/freshchat",
      ]),
    );
  }, 30_000);

  it("do not wait for ever: one fails, to come again", async () => {
    const { promise: hold, resolve: letGo } = Promise.withResolvers<undefined>();
    const { done, send } = aConsumer({ waitMs: 50 }, async () => await hold);

    const first = send(status(1));
    await sleep(100);
    await expect(send(status(2))).rejects.toThrow(
      "11010177632/787096/1795500000000/2/AgentStatusChanged has waited 50 ms for another event of the same agent that is being handled; it is left to come again",
    );
    letGo(undefined);
    await first;

    expect(done).toEqual(["1/AgentStatusChanged"]);
  });
});

describe("a function that crashed while it handled an event", () => {
  it("holds its agent up only until its time was over", async () => {
    const consumer = randomUUID();
    const crashed = aConsumer({ consumer }, async () => await new Promise(() => undefined));
    const next = aConsumer({ consumer, waitMs: 10_000 });

    void crashed.send(status(1), aContext({ leftMs: 200 })).catch(() => undefined);
    await sleep(100);
    await next.send(status(1));

    expect(next.done).toEqual(["1/AgentStatusChanged"]);
  }, 20_000);
});

describe("what the handler is given", () => {
  it("is the event, out of a queue's only record too", async () => {
    const seen: unknown[] = [];
    const { send } = aConsumer({}, (event) => seen.push(event));
    const event = status(1);

    await send({ Records: [{ body: JSON.stringify(event) }] });

    expect(seen).toEqual([event]);
  });

  it("is never a batch, and the error says what to do", async () => {
    const { send } = aConsumer();

    await expect(send({ Records: [{}, {}] })).rejects.toThrow(
      "a batch of 2 records cannot be handled once and in order as a whole; set the mapping's batchSize to 1, or call the function that middy makes for each record",
    );
  });

  it("is never something else, nor an event of a later version", async () => {
    const { done, send } = aConsumer();
    const { detail, ...envelope } = status(1);

    await expect(send({ hello: "world" })).rejects.toThrow(
      "this is no event of agent availability",
    );
    await expect(send({ ...envelope, "detail-type": "Agent Logged In", detail })).rejects.toThrow(
      "Agent Logged In, version 1, came after this version of agent-availability-hub; update it, or let the rule's pattern keep it out",
    );
    expect(done).toEqual([]);
  });
});

describe("the memory", () => {
  it("is one item for an agent, and is given a time to go", async () => {
    const consumer = randomUUID();
    const { send } = aConsumer({ consumer, rememberForDays: 2 });

    await send(status(1));
    await send(channel(2, "freshchat"));
    await send(status(2));

    const { Items: items = [] } = await memory.client.send(
      new ScanCommand({ TableName: memory.tableName }),
    );
    const [item, ...more] = items.filter(({ id }) => id?.S?.includes(consumer));
    expect(more).toEqual([]);
    expect(item).toEqual({
      id: { S: `in-order#${consumer}#11010177632/787096` },
      epoch: { N: "1795500000000" },
      version: { N: "2" },
      handled: {
        SS: expect.arrayContaining([
          "11010177632/787096/1795500000000/2/AgentStatusChanged",
          "11010177632/787096/1795500000000/2/AgentChannelAvailabilityChanged/freshchat",
        ]),
      },
      expiration: { N: expect.any(String) },
    });
    const days = (Number(item?.["expiration"]?.N) - Date.now() / 1000) / 86_400;
    expect(days).toBeGreaterThan(1.9);
    expect(days).toBeLessThan(2.1);
  });

  it("cannot be for no time at all", () => {
    expect(() => aConsumer({ rememberForDays: 0 })).toThrow(
      "rememberForDays: 0 is no number of days; a number above 0 is allowed",
    );
  });
});
