import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { DynamoDBClient, ListTablesCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import {
  CreateArchiveCommand,
  DescribeEventBusCommand,
  DescribeReplayCommand,
  EventBridgeClient,
  PutEventsCommand,
  StartReplayCommand,
} from "@aws-sdk/client-eventbridge";
import { GetQueueAttributesCommand, ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, beforeAll, describe, expect, it } from "@jest/globals";

import { clientConfig } from "../../local/emulator/cloud.ts";
import type { RunningCloud } from "../../local/emulator/start-cloud.ts";
import { type Listener, listen, type ReceivedEvent } from "../../local/sample-day/listener.ts";
import { anExample } from "../builders/copied-example.ts";
import { eventually } from "../builders/eventually.ts";
import { aPayload } from "../../tools/fakes/payload.ts";
import { startTestCloud } from "../builders/start-test-cloud.ts";
import { receiveAll } from "./receive.ts";
import { post } from "./signed-post.ts";

const example = anExample("tickets-closed");
const { type } = example;
const folder = mkdtempSync(join(tmpdir(), "tickets-closed-log-"));

/** The default of `retentionDays`. */
const RETENTION_SECONDS = 40 * 86_400;

let running: RunningCloud;
let listener: Listener;
let events: EventBridgeClient;
let queues: SQSClient;
let busArn = "";
const received: ReceivedEvent[] = [];

interface Message {
  readonly availabilityId: string;
  readonly unavailableSince: string;
}

/** The messages that the topic's subscriber printed. */
function messagesIn(output: string): Message[] {
  const lines = output.split("\n").filter((line) => line.startsWith("{"));
  return lines.map((line) => JSON.parse(line) as Message);
}

/** The number of messages in the delay queue, including those that are being processed. */
async function delayed(): Promise<number> {
  const { QueueUrls: [url] = [] } = await queues.send(
    new ListQueuesCommand({ QueueNamePrefix: "TicketsClosed-Delay" }),
  );
  const { Attributes: attributes = {} } = await queues.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ["All"] }),
  );
  const all = Object.entries(attributes);
  const counts = all.filter(([name]) => name.startsWith("ApproximateNumberOfMessages"));
  expect(counts).toHaveLength(3);
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}

/** Waits until the delay queue is empty. */
async function untilProcessed(): Promise<void> {
  await eventually("the delay queue to be empty", async () => (await delayed()) === 0);
}

/** The items of the example's OnceTable. */
async function records() {
  const dynamodb = new DynamoDBClient(clientConfig(running.cloud));
  const { TableNames: names = [] } = await dynamodb.send(new ListTablesCommand({}));
  const TableName = names.find((name) => name.startsWith("TicketsClosed"));
  const { Items: items = [] } = await dynamodb.send(new ScanCommand({ TableName }));
  return items;
}

/** Sends a change of an agent's tickets channel, and returns its time. */
async function change(id: string, available: boolean): Promise<string> {
  const updatedAt = new Date().toISOString();
  const channel = { channel: "freshdesk", available, agent_id: `desk-${id}` };
  await post(running.cloud, [
    aPayload({
      agent: { id, name: `Agent ${id}`, updated_at: updatedAt, channel_availability: [channel] },
    }),
  ]);
  return updatedAt;
}

/** Receives the events of all changes so far. By then, the delay queue has received them too. */
async function receive(): Promise<ReceivedEvent[]> {
  const newEvents = await receiveAll(running.cloud, listener);
  received.push(...newEvents);
  return newEvents;
}

beforeAll(async () => {
  running = await startTestCloud(join(folder, "log"));
  events = new EventBridgeClient(clientConfig(running.cloud));
  queues = new SQSClient(clientConfig(running.cloud));
  listener = await listen(running.cloud, "everything");
  const bus = await events.send(new DescribeEventBusCommand({ Name: running.cloud.busName }));
  busArn = bus.Arn ?? "";
  await events.send(new CreateArchiveCommand({ ArchiveName: "all", EventSourceArn: busArn }));
  await example.copy(running.cloud);
});

afterAll(async () => {
  await running.stop();
  example.remove();
  rmSync(folder, { recursive: true, force: true });
});

