import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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

import { clientConfig } from "../../local/cloud.ts";
import { type RunningCloud, startCloud } from "../../local/emulator/cloud-process.ts";
import { runCommand } from "../../tools/run/command.ts";
import { binFolder, root } from "../../tools/run/paths.ts";
import { type Listener, listen, type ReceivedEvent } from "../../local/sample-day/listener.ts";
import { packInto } from "../builders/packed-project.ts";
import { aPayload } from "../../tools/fakes/payload.ts";
import { post } from "./signed-post.ts";

const EXAMPLE = "examples/tickets-closed";
/** A checkout with the packed package and the example in it, and nothing else of this tree. */
const checkout = mkdtempSync(join(tmpdir(), "tickets-closed-"));
const folder = join(checkout, EXAMPLE);
const cloudFile = join(checkout, "cloud.json");

/** The default of `retentionDays`. */
const RETENTION_SECONDS = 40 * 86_400;

let running: RunningCloud;
let listener: Listener;
let events: EventBridgeClient;
let queues: SQSClient;
let busArn = "";

const isOfNetwork = /_proxy$|^NODE_EXTRA_CA_CERTS$|^SSL_CERT_|^npm_config_registry$/i;

/** Runs a command of the README as a newcomer does. */
async function type(line: string): Promise<string> {
  const { code, output } = await runCommand("bash", ["-c", line], {
    cwd: folder,
    env: {
      // A proxy and its certificates, where npm reaches the registry only so.
      ...Object.fromEntries(Object.entries(process.env).filter(([name]) => isOfNetwork.test(name))),
      PATH: `${binFolder}:${process.env["PATH"] ?? ""}`,
      HOME: process.env["HOME"],
      LOCAL_CLOUD: cloudFile,
      npm_config_prefer_offline: "true",
      npm_config_audit: "false",
    },
  });
  if (code !== 0) {
    throw new Error(`${line} ended with ${String(code)}: ${output}`);
  }
  return output;
}

interface Told {
  readonly availabilityId: string;
  readonly closedSince: string;
}

/** What the topic's subscriber printed. */
function toldIn(output: string): Told[] {
  const lines = output.split("\n").filter((line) => line.startsWith("{"));
  return lines.map((line) => JSON.parse(line) as Told);
}

/** The blocks of commands in the README, in order. */
function stepsOf(page: string): string[][] {
  return [...page.matchAll(/```sh\n([\s\S]*?)\n```/g)].map(([, block = ""]) => block.split("\n"));
}

/** How many messages wait, or are being looked at. */
async function waiting(): Promise<number> {
  const { QueueUrls: [url] = [] } = await queues.send(
    new ListQueuesCommand({ QueueNamePrefix: "TicketsClosed-Waiting" }),
  );
  const { Attributes: attributes = {} } = await queues.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ["All"] }),
  );
  const all = Object.entries(attributes);
  const counts = all.filter(([name]) => name.startsWith("ApproximateNumberOfMessages"));
  expect(counts).toHaveLength(3);
  return counts.reduce((sum, [, count]) => sum + Number(count), 0);
}

/** Everything that waits has been looked at. */
async function settled(): Promise<void> {
  const end = Date.now() + 120_000;
  while ((await waiting()) > 0) {
    if (Date.now() > end) {
      throw new Error(`${await waiting()} messages are still waiting`);
    }
    await sleep(500);
  }
}

/** What the example remembers. */
async function memory() {
  const dynamodb = new DynamoDBClient(clientConfig(running.cloud));
  const { TableNames: names = [] } = await dynamodb.send(new ListTablesCommand({}));
  const TableName = names.find((name) => name.startsWith("TicketsClosed"));
  const { Items: items = [] } = await dynamodb.send(new ScanCommand({ TableName }));
  return items;
}

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

/** All events that came to the bus until nothing has come for two seconds. */
async function received(): Promise<ReceivedEvent[]> {
  const all: ReceivedEvent[] = [];
  for (let last = Date.now(); Date.now() - last < 2000; await sleep(100)) {
    const some = await listener.receive();
    all.push(...some);
    last = some.length > 0 ? Date.now() : last;
  }
  return all;
}

