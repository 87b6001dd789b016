import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { CreateTableCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { CreateTopicCommand, SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";
import { build, type Plugin } from "esbuild";

import { anEvent } from "../../client/events/an-event.ts";
import { parsePayload } from "../../functions/availability/payload.ts";
import { createAgentStore } from "../../functions/store/agent-store.ts";
import { root } from "../../tools/run/paths.ts";
import { aPayload } from "../../tools/fakes/payload.ts";
import { aContext, aOnceTable } from "../client/once/a-once-table.ts";

const SECONDS = 60;
const ACCOUNT = "11010177632";
const folder = mkdtempSync(join(tmpdir(), "look-"));

type Handler = (event: object, context: object) => Promise<void>;

let table: Awaited<ReturnType<typeof aOnceTable>>;
let queues: SQSClient;
let handler: Handler;
const urls = { waiting: "", told: "" };

/** The package's exports as they are here, not as they were built and packed last. */
const fromSource: Plugin = {
  name: "from-source",
  setup(esbuild) {
    const { exports } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
      exports: Record<string, string>;
    };
    esbuild.onResolve({ filter: /^agent-availability-hub\// }, ({ path }) => {
      const built = exports[path.replace("agent-availability-hub", ".")] ?? "";
      return { path: join(root, built.replace("./dist/", "").replace(/\.js$/, ".ts")) };
    });
  },
};

beforeAll(async () => {
  table = await aOnceTable();
  const { endpoint } = table;
  const credentials = { accessKeyId: "000000000000", secretAccessKey: "local" };
  const config = { endpoint, region: "us-east-1", credentials };
  queues = new SQSClient(config);
  const topics = new SNSClient(config);
  for (const name of ["waiting", "told"] as const) {
    const made = await queues.send(new CreateQueueCommand({ QueueName: name }));
    urls[name] = made.QueueUrl ?? "";
  }
  const { TopicArn } = await topics.send(new CreateTopicCommand({ Name: "topic" }));
  const { Attributes: attributes } = await queues.send(
    new GetQueueAttributesCommand({ QueueUrl: urls.told, AttributeNames: ["QueueArn"] }),
  );
  await topics.send(
    new SubscribeCommand({
      TopicArn,
      Protocol: "sqs",
      Endpoint: attributes?.QueueArn,
      Attributes: { RawMessageDelivery: "true" },
    }),
  );
  topics.destroy();
  await table.client.send(
    new CreateTableCommand({
      TableName: "agents",
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [
        { AttributeName: "accountId", AttributeType: "S" },
        { AttributeName: "availabilityId", AttributeType: "S" },
      ],
      KeySchema: [
        { AttributeName: "accountId", KeyType: "HASH" },
        { AttributeName: "availabilityId", KeyType: "RANGE" },
      ],
    }),
  );
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: config.region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    TOPIC_ARN: TopicArn,
    WAITING_URL: urls.waiting,
    AGENTS_TABLE: "agents",
    ONCE_TABLE: table.tableName,
    SECONDS: String(SECONDS),
  });
  const outfile = join(folder, "look.cjs");
  await build({
    entryPoints: [join(root, "examples", "tickets-closed", "look.ts")],
    outfile,
    bundle: true,
    platform: "node",
    logLevel: "error",
    plugins: [fromSource],
  });
  ({ handler } = createRequire(import.meta.url)(outfile) as { handler: Handler });
}, 120_000);

afterAll(async () => {
  queues.destroy();
  await table.stop();
  rmSync(folder, { recursive: true, force: true });
}, 30_000);

const secondsAgo = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString();

/** What the hub stores when an agent's tickets channel opens or closes. */
async function change(id: string, available: boolean, updatedAt: string): Promise<void> {
  const channel = { channel: "freshdesk", available, agent_id: `desk-${id}` };
  const agent = { id, updated_at: updatedAt, channel_availability: [channel] };
  const parsed = parsePayload(aPayload({ agent }), new Date());
  if (!parsed.ok) {
    throw new Error("this is no payload");
  }
  await createAgentStore(table.client, "agents").apply(
    parsed.change,
    { receivedAt: secondsAgo(0), webhookId: "w", origin: "relay" },
    new AbortController().signal,
  );
}

/** The queue hands over an event that tells of a closing. */
async function look(availabilityId: string): Promise<void> {
  const event = anEvent("Agent Channel Availability Changed", { agent: { availabilityId } });
  await handler({ Records: [{ body: JSON.stringify(event) }] }, aContext());
}

/** Takes what lies in a queue. */
async function taken(name: keyof typeof urls): Promise<Record<string, unknown>[]> {
  const QueueUrl = urls[name];
  const { Messages: messages = [] } = await queues.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
  );
  for (const { ReceiptHandle } of messages) {
    await queues.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  }
  return messages.map(({ Body: body = "" }) => JSON.parse(body) as Record<string, unknown>);
}

/** How many messages wait until their time has come. */
async function delayed(): Promise<number> {
  const { Attributes: attributes } = await queues.send(
    new GetQueueAttributesCommand({ QueueUrl: urls.waiting, AttributeNames: ["All"] }),
  );
  return Number(attributes?.["ApproximateNumberOfMessagesDelayed"]);
}

describe("the example's function", () => {
  it("tells who had tickets that are closed for long enough, once for each closing", async () => {
    const closedSince = secondsAgo(SECONDS + 1);
    await change("1", true, secondsAgo(300));
    await change("1", false, closedSince);

    await look("1");
    const { Items: before } = await table.client.send(new ScanCommand({ TableName: "once" }));
    await look("1");
    await look("1");

    const { Items: after } = await table.client.send(new ScanCommand({ TableName: "once" }));
    expect(after).toEqual(before);
    expect(await taken("told")).toEqual([
      {
        text: `Tickets of Rachel have been closed since ${closedSince}: On break`,
        accountId: ACCOUNT,
        availabilityId: "1",
        agentId: "desk-1",
        name: "Rachel",
        email: "rachel@acme.com",
        status: "On break",
        closedSince,
      },
    ]);
  });

  it("tells of the next closing too", async () => {
    await change("2", true, secondsAgo(400));
    await change("2", false, secondsAgo(300));
    await look("2");
    await change("2", true, secondsAgo(200));
    await change("2", false, secondsAgo(100));
    await look("2");

    expect(await taken("told")).toHaveLength(2);
  });

  it("tells nobody of an agent who is open again, or forgotten", async () => {
    await change("3", false, secondsAgo(200));
    await change("3", true, secondsAgo(100));

    await look("3");
    await look("nobody");

    expect(await taken("told")).toEqual([]);
    expect(await delayed()).toBe(0);
  });

  it("waits for the rest of the minute of an agent who closed anew", async () => {
    await change("4", true, secondsAgo(40));
    await change("4", false, secondsAgo(20));

    await look("4");

    expect(await taken("told")).toEqual([]);
    expect(await delayed()).toBe(1);
  });

  it("fails on what is no event of the hub, so that it ends in the queue of what failed", async () => {
    await expect(handler({ Records: [{ body: "{}" }] }, aContext())).rejects.toThrow(
      "this is no event of agent availability",
    );
  });
});
