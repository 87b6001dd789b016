import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, it } from "@jest/globals";

import { clientConfig } from "../../local/emulator/cloud.ts";
import type { RunningCloud } from "../../local/emulator/start-cloud.ts";
import { listen } from "../../local/sample-day/listener.ts";
import { aPayload, minutesAgo } from "../../tools/fakes/payload.ts";
import { startTestCloud } from "../builders/start-test-cloud.ts";
import { createOperator } from "./operator.ts";
import { receiveAll } from "./receive.ts";
import { post as postSigned } from "./signed-post.ts";

const ACCOUNT = "11010177632";
const folder = mkdtempSync(join(tmpdir(), "forget-"));

let running: RunningCloud;

beforeAll(async () => {
  running = await startTestCloud(join(folder, "log"));
});

afterAll(async () => {
  await running.stop();
  rmSync(folder, { recursive: true, force: true });
});

const post = async (payload: object) => (await postSigned(running.cloud, [payload]))[0];

async function itemOf(availabilityId: string) {
  const { Item: item } = await new DynamoDBClient(clientConfig(running.cloud)).send(
    new GetItemCommand({
      TableName: running.cloud.tableName,
      Key: { accountId: { S: ACCOUNT }, availabilityId: { S: availabilityId } },
      ConsistentRead: true,
    }),
  );
  return item;
}

const rachel = (minutes: number) =>
  aPayload({
    agent: {
      id: "forgettable",
      name: "Rachel Zane",
      Email: "rachel.zane@acme.com",
      updated_at: minutesAgo(minutes),
    },
  });

it("forgets an agent by email address at once, publishes IDs only, blocks late deliveries, and creates the agent again after a newer event", async () => {
  const operate = createOperator(running.cloud);
  const listener = await listen(running.cloud, "forgetting");
  const [first, last] = [rachel(9), rachel(8)];
  await post(first);
  await post(last);
  // Two versions: four events when first seen, and one for a change without differences.
  const before = await receiveAll(running.cloud, listener);

  const asked = await operate("agent", "forget", ACCOUNT, "rachel.zane@acme.com");
  const forgotten = await operate(
    "agent",
    "forget",
    ACCOUNT,
    "Rachel.Zane@acme.com",
    "--yes",
    "--json",
  );
  const tombstone = await itemOf("forgettable");
  const late = [await post(first), await post(last), await post(rachel(60))];
  const afterLate = await itemOf("forgettable");
  const published = await receiveAll(running.cloud, listener);
  const again = await operate("agent", "forget", ACCOUNT, "forgettable", "--json");
  const shown = await operate("agent", "show", ACCOUNT, "rachel.zane@acme.com");
  // A minute from now: newer than the removal.
  const newer = await post(rachel(-1));
  const publishedAgain = await receiveAll(running.cloud, listener);
  await listener.close();

  expect(before).toHaveLength(5);
  expect(asked).toEqual({
    out: "",
    err: `This forgets Rachel Zane (rachel.zane@acme.com, availability ID forgettable) of account ${ACCOUNT} (stage local; item forgettable). This cannot be undone. Nothing was changed. Cannot ask for confirmation: stdin is not a terminal. Pass --yes to confirm.\n`,
    code: 1,
  });
  expect(forgotten.code).toBe(0);
  const report = JSON.parse(forgotten.out) as Record<string, unknown>;
  expect(report).toMatchObject({
    stage: "local",
    accountId: ACCOUNT,
    availabilityId: "forgettable",
    outcome: "forgotten",
  });
  expect((report["copies"] as { where: string }[]).map(({ where }) => where)).toEqual([
    "stream of the table",
    "relay, at Freshworks",
    "dead-letter queue",
    "on-failure destination",
  ]);
  expect(forgotten.out).not.toMatch(/zane/i);
  expect(Object.keys(tombstone ?? {}).toSorted()).toEqual([
    "accountId",
    "availabilityId",
    "contentHash",
    "epoch",
    "eventTimestamp",
    "expiresAt",
    "removedAt",
    "removedBecause",
    "updatedAt",
    "version",
  ]);
  expect(late).toMatchObject([
    { outcome: "stale", version: 3 },
    { outcome: "stale", version: 3 },
    { outcome: "stale", version: 3 },
  ]);
  expect(afterLate).toEqual(tombstone);
  expect(published.map(({ "detail-type": type }) => type)).toEqual(["Agent Removed"]);
  expect(published[0]?.detail).toEqual({
    metadata: {
      id: expect.stringMatching(new RegExp(`^${ACCOUNT}/forgettable/\\d+/3/AgentRemoved$`)),
      schemaVersion: 1,
      epoch: Number(tombstone?.["epoch"]?.N),
      version: 3,
      occurredAt: tombstone?.["removedAt"]?.S,
      publishedAt: expect.any(String),
      origin: "operator",
      gap: false,
    },
    accountId: ACCOUNT,
    agent: { availabilityId: "forgettable" },
    reason: "forgotten",
  });
  expect(JSON.parse(again.out)).toMatchObject({
    outcome: "already-forgotten",
    removedAt: report["removedAt"],
  });
  expect(shown.code).toBe(1);
  expect(newer).toMatchObject({ outcome: "applied", version: 4 });
  expect(publishedAgain).toHaveLength(4);
  expect(publishedAgain.filter(({ detail }) => "previous" in detail)).toEqual([]);
});

it("stops if two agents have the ID, and forgets the selected one with --exact", async () => {
  const operate = createOperator(running.cloud);
  await post(aPayload({ agent: { id: "55", Email: "ross@acme.com", updated_at: minutesAgo(9) } }));
  await post(
    aPayload({
      agent: {
        id: "66",
        Email: "joey@acme.com",
        updated_at: minutesAgo(9),
        channel_availability: [{ channel: "freshchat", available: true, agent_id: "55" }],
      },
    }),
  );

  const ambiguousResult = await operate("agent", "forget", ACCOUNT, "55", "--yes");
  const exactResult = await operate("agent", "forget", ACCOUNT, "55", "--yes", "--exact");
  const notFoundResult = await operate("agent", "forget", ACCOUNT, "404", "--yes");

  expect(ambiguousResult.code).toBe(1);
  expect(ambiguousResult.err).toMatch(/^"55" is an ID of 2 agents\. Nothing was changed\./);
  expect(exactResult.code).toBe(0);
  expect(exactResult.out).toContain(`Forgot agent 55 of account ${ACCOUNT} on `);
  expect(await itemOf("55")).toHaveProperty("removedAt");
  expect(await itemOf("66")).not.toHaveProperty("removedAt");
  expect(notFoundResult).toEqual({
    out: "",
    err: `agent "404" not found in account ${ACCOUNT} (stage local). Nothing was changed.\n`,
    code: 1,
  });
});