describe("the example, copied and run as its README describes", () => {
  const [[localUp, exportPath, copy, copyTry, pack, enter, install = ""] = [], ...blocks] =
    example.blocks;
  const [deploy, inTime, ...others] = blocks;
  const began = new Date();

  it("notifies the topic of an agent who became and stayed unavailable", async () => {
    // beforeAll does the same with folders of its own.
    expect([localUp, exportPath, copy, copyTry, pack, enter]).toEqual([
      "npm run local:up",
      "export LOCAL_CLOUD=$PWD/.local/cloud.json",
      "cp -R examples/tickets-closed ../tickets-closed",
      "cp -R examples/try ../tickets-closed/try",
      "npm pack --pack-destination ../tickets-closed",
      "cd ../tickets-closed",
    ]);
    expect(others).toEqual([]);

    let output = "";
    for (const line of [install, ...(deploy ?? [])]) {
      output = await type(line);
    }
    const messages = await eventually("the message of the topic", async () => {
      const found = messagesIn(output);
      output = found.length > 0 ? output : await type("npm run topic -- 20");
      return found.length > 0 && found;
    });

    expect(messages).toEqual([
      {
        text: expect.stringMatching(
          /^Agent 1 has been unavailable for tickets since \S+Z: On break$/,
        ),
        accountId: "11010177632",
        availabilityId: "1",
        agentId: "1",
        name: "Agent 1",
        email: "agent1@example.com",
        status: "On break",
        unavailableSince: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      },
    ]);
  });

  it("sends no message about an agent who becomes available again in time", async () => {
    expect(inTime).toEqual([
      "npm run agent -- 2 open",
      "npm run agent -- 2 close",
      "npm run agent -- 2 open",
      "npm run topic -- 20",
    ]);
    // On a busy machine, each of these commands can take longer than the delay.
    await change("2", true);
    await change("2", false);
    await change("2", true);
    await receive();
    await untilProcessed();

    expect(messagesIn(await type("npm run topic -- 1"))).toEqual([]);
  });

  it("counts the delay from the latest change, and sends one message", async () => {
    await change("3", true);
    await change("3", false);
    await sleep(2000);
    await change("3", true);
    const unavailableSince = await change("3", false);
    await receive();
    await untilProcessed();

    const messages = messagesIn(await type("npm run topic -- 1"));
    expect(messages).toEqual([expect.objectContaining({ availabilityId: "3", unavailableSince })]);
    const expirations = (await records()).map(({ expiration }) => Number(expiration?.N));
    const sentAtSeconds = Math.max(...expirations) - RETENTION_SECONDS;
    expect(sentAtSeconds).toBeGreaterThanOrEqual(
      Math.floor(Date.parse(unavailableSince) / 1000) + 10,
    );
  });

  it("ignores an agent who is first seen", async () => {
    await change("4", false);
    await receive();

    expect(await delayed()).toBe(0);
  });

  it("sends no message again and changes no record if all events are delivered again in another order", async () => {
    const before = await records();
    await receive();
    const closings = received.filter(({ detail }) => detail["available"] === false);
    expect(before).toHaveLength(2);
    expect(closings).toHaveLength(5);

    for (const { detail, source, "detail-type": detailType } of received.toReversed()) {
      const entry = { Detail: JSON.stringify(detail), Source: source, DetailType: detailType };
      const Entries = [{ ...entry, EventBusName: running.cloud.busName }];
      await events.send(new PutEventsCommand({ Entries }));
    }
    // All but the event of agent 4, whom the hub knows only as unavailable.
    expect(await delayed()).toBe(4);
    await untilProcessed();

    expect(messagesIn(await type("npm run topic -- 1"))).toEqual([]);
    expect(await records()).toEqual(before);
  });

  it("sends no message again and changes no record if the archive is replayed", async () => {
    const before = await records();
    await receive();

    const archiveArn = busArn.replace(/event-bus\/.*$/, "archive/all");
    await events.send(
      new StartReplayCommand({
        ReplayName: "again",
        EventSourceArn: archiveArn,
        EventStartTime: began,
        EventEndTime: new Date(),
        Destination: { Arn: busArn },
      }),
    );
    const replay = { ReplayName: "again" };
    for (let state = ""; state !== "COMPLETED"; await sleep(200)) {
      state = (await events.send(new DescribeReplayCommand(replay))).State ?? "";
      expect(["STARTING", "RUNNING", "COMPLETED"]).toContain(state);
    }
    const again = await receive();
    expect(again.filter(({ detail }) => detail["available"] === false).length).toBeGreaterThan(4);
    await untilProcessed();

    expect(messagesIn(await type("npm run topic -- 1"))).toEqual([]);
    expect(await records()).toEqual(before);
  });
});
