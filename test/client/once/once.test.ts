import { randomUUID } from "node:crypto";

import { ScanCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, it } from "@jest/globals";

import { createOnce } from "../../../client/once/once.ts";
import { aContext, aMemory } from "./an-emulator.ts";

let memory: Awaited<ReturnType<typeof aMemory>>;

beforeAll(async () => {
  memory = await aMemory();
}, 120_000);

afterAll(async () => {
  await memory.stop();
}, 30_000);

const aOnce = (consumer?: string) => {
  const { client, tableName } = memory;
  return createOnce({ client, tableName, consumer });
};

it("does something once for each key, and answers what it came to", async () => {
  const once = aOnce(randomUUID());
  const runs: string[] = [];
  const run = (key: string) => async () => {
    runs.push(key);
    return await Promise.resolve({ key });
  };

  const answers = [
    await once("a", aContext(), run("a")),
    await once("b", aContext(), run("b")),
    await once("a", aContext(), run("again")),
  ];

  expect(runs).toEqual(["a", "b"]);
  expect(answers).toEqual([{ key: "a" }, { key: "b" }, { key: "a" }]);
});

it("does not do again what answers nothing, as handlers of events do", async () => {
  const once = aOnce(randomUUID());
  let runs = 0;
  const run = async () => {
    runs += 1;
    await Promise.resolve();
  };

  await once("a", aContext(), run);
  await once("a", aContext(), run);

  expect(runs).toBe(1);
});

it("tries again what has failed", async () => {
  const once = aOnce(randomUUID());

  await expect(
    once("a", aContext(), async () => await Promise.reject(new Error("the pager is down"))),
  ).rejects.toThrow("the pager is down");

  await expect(once("a", aContext(), async () => await Promise.resolve("told"))).resolves.toBe(
    "told",
  );
});

it("turns away who comes while it is being done, and lets go on who does it", async () => {
  const once = aOnce(randomUUID());
  const { promise: hold, resolve: letGo } = Promise.withResolvers<string>();

  const first = once("a", aContext(), async () => await hold);
  await new Promise((resolve) => setTimeout(resolve, 100));
  for (const _ of [1, 2]) {
    await expect(
      once("a", aContext(), async () => await Promise.resolve("beside it")),
    ).rejects.toThrow("already an execution in progress");
  }
  letGo("told");

  await expect(first).resolves.toBe("told");
});

it("is of one function, unless it is said whose", async () => {
  const run = async () => await Promise.resolve(randomUUID());

  const answers = await Promise.all([
    aOnce()("a", aContext({ functionName: "first" }), run),
    aOnce()("a", aContext({ functionName: "second" }), run),
  ]);

  expect(answers[0]).not.toBe(answers[1]);
});

it("remembers for 40 days from when it was done", async () => {
  const consumer = randomUUID();
  const before = Math.floor(Date.now() / 1000);

  await aOnce(consumer)("a", aContext(), async () => await Promise.resolve("told"));

  const { Items: items = [] } = await memory.client.send(
    new ScanCommand({ TableName: memory.tableName }),
  );
  const [item, ...more] = items.filter(({ id }) => id?.S?.startsWith(`once#${consumer}#`));
  expect(more).toEqual([]);
  const doneAt = Number(item?.["expiration"]?.N) - 40 * 86_400;
  expect(doneAt).toBeGreaterThanOrEqual(before);
  expect(doneAt).toBeLessThanOrEqual(Math.ceil(Date.now() / 1000));
});
