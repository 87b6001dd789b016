import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import {
  type AttributeValue,
  CreateTableCommand,
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  ScanCommand,
} from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, it } from "@jest/globals";

import { clientConfig } from "../../local/emulator/cloud.ts";
import type { RunningCloud } from "../../local/emulator/start-cloud.ts";
import { listen, type ReceivedEvent } from "../../local/sample-day/listener.ts";
import { aPayload, minutesAgo } from "../../tools/fakes/payload.ts";
import { startTestCloud } from "../builders/start-test-cloud.ts";
import { createOperator } from "./operator.ts";
import { agentOf, receiveAll, receiveUntil } from "./receive.ts";
import { post as postSigned } from "./signed-post.ts";

const ACCOUNT = "11010177632";
const AGENTS = 120;
const folder = mkdtempSync(join(tmpdir(), "restore-"));

type Item = Record<string, AttributeValue>;

let running: RunningCloud;

beforeAll(async () => {
  running = await startTestCloud(join(folder, "log"));
});

afterAll(async () => {
  await running.stop();
  rmSync(folder, { recursive: true, force: true });
});

const post = async (payloads: readonly object[]) => await postSigned(running.cloud, payloads);

const change = (id: string, minutes: number, name: string) =>
  aPayload({ agent: { id, name, updated_at: minutesAgo(minutes) } });

const dynamodb = () => new DynamoDBClient(clientConfig(running.cloud));

async function itemsIn(tableName: string): Promise<Map<string, Item>> {
  const { Items: items = [] } = await dynamodb().send(
    new ScanCommand({ TableName: tableName, ConsistentRead: true }),
  );
  return new Map(items.map((item) => [item["availabilityId"]?.S ?? "", item]));
}

/** A table as AWS restores one from a backup: new, with its items as they were. */
async function restoreTo(tableName: string, items: Iterable<Item>): Promise<void> {
  const keys = ["accountId", "availabilityId"];
  await dynamodb().send(
    new CreateTableCommand({
      TableName: tableName,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: keys.map((name) => ({ AttributeName: name, AttributeType: "S" })),
      KeySchema: [
        { AttributeName: "accountId", KeyType: "HASH" },
        { AttributeName: "availabilityId", KeyType: "RANGE" },
      ],
    }),
  );
  for (const item of items) {
    await dynamodb().send(new PutItemCommand({ TableName: tableName, Item: item }));
  }
}

function metadataOf({ detail }: ReceivedEvent) {
  return detail["metadata"] as { id: string; epoch: number; version: number; gap: boolean };
}

it("restores deleted items, publishes the current state of every agent, and keeps forgotten agents out", async () => {
  const operate = createOperator(running.cloud);
  const { tableName } = running.cloud;
  const listener = await listen(running.cloud, "restore");
  const ids = Array.from({ length: AGENTS }, (_, index) => `agent-${index}`);
  // On a busy machine, ingest cannot store larger batches within its timeout.
  for (let start = 0; start < AGENTS; start += 10) {
    await post(ids.slice(start, start + 10).map((id) => change(id, 30, "Before")));
  }
  await post([change("agent-1", 25, "Before, second")]);
  const backup = await itemsIn(tableName);

  // After the backup: one agent changes, one is forgotten, one is new. Then all but three are deleted.
  await post([change("agent-0", 20, "Newer than the backup"), change("newcomer", 20, "New")]);
  await operate("agent", "forget", ACCOUNT, "agent-2", "--yes");
  const spared = new Set(["agent-0", "agent-3", "newcomer"]);
  const deleted = ids.filter((id) => !spared.has(id));
  for (const id of deleted) {
    const key = { accountId: { S: ACCOUNT }, availabilityId: { S: id } };
    await dynamodb().send(new DeleteItemCommand({ TableName: tableName, Key: key }));
  }
  await restoreTo("restored", backup.values());
  const isRemoval = (event: ReceivedEvent) => event["detail-type"] === "Agent Removed";
  await receiveUntil(
    listener,
    (events) => new Set(events.filter(isRemoval).map(agentOf)).size === deleted.length,
  );

  const asked = await operate("restore", "--from", "restored");
  const first = await operate("restore", "--from", "restored", "--yes", "--json", "--rate", "200");
  const { epoch } = JSON.parse(first.out) as { epoch: number };
  const resume = ["--from", "restored", "--epoch", String(epoch), "--rate", "500"];
  const second = await operate("restore", ...resume, "--yes", "--json");
  const after = await itemsIn(tableName);
  const received = await receiveAll(running.cloud, listener);
  await post([change("agent-1", 15, "After")]);
  const later = await receiveAll(running.cloud, listener);
  await listener.close();

  expect(asked.code).toBe(1);
  expect(asked.err).toContain("Nothing was changed");
  // 120 in the backup: one is newer in the table, one was forgotten, one is unchanged.
  expect(JSON.parse(first.out)).toMatchObject({
    table: tableName,
    restored: AGENTS - 3,
    forgotten: 1,
    kept: 2,
    republished: 3,
    failed: [],
  });
  expect(JSON.parse(second.out)).toMatchObject({
    epoch,
    restored: 0,
    forgotten: 0,
    kept: AGENTS,
    republished: 0,
    failed: [],
  });
  expect([first.code, second.code]).toEqual([0, 0]);

  // Every state is published once, in the new epoch, which is later than all earlier ones.
  const states = received.filter(
    ({ "detail-type": type }) => type === "Agent Availability Changed",
  );
  expect(new Set(states.map(agentOf))).toEqual(
    new Set([...ids.filter((id) => id !== "agent-2"), "newcomer"]),
  );
  expect(states).toHaveLength(AGENTS);
  expect(new Set(states.map((event) => metadataOf(event).epoch))).toEqual(new Set([epoch]));
  expect(states.filter((event) => metadataOf(event).gap)).toEqual([]);
  expect(epoch).toBeGreaterThan(
    Math.max(...[...backup.values()].map((item) => Number(item["epoch"]?.N))),
  );
  // An agent who was never deleted is published unchanged. A deleted agent is created again.
  const untouched = received.filter((event) => ["agent-3", "newcomer"].includes(agentOf(event)));
  expect(untouched.map(({ "detail-type": type, detail }) => [type, detail["changed"]])).toEqual([
    ["Agent Availability Changed", []],
    ["Agent Availability Changed", []],
  ]);

  expect(after.get("agent-0")).toMatchObject({ name: { S: "Newer than the backup" } });
  expect(after.get("agent-1")).toEqual({
    ...backup.get("agent-1"),
    epoch: { N: String(epoch) },
    version: { N: "1" },
  });
  expect(Object.keys(after.get("agent-2") ?? {})).not.toContain("name");
  expect(after.get("agent-2")).toHaveProperty("removedAt");
  expect(received.filter((event) => agentOf(event) === "agent-2")).toEqual([]);
  expect(later.map(metadataOf)).toMatchObject([{ epoch, version: 2 }]);
});

