import { createHmac, randomUUID } from "node:crypto";
import { appendFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import { LambdaClient, ListEventSourceMappingsCommand } from "@aws-sdk/client-lambda";
import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { beforeAll, expect, it } from "@jest/globals";

import { clientConfig } from "../../local/emulator/cloud.ts";
import type { RunningCloud } from "../../local/emulator/start-cloud.ts";
import { denyAccess, rejectEntries, withholdResponse } from "../chaos/fault-proxy/fault-effects.ts";
import { type FaultProxy, startFaultProxy } from "../chaos/fault-proxy/fault-proxy.ts";
import { findFunctions } from "../chaos/deployed-functions.ts";
import { listen, type Listener, type ReceivedEvent } from "../../local/sample-day/listener.ts";
import { type Driver, startDriver } from "../../local/stream-mapping/driver.ts";
import { parseEventSourceMapping } from "../../local/stream-mapping/event-source-mapping.ts";
import { aPayload, minutesAgo } from "../../tools/fakes/payload.ts";
import { eventually } from "../builders/eventually.ts";
import { startTestCloud } from "../builders/start-test-cloud.ts";
import { stopAfterAll } from "../builders/stop-after-all.ts";
import { startCommand } from "../commands/run-command.ts";

const ACCOUNT = "11010177632";
const folder = mkdtempSync(join(tmpdir(), "journey-redrive-"));

let running: RunningCloud;
let proxy: FaultProxy;
let listener: Listener;
let driver: Driver;
const received: ReceivedEvent[] = [];

/** Sends a change as a relay would. */
async function change(agent: string, minutes: number, status: number): Promise<void> {
  const { ingestUrl, accounts } = running.cloud;
  const body = JSON.stringify(
    aPayload({ agent: { id: agent, updated_at: minutesAgo(minutes), status_id: status } }),
  );
  const [id, timestamp] = [randomUUID(), String(Math.floor(Date.now() / 1000))];
  const secret = Buffer.from((accounts[0]?.signingKey ?? "").slice("whsec_".length), "base64");
  const mac = createHmac("sha256", secret).update(`${id}.${timestamp}.${body}`).digest("base64");
  const response = await fetch(`${ingestUrl}/v1/accounts/${ACCOUNT}/availability-events`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": timestamp,
      "webhook-signature": `v1,${mac}`,
    },
    body,
  });
  expect(response.status).toBe(200);
}

async function parameter(name: string): Promise<string> {
  const { cloud } = running;
  const { Parameter: found } = await new SSMClient(clientConfig(cloud)).send(
    new GetParameterCommand({ Name: `/agent-availability/${cloud.stage}/${name}` }),
  );
  return found?.Value ?? "";
}

/** Number of messages and invocation records, including messages in flight. */
async function deadLetters(): Promise<{ messages: number; objects: number }> {
  const config = clientConfig(running.cloud);
  const { Attributes: counts = {} } = await new SQSClient(config).send(
    new GetQueueAttributesCommand({
      QueueUrl: await parameter("dead-letter-queue-url"),
      AttributeNames: ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"],
    }),
  );
  const { Contents: contents = [] } = await new S3Client({ ...config, forcePathStyle: true }).send(
    new ListObjectsV2Command({ Bucket: await parameter("on-failure-bucket-name") }),
  );
  return {
    messages:
      Number(counts.ApproximateNumberOfMessages) +
      Number(counts.ApproximateNumberOfMessagesNotVisible),
    objects: contents.length,
  };
}

async function until(state: string, isReached: () => Promise<boolean>): Promise<void> {
  await eventually(`the events to be ${state}`, isReached);
}

async function idsReceived(): Promise<string[]> {
  received.push(...(await listener.receive()));
  return received.map(({ detail }) => (detail["metadata"] as { id: string }).id);
}

