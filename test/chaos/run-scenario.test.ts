import { setTimeout as sleep } from "node:timers/promises";

import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { afterEach, beforeEach, expect, it } from "@jest/globals";

import { aPayload } from "../../tools/fakes/payload.ts";
import type { Environment } from "./environment.ts";
import { respondWith500 } from "./fault-proxy/fault-effects.ts";
import { type FaultProxy, startFaultProxy } from "./fault-proxy/fault-proxy.ts";
import { formatFailures } from "./outcome-report.ts";
import { isPassed } from "./outcome.ts";
import { runScenario } from "./run-scenario.ts";
import type { Scenario, ScenarioContext } from "./scenario.ts";

let proxy: FaultProxy;

beforeEach(async () => {
  proxy = await startFaultProxy("http://127.0.0.1:9");
});

afterEach(async () => {
  await proxy.stop();
});

const aFault = { service: "dynamodb", operation: "GetItem", effect: respondWith500 } as const;

/** Sends the proxy a request for which `aFault` is defined. */
async function getItem(): Promise<void> {
  const client = new DynamoDBClient({
    endpoint: proxy.endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
  });
  const command = new GetItemCommand({ TableName: "agents", Key: { accountId: { S: "1" } } });
  await client.send(command).catch(() => {});
}

/** Returns the outcome of a scenario on a hub that has applied and published nothing. */
async function outcomeOf(run: Scenario["run"]) {
  const environment = {
    accounts: new Map([
      ["example", { accountId: "1", signingKey: "whsec_a2V5", hasCustomStatuses: true }],
    ]),
    cloud: { ingestUrl: "http://127.0.0.1:9" },
    proxy,
    observer: {
      observe: async () =>
        await Promise.resolve({ changes: [], events: [], items: [], agents: [] }),
    },
    now: Date.now,
    setClockAhead: () => {},
  } as unknown as Environment;
  const scenario = { name: "example", title: "an example", run };
  return await runScenario(scenario, environment, {
    seed: 1,
    signal: new AbortController().signal,
    recoveryTimeoutMs: 10,
  });
}

it("passes if all faults and preconditions occurred and the verifier found no violation", async () => {
  const outcome = await outcomeOf(async ({ startFault, requireOccurred }) => {
    startFault(aFault);
    requireOccurred("a restart", 1);
    await getItem();
  });

  expect(formatFailures(outcome)).toEqual([]);
  expect(isPassed(outcome)).toBe(true);
});

it.each<[title: string, failure: string, run: (context: ScenarioContext) => Promise<void>]>([
  [
    "a fault matches no request",
    "did not occur: a fault of dynamodb GetItem",
    async ({ startFault }) => {
      startFault(aFault);
      await sleep(1);
    },
  ],
  [
    "a fault ends before the request",
    "did not occur: a fault of dynamodb GetItem",
    async ({ startFault }) => {
      startFault(aFault).end();
      await getItem();
    },
  ],
  [
    "a precondition does not occur",
    "did not occur: a restart",
    async ({ requireOccurred }) => {
      requireOccurred("a restart", 0);
      await sleep(1);
    },
  ],
  [
    "the scenario throws",
    "ended early: Error: the function is gone",
    async () => {
      await Promise.reject(new Error("the function is gone"));
    },
  ],
  [
    "an event with a 200 response is not in the table",
    "lost: the response to d1 was applied, version 1 of agent 787096",
    async ({ traffic }) => {
      const results = [{ outcome: "applied", version: 1 }];
      const attempts = [{ status: 200, milliseconds: 9, results }];
      traffic.record({ id: "d1", payloads: [aPayload()], isBatch: false, attempts });
      await sleep(1);
    },
  ],
])("fails if %s", async (_title, failure, run) => {
  const outcome = await outcomeOf(run);

  expect(formatFailures(outcome)).toEqual([expect.stringContaining(failure)]);
  expect(isPassed(outcome)).toBe(false);
});