beforeAll(async () => {
  running = await startCloud({ logFile: join(checkout, "log") });
  writeFileSync(cloudFile, JSON.stringify(running.cloud));
  events = new EventBridgeClient(clientConfig(running.cloud));
  queues = new SQSClient(clientConfig(running.cloud));
  listener = await listen(running.cloud, "everything");
  const bus = await events.send(new DescribeEventBusCommand({ Name: running.cloud.busName }));
  busArn = bus.Arn ?? "";
  await events.send(new CreateArchiveCommand({ ArchiveName: "all", EventSourceArn: busArn }));
  await packInto(checkout);
  cpSync(join(root, EXAMPLE), folder, {
    recursive: true,
    filter: (path) => !/node_modules|cdk\.out|package-lock|\.js$/.test(path),
  });
}, 300_000);

afterAll(async () => {
  await running.stop();
  rmSync(checkout, { recursive: true, force: true });
}, 60_000);

describe("the example, by its README", () => {
  const [inCheckout, install, comesBack, ...more] = stepsOf(
    readFileSync(join(root, EXAMPLE, "README.md"), "utf8"),
  );
  const began = new Date();

  it("is deployed, and tells the topic's subscriber who closed tickets and kept them closed", async () => {
    // Both were done above, in a folder of this test's own.
    expect(inCheckout).toEqual(["npm run local:up", "npm pack"]);
    expect(more).toEqual([]);

    let output = "";
    for (const line of install ?? []) {
      output = await type(line);
    }

    const told = toldIn(output);
    expect(told).toEqual([
      {
        text: expect.stringMatching(/^Tickets of Agent 1 have been closed since \S+Z: On break$/),
        accountId: "11010177632",
        availabilityId: "1",
        agentId: "1",
        name: "Agent 1",
        email: "agent1@example.com",
        status: "On break",
        closedSince: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      },
    ]);
  }, 300_000);

  it("tells nobody of an agent who comes back in time", async () => {
    let output = "";
    for (const line of comesBack ?? []) {
      output = await type(line);
    }
    await settled();

    expect(toldIn(output)).toEqual([]);
  }, 120_000);

  it("counts from the last closing, and tells of it once", async () => {
    await change("3", true);
    await change("3", false);
    await sleep(4000);
    await change("3", true);
    const closedSince = await change("3", false);
    await sleep(1000);
    await settled();

    const told = toldIn(await type("npm run topic -- 1"));
    expect(told).toEqual([expect.objectContaining({ availabilityId: "3", closedSince })]);
    const expirations = (await memory()).map(({ expiration }) => Number(expiration?.N));
    const toldAtSeconds = Math.max(...expirations) - RETENTION_SECONDS;
    expect(toldAtSeconds).toBeGreaterThanOrEqual(Math.floor(Date.parse(closedSince) / 1000) + 10);
  }, 120_000);

  it("tells nobody of an agent whom the hub meets as closed", async () => {
    await change("4", false);
    await sleep(1000);

    expect(await waiting()).toBe(0);
  }, 60_000);

  it("tells nobody again, and changes nothing, when the same events come again in another order", async () => {
    const before = await memory();
    const all = await received();
    const closings = all.filter(({ detail }) => detail["available"] === false);
    expect(before).toHaveLength(2);
    expect(closings).toHaveLength(5);

    for (const { detail, source, "detail-type": detailType } of all.toReversed()) {
      const entry = { Detail: JSON.stringify(detail), Source: source, DetailType: detailType };
      const Entries = [{ ...entry, EventBusName: running.cloud.busName }];
      await events.send(new PutEventsCommand({ Entries }));
    }
    // All of them but the agent's whom the hub met as closed.
    expect(await waiting()).toBe(4);
    await settled();

    expect(toldIn(await type("npm run topic -- 1"))).toEqual([]);
    expect(await memory()).toEqual(before);
  }, 120_000);

  it("tells nobody again, and changes nothing, when the archive is replayed", async () => {
    const before = await memory();
    await received();

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
    const again = await received();
    expect(again.filter(({ detail }) => detail["available"] === false).length).toBeGreaterThan(4);
    await settled();

    expect(toldIn(await type("npm run topic -- 1"))).toEqual([]);
    expect(await memory()).toEqual(before);
  }, 120_000);
});
