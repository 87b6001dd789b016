import { setTimeout as sleep } from "node:timers/promises";

import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { afterEach, beforeEach, expect, it } from "@jest/globals";

import { failing } from "./fault-proxy/faults.ts";
import { type FaultProxy, startFaultProxy } from "./fault-proxy/proxy.ts";
import { complaintsOf } from "./report.ts";
import { isPassed, type Run, runScenario, type Scenario } from "./scenario.ts";
import type { Stand } from "./stand.ts";
import { aPayload } from "../../tools/fakes/payload.ts";

let proxy: FaultProxy;

beforeEach(async () => {
  proxy = await startFaultProxy("http://127.0.0.1:9");
});

afterEach(async () => {
  await proxy.stop();
});

const aFault = { service: "dynamodb", operation: "GetItem", act: failing } as const;

/** Has the proxy meet a request of this operation. */
async function ask(): Promise<void> {
  const client = new DynamoDBClient({
    endpoint: proxy.endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
  });
  const command = new GetItemCommand({ TableName: "agents", Key: { accountId: { S: "1" } } });
  await client.send(command).catch(() => {});
}

/** What comes of a scenario beside a hub that has never taken or told anything. */
async function outcomeOf(run: Scenario["run"]) {
  const stand = {
    accounts: new Map([["tried", { accountId: "1", signingKey: "whsec_a2V5" }]]),
    cloud: { ingestUrl: "http://127.0.0.1:9" },
    proxy,
    witness: { look: async () => await Promise.resolve({ changes: [], events: [], items: [] }) },
    now: Date.now,
    setClockAhead: () => {},
  } as unknown as Stand;
  const scenario = { name: "tried", title: "tried", run };
  return await runScenario(scenario, stand, {
    seed: 1,
    signal: AbortSignal.timeout(20_000),
    wholeMs: 10,
  });
}

it("passes where its faults were met, what had to happen did, and nothing is wrong", async () => {
  const outcome = await outcomeOf(async ({ fault, happened }) => {
    fault(aFault);
    happened("a restart", 1);
    await ask();
  });

  expect(complaintsOf(outcome)).toEqual([]);
  expect(isPassed(outcome)).toBe(true);
});

it.each<[string, (run: Run) => Promise<void>]>([
  [
    "never met: dynamodb GetItem",
    async ({ fault }) => {
      fault(aFault);
      await sleep(1);
    },
  ],
  [
    "never met: dynamodb GetItem",
    async ({ fault }) => {
      fault(aFault).end();
      await ask();
    },
  ],
  [
    "never met: a restart",
    async ({ happened }) => {
      happened("a restart", 0);
      await sleep(1);
    },
  ],
  [
    "not finished: Error: the function is gone",
    async () => {
      await Promise.reject(new Error("the function is gone"));
    },
  ],
  [
    "lost: d1 was answered applied, version 1 of agent 787096",
    async ({ observed }) => {
      const results = [{ outcome: "applied", version: 1 }];
      const attempts = [{ status: 200, milliseconds: 9, results }];
      observed({ id: "d1", payloads: [aPayload()], isList: false, attempts });
      await sleep(1);
    },
  ],
])("fails with %s", async (complaint, run) => {
  const outcome = await outcomeOf(run);

  expect(complaintsOf(outcome)).toEqual([expect.stringContaining(complaint)]);
  expect(isPassed(outcome)).toBe(false);
});
