import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, it } from "@jest/globals";

import { createAgentLookup } from "../../client/lookups/agent-lookup.ts";
import { clientConfig } from "../../local/emulator/cloud.ts";
import { type RunningCloud, startCloud } from "../../local/emulator/start-cloud.ts";
import { listen, type Listener, type ReceivedEvent } from "../../local/sample-day/listener.ts";
import { anAgentPayload } from "../../tools/fakes/agent-payload.ts";
import { createOperator } from "./operator.ts";
import { post } from "./signed-post.ts";

const ACCOUNT = "11010177699";
const USER = "72025350026";
const folder = mkdtempSync(join(tmpdir(), "without-custom-statuses-"));

let running: RunningCloud;

beforeAll(async () => {
  running = await startCloud({ logFile: join(folder, "log") });
}, 180_000);

afterAll(async () => {
  await running.stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

async function receive(listener: Listener, wanted: number): Promise<ReceivedEvent[]> {
  const received: ReceivedEvent[] = [];
  const until = Date.now() + 30_000;
  while (received.length < wanted && Date.now() < until) {
    received.push(...(await listener.receive()));
    await sleep(50);
  }
  return received;
}

const typesOf = (events: readonly ReceivedEvent[]) =>
  events.map(({ "detail-type": type }) => type).toSorted();

it("publishes, looks up and forgets an agent of an account without custom statuses, who has no availability item", async () => {
  const { cloud } = running;
  const operate = createOperator(cloud);
  const lookup = createAgentLookup({
    client: new DynamoDBClient(clientConfig(cloud)),
    tableName: cloud.tableName,
  });
  const listener = await listen(cloud, "without-custom-statuses");
  const added = await operate("account", "add", ACCOUNT, "--without-custom-statuses", "--json");
  expect(added.code).toBe(0);
  const { signingKey } = JSON.parse(added.out) as { signingKey: string };
  const account = { ...cloud, accounts: [{ accountId: ACCOUNT, signingKey }] };
  const login = anAgentPayload({
    agent: { account_id: ACCOUNT, available: true },
    login: [false, true],
    timestamp: Date.now() / 1000 - 60,
  });

  expect(await post(account, [login])).toEqual([
    { availabilityId: `user:${USER}`, outcome: "applied", version: 1 },
  ]);
  const events = await receive(listener, 3);
  const agent = await lookup.byUserId(ACCOUNT, USER);
  const available = await lookup.availablePageOn(ACCOUNT, "freshdesk");
  const shown = await operate("agent", "show", ACCOUNT, USER, "--json");
  const forgotten = await operate("agent", "forget", ACCOUNT, USER, "--yes", "--json");
  const late = await post(account, [login]);
  const removed = await receive(listener, 1);
  await listener.close();

  expect(typesOf(events)).toEqual([
    "Agent Availability Changed",
    "Agent Channel Availability Changed",
    "Agent Login Changed",
  ]);
  expect(agent).toMatchObject({ availabilityId: `user:${USER}`, userId: USER, loggedIn: true });
  expect(available.rows).toMatchObject([{ availabilityId: `user:${USER}`, userId: USER }]);
  expect(shown.code).toBe(0);
  expect(JSON.parse(shown.out)).toMatchObject({ agents: [{ userId: USER, loggedIn: true }] });
  expect(forgotten.code).toBe(0);
  expect(late).toMatchObject([{ outcome: "stale", version: 2 }]);
  expect(removed.map(({ detail }) => detail)).toMatchObject([
    { reason: "forgotten", agent: { availabilityId: `user:${USER}`, userId: USER } },
  ]);
  expect(await lookup.byUserId(ACCOUNT, USER)).toBeUndefined();
}, 120_000);
