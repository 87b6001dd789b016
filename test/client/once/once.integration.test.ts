import { randomUUID } from "node:crypto";

import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, it } from "@jest/globals";

import { createOnce } from "../../../client/once/once.ts";
import { aContext, aOnceTable } from "./a-once-table.ts";

let table: Awaited<ReturnType<typeof aOnceTable>>;

beforeAll(async () => {
  table = await aOnceTable();
});

afterAll(async () => {
  await table.stop();
});

const aOnce = (consumer?: string) => {
  const { client, tableName } = table;
  return createOnce({ client, tableName, consumer });
};

it("runs the work once for each key, and returns the result of the first run", async () => {
  const once = aOnce(randomUUID());
  const runs: string[] = [];
  const run = (key: string) => async () => {
    runs.push(key);
    return await Promise.resolve({ key });
  };

  const results = [
    await once("a", aContext(), run("a")),
    await once("b", aContext(), run("b")),
    await once("a", aContext(), run("again")),
  ];

  expect(runs).toEqual(["a", "b"]);
  expect(results).toEqual([{ key: "a" }, { key: "b" }, { key: "a" }]);
});

class Receipt {
  readonly id = "r1";
  readonly at = new Date(0);
}

const circular: { self?: unknown } = {};
circular.self = circular;

it.each([
  ["no result", undefined, undefined],
  ["null", null, null],
  [
    "an AWS SDK response, which contains undefined",
    { $metadata: { httpStatusCode: 200, cfId: undefined }, MessageId: "m1" },
    { $metadata: { httpStatusCode: 200 }, MessageId: "m1" },
  ],
  ["a Date", new Date(0), "1970-01-01T00:00:00.000Z"],
  ["NaN", { count: Number.NaN }, { count: null }],
  ["a class instance", new Receipt(), { id: "r1", at: "1970-01-01T00:00:00.000Z" }],
  ["a number that DynamoDB's marshaller rejects", 2 ** 60, 2 ** 60],
  ["a Map, which JSON empties", { tags: new Map([["a", 1]]) }, { tags: {} }],
  ["a function", () => 1, undefined],
  ["a bigint", { id: 1n }, undefined],
  ["a circular object", circular, undefined],
  ["text that is longer than a DynamoDB item", "ü".repeat(500_000), undefined],
])(
  "does not repeat work whose result is %s, and returns the same result each time",
  async (_what, result, stored) => {
    const once = aOnce(randomUUID());
    let runs = 0;
    const run = async () => {
      runs += 1;
      return await Promise.resolve(result);
    };

    const results = [await once("a", aContext(), run), await once("a", aContext(), run)];

    expect(runs).toBe(1);
    expect(results).toEqual([stored, stored]);
  },
);

it("stores a result of the maximum length", async () => {
  const once = aOnce(randomUUID());
  // Quotes are part of the JSON. Each character takes three bytes.
  const result = "€".repeat(99_998);
  const run = async () => await Promise.resolve(result);

  await once("a", aContext(), run);

  expect(await once("a", aContext(), async () => await Promise.resolve("again"))).toBe(result);
});

it("runs the work again after it has failed", async () => {
  const once = aOnce(randomUUID());

  await expect(
    once("a", aContext(), async () => await Promise.reject(new Error("the pager is down"))),
  ).rejects.toThrow("the pager is down");

  await expect(once("a", aContext(), async () => await Promise.resolve("sent"))).resolves.toBe(
    "sent",
  );
});

it("rejects other calls with the key while the work is running", async () => {
  const once = aOnce(randomUUID());
  const { promise: hold, resolve: finish } = Promise.withResolvers<string>();
  const { promise: isRunning, resolve: signalRunning } = Promise.withResolvers<undefined>();

  const first = once("a", aContext(), async () => {
    signalRunning(undefined);
    return await hold;
  });
  await isRunning;
  for (const _ of [1, 2]) {
    await expect(
      once("a", aContext(), async () => await Promise.resolve("at the same time")),
    ).rejects.toThrow("already an execution in progress");
  }
  finish("sent");

  await expect(first).resolves.toBe("sent");
});

it("keeps the records of each function apart, unless a consumer is set", async () => {
  const run = async () => await Promise.resolve(randomUUID());

  const [first, second] = await Promise.all([
    aOnce()("a", aContext({ functionName: "first" }), run),
    aOnce()("a", aContext({ functionName: "second" }), run),
  ]);

  expect(first).not.toBe(second);
});

it("keeps records for 40 days after the work was done", async () => {
  const consumer = randomUUID();
  const before = Math.floor(Date.now() / 1000);

  await aOnce(consumer)("a", aContext(), async () => await Promise.resolve("sent"));

  const { Items: items = [] } = await table.client.send(
    new ScanCommand({ TableName: table.tableName }),
  );
  const [item, ...others] = items.filter(({ id }) => id?.S?.startsWith(`once#${consumer}#`));
  expect(others).toEqual([]);
  const doneAt = Number(item?.["expiration"]?.N) - 40 * 86_400;
  expect(doneAt).toBeGreaterThanOrEqual(before);
  expect(doneAt).toBeLessThanOrEqual(Math.ceil(Date.now() / 1000));
});

it("rejects options that are invalid or misspelled", () => {
  expect(() => createOnce({ tableName: "" })).toThrow(
    'tableName must be a non-empty string (got "")',
  );
  expect(() => createOnce({ tableName: "once", consumer: "" })).toThrow(
    'consumer must be a non-empty string (got "")',
  );
  const misspelled = { tableName: "once", retentionDay: 3 };
  expect(() => createOnce(misspelled)).toThrow(
    'option "retentionDay" does not exist; the options are tableName, consumer, retentionDays, client',
  );
});
