import { UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "@jest/globals";

import { supervisedChannels } from "../builders/supervised-channel.ts";

const PHONE = { accountId: "42", channel: "freshcaller" } as const;
const INDEX = "AvailableOnFreshcaller 42";
const MINUTE_MS = 60_000;
const rule = { channel: "freshcaller", minimum: 2 } as const;

const people = (count: number) =>
  Array.from({ length: count }, (_, id) => ({ availabilityId: String(id) }));

/** The coverage of a channel that has been covered since 09:00. */
async function covered() {
  const channels = supervisedChannels([rule]);
  channels.available.set(INDEX, people(2));
  await channels.evaluate(PHONE);
  channels.clock.now += MINUTE_MS;
  return channels;
}

describe("the evaluation of coverage", () => {
  it("publishes the first coverage of a channel without previous values", async () => {
    const { published } = await covered();

    expect(published).toEqual([
      {
        metadata: {
          id: "42/freshcaller/1/ChannelCoverageChanged",
          schemaVersion: 1,
          epoch: Date.parse("2026-11-30T09:00:00.000Z"),
          version: 1,
          occurredAt: "2026-11-30T09:00:00.000Z",
          publishedAt: expect.any(String),
          origin: "supervision",
          gap: false,
        },
        accountId: "42",
        channel: "freshcaller",
        covered: true,
        available: 2,
        minimum: 2,
        since: "2026-11-30T09:00:00.000Z",
      },
    ]);
  });

  it("publishes that too few people are available, and how long enough people were", async () => {
    const { available, evaluate, published } = await covered();
    available.set(INDEX, people(1));
    await evaluate(PHONE);

    expect(published.slice(1)).toEqual([
      expect.objectContaining({
        covered: false,
        available: 1,
        minimum: 2,
        since: "2026-11-30T09:01:00.000Z",
        previous: { covered: true, durationMs: MINUTE_MS },
      }),
    ]);
    expect(published[1]?.metadata).toMatchObject({
      id: "42/freshcaller/2/ChannelCoverageChanged",
      epoch: Date.parse("2026-11-30T09:00:00.000Z"),
      version: 2,
      occurredAt: "2026-11-30T09:01:00.000Z",
    });
  });

  it("publishes and writes nothing if the coverage is unchanged", async () => {
    const { available, dynamo, evaluate, published } = await covered();
    dynamo.resetHistory();
    available.set(INDEX, people(3));
    await evaluate(PHONE);

    expect(published).toHaveLength(1);
    expect(dynamo.commandCalls(UpdateItemCommand)).toEqual([]);
  });

  it("omits the duration if the clock is behind the one that stored the previous coverage", async () => {
    const { available, clock, evaluate, published } = await covered();
    available.set(INDEX, []);
    clock.now -= 2 * MINUTE_MS;
    await evaluate(PHONE);

    expect(published[1]?.previous).toEqual({ covered: true });
  });

  it("stores the complete event before it is published", async () => {
    const { available, bus, coverage, evaluate } = await covered();
    available.set(INDEX, []);
    bus.errorCode = "InternalFailure";

    await expect(evaluate(PHONE)).rejects.toThrow(
      /^publishing 42\/freshcaller\/2\/ChannelCoverageChanged failed: InternalFailure$/,
    );
    const [item] = coverage.items.values();
    expect(item).toMatchObject({
      accountId: { S: "42" },
      channel: { S: "freshcaller" },
      version: { N: "2" },
      covered: { BOOL: false },
      since: { S: "2026-11-30T09:01:00.000Z" },
      published: { BOOL: false },
    });
    expect(JSON.parse(item?.["event"]?.S ?? "")).toMatchObject({
      metadata: { id: "42/freshcaller/2/ChannelCoverageChanged", version: 2 },
      covered: false,
      available: 0,
      minimum: 2,
      previous: { covered: true, durationMs: MINUTE_MS },
    });
  });

  it("throws if the bus rejects the event, and the next evaluation publishes the same event", async () => {
    const { available, bus, clock, evaluate, published } = await covered();
    available.set(INDEX, []);
    bus.errorCode = "ThrottlingException";
    await expect(evaluate(PHONE)).rejects.toThrow("ThrottlingException");
    bus.errorCode = undefined;
    clock.now += 5 * MINUTE_MS;
    available.set(INDEX, people(2));
    await evaluate(PHONE);

    expect(published.slice(1)).toMatchObject([
      { covered: false, since: "2026-11-30T09:01:00.000Z", metadata: { version: 2 } },
      {
        covered: true,
        since: "2026-11-30T09:06:00.000Z",
        metadata: { version: 3 },
        previous: { covered: false, durationMs: 5 * MINUTE_MS },
      },
    ]);
  });

  it("publishes an unpublished event even if the channel no longer has a rule", async () => {
    let writes = 0;
    const { coverage, evaluate, published } = supervisedChannels([rule], (kind, apply) => {
      writes += kind === "write" ? 1 : 0;
      if (writes === 2) {
        throw new Error("the event is published and cannot be marked");
      }
      return apply();
    });
    await expect(evaluate(PHONE)).rejects.toThrow("cannot be marked");
    const other = supervisedChannels([]);
    const [key = "", item = {}] = [...coverage.items][0] ?? [];
    other.coverage.items.set(key, item);
    await other.evaluate(PHONE);

    const idsOf = (events: typeof published) => events.map(({ metadata: { id } }) => id);
    expect(idsOf(other.published)).toEqual(idsOf(published));
    expect(other.coverage.items.get(key)).toMatchObject({ published: { BOOL: true } });
  });

  it("does not count a channel without a rule", async () => {
    const { evaluate, published, queries } = supervisedChannels([rule]);
    await evaluate({ accountId: "42", channel: "freshchat" });

    expect(queries).toEqual([]);
    expect(published).toEqual([]);
  });

  it("fails and names the item if someone has edited it", async () => {
    const { coverage, evaluate } = await covered();
    for (const item of coverage.items.values()) {
      item["event"] = { S: "{}" };
    }

    await expect(evaluate(PHONE)).rejects.toThrow(
      "parsing the coverage of 42/freshcaller failed: someone may have edited the item manually. Correct it. Do not delete it, because event IDs would repeat",
    );
  });
});

describe("opening hours", () => {
  const hours = [
    { timeZone: "Europe/Berlin", days: ["mon", "tue"], from: "08:00", to: "18:00" },
  ] as const;
  const at = (time: string) => Date.parse(`2026-${time}.000Z`);

  it("publish nothing while the channel is closed, and publish its coverage without previous values when it opens", async () => {
    const { available, clock, evaluate, published, queries } = supervisedChannels([
      { ...rule, hours },
    ]);
    available.set(INDEX, people(2));
    await evaluate(PHONE);
    clock.now = at("11-30T17:00:00");
    available.set(INDEX, []);
    queries.length = 0;
    await evaluate(PHONE);
    expect(queries).toEqual([]);
    clock.now = at("12-01T07:00:30");
    await evaluate(PHONE);
    clock.now = at("12-01T07:01:30");
    await evaluate(PHONE);

    expect(published).toMatchObject([
      { covered: true, metadata: { version: 1 } },
      { covered: false, metadata: { version: 2 }, since: "2026-12-01T07:00:30.000Z" },
    ]);
    expect(published.map(({ previous }) => previous)).toEqual([undefined, undefined]);
  });

  it("mark the channel as closed outside the hours, until the next event", async () => {
    const { available, clock, coverage, evaluate } = supervisedChannels([{ ...rule, hours }]);
    const isClosed = () => [...coverage.items.values()].map(({ closed }) => closed?.BOOL);
    await evaluate(PHONE);
    expect(isClosed()).toEqual([false]);
    clock.now = at("11-30T17:00:00");
    await evaluate(PHONE);
    expect(isClosed()).toEqual([true]);
    clock.now = at("12-01T07:00:30");
    available.set(INDEX, people(2));
    await evaluate(PHONE);
    expect(isClosed()).toEqual([false]);
  });

  it("mark the channel as open if a rule is added again, without an event", async () => {
    const { coverage, evaluate } = supervisedChannels([rule]);
    await evaluate(PHONE);
    const [key = "", item = {}] = [...coverage.items][0] ?? [];
    const removed = supervisedChannels([]);
    removed.coverage.items.set(key, item);
    await removed.evaluate(PHONE);
    const added = supervisedChannels([rule]);
    const [, closed = {}] = [...removed.coverage.items][0] ?? [];
    added.coverage.items.set(key, closed);
    await added.evaluate(PHONE);

    expect(closed["closed"]).toEqual({ BOOL: true });
    expect(added.coverage.items.get(key)).toMatchObject({ closed: { BOOL: false } });
    expect(added.published).toEqual([]);
  });

  it("publish the coverage of a new period even if it is the same as at the end of the previous one", async () => {
    const { clock, evaluate, published } = supervisedChannels([{ ...rule, hours }]);
    await evaluate(PHONE);
    clock.now = at("12-01T09:00:00");
    await evaluate(PHONE);

    expect(published.map(({ covered: isCovered, previous }) => [isCovered, previous])).toEqual([
      [false, undefined],
      [false, undefined],
    ]);
  });
});