/** Removes the epoch, which is a time. */
const withoutEpoch = (id: string) => id.replace(/^\d+\/([^/]+)\/\d+\//, "$1/");

/** Drives the event source mapping, but stops retrying after one attempt instead of 22 hours. */
async function driveWithOneAttempt(): Promise<Driver> {
  const config = clientConfig(running.cloud);
  const lambda = new LambdaClient(config);
  const { EventSourceMappings: [described = {}] = [] } = await lambda.send(
    new ListEventSourceMappingsCommand({}),
  );
  return startDriver(
    { ...parseEventSourceMapping(described), maximumRetryAttempts: 1 },
    {
      lambda,
      streams: new DynamoDBStreamsClient(config),
      sqs: new SQSClient(config),
      s3: new S3Client({ ...config, forcePathStyle: true }),
    },
    (line) => {
      appendFileSync(running.cloud.logFile, `one attempt: ${line}\n`);
    },
  );
}

/** Starts the command as an operator does. Its calls to the bus may go through the proxy. */
function startRedrive(args: readonly string[] = [], bus = running.cloud.endpoint) {
  const { stage, endpoint, region, accessKeyId, secretAccessKey } = running.cloud;
  return startCommand(["redrive", "--stage", stage, ...args], {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_ENDPOINT_URL_EVENTBRIDGE: bus,
  });
}

const redrive = async (...args: readonly string[]) => await startRedrive(args).ended;

/** Makes the bus reject the status events of these versions permanently. */
async function fillQueue(agent: string, versions: readonly number[]): Promise<void> {
  const fault = proxy.startFault({
    service: "eventbridge",
    effect: rejectEntries(
      (detail) => JSON.stringify(detail).includes("AgentStatusChanged"),
      "MalformedDetail",
    ),
  });
  const { messages } = await deadLetters();
  for (const version of versions) {
    await change(agent, 60 - version, version);
  }
  await until(
    "dead-lettered",
    async () => (await deadLetters()).messages === messages + versions.length,
  );
  expect(fault.hits()).toBeGreaterThan(0);
  fault.end();
}

const stopLater = stopAfterAll();

beforeAll(async () => {
  stopLater(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  running = await startTestCloud(join(folder, "log"));
  stopLater(running.stop);
  await running.driver.stop();
  proxy = await startFaultProxy(running.cloud.endpoint);
  stopLater(proxy.stop);
  const { publisher } = await findFunctions(running.cloud);
  await publisher.configure({
    environmentVariables: { AWS_ENDPOINT_URL_EVENTBRIDGE: proxy.endpoint },
  });
  listener = await listen(running.cloud, "redrive");
  stopLater(listener.close);
  driver = await driveWithOneAttempt();
  stopLater(async () => {
    await driver.stop();
  });
});

it("reports that there is nothing to redrive", async () => {
  expect(await redrive()).toEqual({
    out: "Nothing to redrive in stage local.\n",
    err: "",
    code: 0,
  });
});

it("publishes permanently rejected events and failed records, each agent's versions in order", async () => {
  await fillQueue("queued", [1, 2, 3]);
  const bus = proxy.startFault({ service: "eventbridge", effect: denyAccess });
  for (const version of [4, 5]) {
    const { objects } = await deadLetters();
    await change("queued", 60 - version, version);
    await until(
      "in the on-failure destination",
      async () => (await deadLetters()).objects === objects + 1,
    );
  }
  await change("failed", 50, 1);
  await until("in the on-failure destination", async () => (await deadLetters()).objects === 3);
  expect(bus.hits()).toBeGreaterThan(0);
  bus.end();
  const before = await idsReceived();

  const { out, err, code } = await redrive();

  await until("delivered", async () => (await idsReceived()).length >= before.length + 11);
  const after = (await idsReceived()).slice(before.length).map(withoutEpoch);
  expect(code).toBe(0);
  expect(out).toBe("Published 11 events. Removed 3 messages and 3 invocation records.\n");
  // On a slow machine, progress lines follow.
  expect(err).toMatch(/^Found 3 messages and 3 invocation records in stage local\.\n/);
  expect(after.filter((id) => id.startsWith("queued/"))).toEqual([
    "queued/1/AgentStatusChanged",
    "queued/2/AgentStatusChanged",
    "queued/3/AgentStatusChanged",
    "queued/4/AgentAvailabilityChanged",
    "queued/4/AgentStatusChanged",
    "queued/5/AgentAvailabilityChanged",
    "queued/5/AgentStatusChanged",
  ]);
  expect(after.filter((id) => id.startsWith("failed/"))).toEqual([
    "failed/1/AgentAvailabilityChanged",
    "failed/1/AgentStatusChanged",
    "failed/1/AgentChannelAvailabilityChanged/freshchat",
    "failed/1/AgentChannelAvailabilityChanged/freshdesk",
  ]);
  expect(await deadLetters()).toEqual({ messages: 0, objects: 0 });
});

it("loses nothing if it is interrupted, and resumes", async () => {
  await fillQueue("interrupted", [1, 2]);
  const bus = proxy.startFault({ service: "eventbridge", effect: withholdResponse });
  const before = (await idsReceived()).length;
  const first = startRedrive([], proxy.endpoint);
  await until("at the bus", async () => await Promise.resolve(bus.hits() > 0));

  first.signal("SIGINT");
  const interrupted = await first.ended;
  bus.end();

  expect(interrupted.code).toBe(130);
  expect(interrupted.out).toContain("Interrupted: everything else is unchanged.");
  expect(await deadLetters()).toEqual({ messages: 2, objects: 0 });
  expect((await redrive()).code).toBe(0);
  await until("delivered", async () => (await idsReceived()).length >= before + 2);
  expect((await idsReceived()).slice(before).map(withoutEpoch)).toEqual([
    "interrupted/1/AgentStatusChanged",
    "interrupted/2/AgentStatusChanged",
  ]);
});

it("leaves events that still cannot be published, and reports why", async () => {
  await new DynamoDBClient(clientConfig(running.cloud)).send(
    new PutItemCommand({
      TableName: running.cloud.tableName,
      Item: {
        accountId: { S: ACCOUNT },
        availabilityId: { S: "manual" },
        version: { N: "7" },
        name: { S: "Rachel" },
      },
    }),
  );
  await until("dead-lettered", async () => (await deadLetters()).messages === 1);

  const text = await redrive();
  const { out, code } = await redrive("--json");

  expect(text.code).toBe(1);
  expect(text.out).toMatch(
    /^Published 0 events\. Removed 0 messages and 0 invocation records\.\n\n1 remains\. This version of the hub cannot parse the record: epoch must be a safe integer\. Run redrive with a version that can\.\n {2}agent manual, account 11010177632, version 7 \(message \S+ in the dead-letter queue, expires \S+\)\n$/m,
  );
  expect(code).toBe(1);
  expect(JSON.parse(out)).toMatchObject({
    stage: "local",
    found: { messages: 1, objects: 0 },
    published: 0,
    removed: { messages: 0, objects: 0 },
    interrupted: false,
    remaining: [
      {
        place: "dead-letter-queue",
        availabilityId: "manual",
        version: 7,
        code: "UnreadableRecord",
      },
    ],
  });
  expect(await deadLetters()).toEqual({ messages: 1, objects: 0 });
  expect(text.out + out).not.toContain("Rachel");
});
