import { mkdtempSync, rmSync } from "node:fs";
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
import { build } from "esbuild";

import { anEvent } from "../../client/events/an-event.ts";
import { parsePayload } from "../../functions/availability/payload.ts";
import { createAgentStore } from "../../functions/store/agent-store.ts";
import { fromSource } from "../../tools/checks/synthesize-example.ts";
import { root } from "../../tools/run/paths.ts";
import { aPayload } from "../../tools/fakes/payload.ts";
import { aContext, aOnceTable } from "../client/once/a-once-table.ts";

const SECONDS = 60;
const ACCOUNT = "11010177632";
const folder = mkdtempSync(join(tmpdir(), "check-agent-"));

type Handler = (event: object, context: object) => Promise<void>;

let table: Awaited<ReturnType<typeof aOnceTable>>;
let queues: SQSClient;
let handler: Handler;
const urls = { delay: "", messages: "" };

beforeAll(async () => {
  table = await aOnceTable();
  const { endpoint } = table;
  const credentials = { accessKeyId: "000000000000", secretAccessKey: "local" };
  const config = { endpoint, region: "us-east-1", credentials };
  queues = new SQSClient(config);
  const topics = new SNSClient(config);
  for (const name of ["delay", "messages"] as const) {
    const created = await queues.send(new CreateQueueCommand({ QueueName: name }));
    urls[name] = created.QueueUrl ?? "";
  }
  const { TopicArn } = await topics.send(new CreateTopicCommand({ Name: "topic" }));
  const { Attributes: attributes } = await queues.send(
    new GetQueueAttributesCommand({ QueueUrl: urls.messages, AttributeNames: ["QueueArn"] }),
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
    DELAY_QUEUE_URL: urls.delay,
    AGENTS_TABLE: "agents",
    ONCE_TABLE: table.tableName,
    SECONDS: String(SECONDS),
  });
  const outfile = join(folder, "check-agent.cjs");
  await build({
    entryPoints: [join(root, "examples", "tickets-closed", "check-agent.ts")],
    outfile,
    bundle: true,
    platform: "node",
    logLevel: "error",
    plugins: [fromSource],
  });
  ({ handler } = createRequire(import.meta.url)(outfile) as { handler: Handler });
});

afterAll(async () => {
  queues.destroy();
  await table.stop();
  rmSync(folder, { recursive: true, force: true });
});

const secondsAgo = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString();

/** Stores a change of an agent's tickets channel, as the hub does. */
async function storeChange(id: string, available: boolean, updatedAt: string): Promise<void> {
  const channel = { channel: "freshdesk", available, agent_id: `desk-${id}` };
  const agent = { id, updated_at: updatedAt, channel_availability: [channel] };
  const parsed = parsePayload(aPayload({ agent }), new Date());
  if (!parsed.ok) {
    throw new Error("the payload is invalid");
  }
  await createAgentStore(table.client, "agents").apply(
    parsed.change,
    { receivedAt: secondsAgo(0), webhookId: "w", origin: "relay" },
    new AbortController().signal,
  );
}

/** Invokes the function with an event about the agent. */
async function checkAgent(availabilityId: string): Promise<void> {
  const event = anEvent("Agent Channel Availability Changed", { agent: { availabilityId } });
  await handler({ Records: [{ body: JSON.stringify(event) }] }, aContext());
}

/** Receives and deletes the messages of a queue. */
async function received(name: keyof typeof urls): Promise<Record<string, unknown>[]> {
  const QueueUrl = urls[name];
  const { Messages: messages = [] } = await queues.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }),
  );
  for (const { ReceiptHandle } of messages) {
    await queues.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  }
  return messages.map(({ Body: body = "" }) => JSON.parse(body) as Record<string, unknown>);
}

/** The number of messages that are delayed. */
async function delayed(): Promise<number> {
  const { Attributes: attributes } = await queues.send(
    new GetQueueAttributesCommand({ QueueUrl: urls.delay, AttributeNames: ["All"] }),
  );
  return Number(attributes?.["ApproximateNumberOfMessagesDelayed"]);
}

describe("the example's function", () => {
  it("sends one message about an agent who has been unavailable for the delay", async () => {
    const unavailableSince = secondsAgo(SECONDS + 1);
    await storeChange("1", true, secondsAgo(300));
    await storeChange("1", false, unavailableSince);

    await checkAgent("1");
    const { Items: before } = await table.client.send(new ScanCommand({ TableName: "once" }));
    await checkAgent("1");
    await checkAgent("1");

    const { Items: after } = await table.client.send(new ScanCommand({ TableName: "once" }));
    expect(after).toEqual(before);
    expect(await received("messages")).toEqual([
      {
        text: `Rachel has been unavailable for tickets since ${unavailableSince}: On break`,
        accountId: ACCOUNT,
        availabilityId: "1",
        agentId: "desk-1",
        name: "Rachel",
        email: "rachel@acme.com",
        status: "On break",
        unavailableSince,
      },
    ]);
  });

  it("sends another message after the next change", async () => {
    await storeChange("2", true, secondsAgo(400));
    await storeChange("2", false, secondsAgo(300));
    await checkAgent("2");
    await storeChange("2", true, secondsAgo(200));
    await storeChange("2", false, secondsAgo(100));
    await checkAgent("2");

    expect(await received("messages")).toHaveLength(2);
  });

  it("sends no message about an agent who is available again, or is not found", async () => {
    await storeChange("3", false, secondsAgo(200));
    await storeChange("3", true, secondsAgo(100));

    await checkAgent("3");
    await checkAgent("nobody");

    expect(await received("messages")).toEqual([]);
    expect(await delayed()).toBe(0);
  });

  it("delays an event if the agent was available in between", async () => {
    await storeChange("4", true, secondsAgo(40));
    await storeChange("4", false, secondsAgo(20));

    await checkAgent("4");

    expect(await received("messages")).toEqual([]);
    expect(await delayed()).toBe(1);
  });

  it("fails if the message is not an event, so that it is dead-lettered", async () => {
    await expect(handler({ Records: [{ body: "{}" }] }, aContext())).rejects.toMatchObject({
      name: "EventError",
    });
  });
});