it("republishes the current state of every agent once per restore", async () => {
  const operate = createOperator(running.cloud);
  const known = [...(await itemsIn(running.cloud.tableName)).values()].filter(
    (item) => item["removedAt"] === undefined,
  );
  const listener = await listen(running.cloud, "republished");

  const first = await operate("restore", "--yes", "--json", "--rate", "200");
  const { epoch } = JSON.parse(first.out) as { epoch: number };
  const resume = ["--epoch", String(epoch), "--rate", "200"];
  const again = await operate("restore", ...resume, "--yes", "--json");
  const received = await receiveAll(running.cloud, listener);
  await listener.close();

  expect(known.length).toBeGreaterThanOrEqual(AGENTS);
  expect([first.code, again.code]).toEqual([0, 0]);
  expect(JSON.parse(first.out)).toMatchObject({
    republished: known.length,
    current: 0,
    failed: [],
  });
  expect(JSON.parse(again.out)).toMatchObject({ republished: 0, current: known.length });
  expect(again.err).toContain("Nothing was published");
  // Each once, without differences, and later than everything published before.
  expect(received.map(agentOf).toSorted()).toEqual(
    known.map((item) => item["availabilityId"]?.S ?? "").toSorted(),
  );
  expect(
    received.map((event) => [event["detail-type"], event.detail["changed"], metadataOf(event)]),
  ).toEqual(
    received.map(() => [
      "Agent Availability Changed",
      [],
      expect.objectContaining({ epoch, version: 1, gap: false }),
    ]),
  );
  expect(epoch).toBeGreaterThan(Math.max(...known.map((item) => Number(item["epoch"]?.N))));
});

it("reports an item and a table that it cannot restore", async () => {
  const operate = createOperator(running.cloud);
  const { tableName } = running.cloud;
  await post([change("whole", 10, "Whole"), change("broken", 10, "Broken")]);
  const present = await itemsIn(tableName);
  const broken = { ...present.get("broken"), channels: { S: "edited" } } as Item;
  await restoreTo("broken-copy", [present.get("whole") ?? {}, broken]);
  for (const id of ["whole", "broken"]) {
    const key = { accountId: { S: ACCOUNT }, availabilityId: { S: id } };
    await dynamodb().send(new DeleteItemCommand({ TableName: tableName, Key: key }));
  }

  const restored = await operate(
    "restore",
    "--from",
    "broken-copy",
    "--yes",
    "--json",
    "--rate",
    "500",
  );
  const wrong = await operate("restore", "--from", "nowhere", "--yes");

  expect(restored.code).toBe(1);
  expect(JSON.parse(restored.out)).toMatchObject({
    restored: 1,
    failed: [{ agent: `${ACCOUNT}/broken`, reason: "channels must be a map" }],
  });
  expect((await itemsIn(tableName)).get("whole")).toHaveProperty("name");
  expect(wrong).toEqual({
    out: "",
    err: "table nowhere not found in this account and region. To restore one, see docs/operate/restore.md.\n",
    code: 1,
  });
});
