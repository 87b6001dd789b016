import { readFileSync } from "node:fs";

import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { STSClient } from "@aws-sdk/client-sts";
import { expect, it } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import type { DynamoDBRecord } from "aws-lambda";

import { createOperatorsLog } from "../../commands/operators-log.ts";
import { createFailedBucket } from "../../commands/redrive/failed-bucket.ts";
import { redrive } from "../../commands/redrive/redrive.ts";
import { createRepublish } from "../../commands/redrive/republish.ts";
import { createSetAsideQueue } from "../../commands/redrive/set-aside-queue.ts";
import { forgottenSince } from "../../commands/restore/forgotten.ts";
import { createEventBus } from "../../functions/bus/event-bus.ts";
import { aBucketInMemory, aBusInMemory, aQueueInMemory } from "../commands/set-aside-in-memory.ts";

/** What release 0.1.0 put into the queue, and a record as its table's stream had it. */
const { message, record } = JSON.parse(
  readFileSync(new URL("set-aside-by-0.1.0.json", import.meta.url), "utf8"),
) as { readonly message: object; readonly record: DynamoDBRecord };

/** What the same release told of the same item. */
const [{ events: told } = { events: [] }] = JSON.parse(
  readFileSync(new URL("stored-by-0.1.0.json", import.meta.url), "utf8"),
) as readonly { readonly events: readonly { readonly detail: { metadata: { id: string } } }[] }[];
const toldIds = told.map(({ detail }) => detail.metadata.id.split("/").slice(1).join("/"));

async function redriveAll() {
  return await redrive({
    queue: createSetAsideQueue(new SQSClient(), "https://sqs/dead-letters"),
    bucket: createFailedBucket(new S3Client(), "failed"),
    republishing: createRepublish({
      bus: createEventBus(new EventBridgeClient()),
      busName: "agent-availability-test",
      personalData: false,
      signal: new AbortController().signal,
      pause: () => Promise.resolve(),
    }),
    signal: new AbortController().signal,
    tell: { found: () => undefined, published: () => undefined },
  });
}

it("what release 0.1.0 set aside in the queue is published under its id, and removed", async () => {
  const [bus, queue] = [aBusInMemory(), aQueueInMemory(new Date("2026-11-24T08:00:03Z"))];
  aBucketInMemory();
  queue.put(message);

  const { left } = await redriveAll();

  expect(left).toEqual([]);
  expect(bus.ids()).toEqual(["787096/1795507201500/1/AgentStatusChanged"]);
  expect(queue.messages.size).toBe(0);
});

it("the records of its stream that failed are published under the ids of then, and removed", async () => {
  const [bus, bucket] = [aBusInMemory(), aBucketInMemory()];
  aQueueInMemory(new Date("2026-11-24T08:00:03Z"));
  bucket.putInvocation("one", [record]);

  const { left } = await redriveAll();

  expect(left).toEqual([]);
  expect(toldIds.length).toBeGreaterThan(2);
  expect(bus.ids()).toEqual(toldIds);
  expect(bucket.objects.size).toBe(0);
});

it("who was forgotten under release 0.1.0 stays forgotten after a restore", async () => {
  const line = (outcome: string) => ({
    message: `{"id":"d-1","at":"2026-11-24T09:00:00.000Z","by":"arn:aws:iam::123456789012:user/ada","stage":"prod","action":"agent forget","accountId":"11010177632","availabilityId":"787096","outcome":"${outcome}"}`,
  });
  mockClient(CloudWatchLogsClient)
    .on(FilterLogEventsCommand)
    .resolves({ events: [line("begun"), line("done")] });
  const log = createOperatorsLog(
    { logs: new CloudWatchLogsClient(), sts: new STSClient() },
    { logGroupName: "operators", stage: "prod" },
  );

  const isForgotten = forgottenSince(await log.read("agent forget"));

  const agent = { accountId: "11010177632", availabilityId: "787096" };
  expect(isForgotten({ ...agent, receivedAt: "2026-11-24T08:59:59.000Z" })).toBe(true);
  expect(isForgotten({ ...agent, receivedAt: "2026-11-24T09:00:01.000Z" })).toBe(false);
});
