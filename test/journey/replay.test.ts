import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { CreateArchiveCommand, EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { beforeAll, expect, it } from "@jest/globals";

import type { AvailabilityEvent } from "../../functions/availability/typed-event.ts";
import { callsOf } from "../../functions/bus/calls.ts";
import { entryOf } from "../../functions/bus/entry.ts";
import { createEventBus } from "../../functions/bus/event-bus.ts";
import { clientConfig } from "../../local/emulator/cloud.ts";
import type { RunningCloud } from "../../local/emulator/start-cloud.ts";
import type { Effect } from "../chaos/fault-proxy/fault-effects.ts";
import { type FaultProxy, startFaultProxy } from "../chaos/fault-proxy/fault-proxy.ts";
import { listen, type Listener, type ReceivedEvent } from "../../local/sample-day/listener.ts";
import { startTestCloud } from "../builders/start-test-cloud.ts";
import { stopAfterAll } from "../builders/stop-after-all.ts";
import { createOperator } from "./operator.ts";
import { agentOf, receiveUntil } from "./receive.ts";

const folder = mkdtempSync(join(tmpdir(), "journey-replay-"));

let running: RunningCloud;
let listener: Listener;
let proxy: FaultProxy;
let operate: ReturnType<typeof createOperator>;

/** Returns the start of a minute, in epoch milliseconds. */
const minute = (ago: number) => Math.floor(Date.now() / 60_000) * 60_000 - ago * 60_000;

function anEvent(availabilityId: string): AvailabilityEvent {
  return {
    detailType: "Agent Removed",
    detail: {
      metadata: {
        id: `11010177632/${availabilityId}/1795486584641/2/AgentRemoved`,
        schemaVersion: 1,
        epoch: 1795486584641,
        version: 2,
        occurredAt: "2026-11-24T08:00:00.000Z",
        origin: "operator",
        gap: false,
      },
      accountId: "11010177632",
      agent: { availabilityId },
      reason: "forgotten",
    },
  };
}

/** Publishes one event per agent, at these times. */
async function publish(times: ReadonlyMap<string, number>): Promise<void> {
  const { cloud } = running;
  const entries = [...times].map(([agent, time]) =>
    entryOf(anEvent(agent), cloud.busName, new Date(time)),
  );
  const bus = createEventBus(new EventBridgeClient(clientConfig(cloud)));
  const responses = await bus.put(callsOf(entries), new AbortController().signal);
  expect(new Set([...responses.values()].map(({ kind }) => kind))).toEqual(new Set(["accepted"]));
}

const agentsOf = (events: readonly ReceivedEvent[]) => events.map(agentOf);

/** Receives events until all of these agents have one, then everything up to one more event. */
async function received(expected: Iterable<string> = []): Promise<ReceivedEvent[]> {
  const agents = [...expected];
  const events = await receiveUntil(listener, (all) => {
    const present = new Set(agentsOf(all));
    return agents.every((agent) => present.has(agent));
  });
  await publish(new Map([["marker", Date.now()]]));
  const more = await receiveUntil(listener, (all) => agentsOf(all).includes("marker"));
  return [...events, ...more].filter((event) => agentOf(event) !== "marker");
}

/** Makes the archive, which this test creates, appear to be days old. */
const createdDaysAgo: Effect = async ({ forward, respond }) => {
  const { body, ...rest } = await forward();
  const described = JSON.parse(String(body)) as object;
  const CreationTime = minute(5 * 1440) / 1000;
  respond({ ...rest, body: JSON.stringify({ ...described, CreationTime }) });
};

const stopLater = stopAfterAll();

beforeAll(async () => {
  stopLater(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  running = await startTestCloud(join(folder, "log"));
  stopLater(running.stop);
  const { cloud } = running;
  const events = new EventBridgeClient(clientConfig(cloud));
  // The archive of the stack AgentAvailabilityCatalogue, whose template the emulator rejects.
  await events.send(
    new CreateArchiveCommand({
      ArchiveName: "kept",
      EventSourceArn: `arn:aws:events:${cloud.region}:${cloud.accessKeyId}:event-bus/${cloud.busName}`,
      EventPattern: JSON.stringify({ source: ["freshworks.agent-availability"] }),
      RetentionDays: 30,
    }),
  );
  await new SSMClient(clientConfig(cloud)).send(
    new PutParameterCommand({
      Name: `/agent-availability/${cloud.stage}/archive-name`,
      Value: "kept",
      Type: "String",
    }),
  );
  listener = await listen(cloud, "replay");
  stopLater(listener.close);
  proxy = await startFaultProxy(cloud.endpoint);
  stopLater(proxy.stop);
  proxy.startFault({
    service: "eventbridge",
    operation: "DescribeArchive",
    effect: createdDaysAgo,
  });
  operate = createOperator({ ...cloud, endpoint: proxy.endpoint });
});

it("delivers every event of ten minutes at least once and no others, each with the replay's name", async () => {
  const [from, to] = [minute(40), minute(30)];
  const inside = new Map([
    ["first", from],
    ["last", to - 1],
    ...Array.from({ length: 300 }, (_, index) => [`in-${index}`, from + index * 2000] as const),
  ]);
  const outside = new Map([
    ["before", from - 1],
    ["after", to + 1000],
    ...Array.from(
      { length: 50 },
      (_, index) => [`early-${index}`, from - (index + 1) * 1000] as const,
    ),
    ...Array.from(
      { length: 50 },
      (_, index) => [`late-${index}`, to + (index + 1) * 1000] as const,
    ),
  ]);
  await publish(new Map([...inside, ...outside]));
  const live = await received([...inside.keys(), ...outside.keys()]);
  expect(new Set(agentsOf(live))).toEqual(new Set([...inside.keys(), ...outside.keys()]));
  expect(live.filter((event) => event["replay-name"] !== undefined)).toEqual([]);

  const { out, code } = await operate(
    "replay",
    "--from",
    new Date(from + 20_500).toISOString(),
    "--to",
    new Date(to - 100).toISOString(),
    "--rule",
    "replay",
    "--json",
  );

  expect(code).toBe(0);
  const report = JSON.parse(out) as { replay: string };
  expect(report).toMatchObject({
    archive: "kept",
    rules: ["replay"],
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    state: "COMPLETED",
  });
  const replayed = await received(inside.keys());
  expect(new Set(agentsOf(replayed))).toEqual(new Set(inside.keys()));
  expect(new Set(replayed.map((event) => event["replay-name"]))).toEqual(new Set([report.replay]));
  const first = replayed.find((event) => agentsOf([event])[0] === "first");
  expect(first?.time).toBe(new Date(from).toISOString().replace(".000Z", "Z"));
  expect(first?.detail).toMatchObject({
    metadata: {
      id: "11010177632/first/1795486584641/2/AgentRemoved",
      publishedAt: new Date(from).toISOString(),
    },
  });
});

it("lists the rules if one does not exist, and replays nothing", async () => {
  const { err, code } = await operate(
    "replay",
    "--from",
    new Date(minute(60)).toISOString(),
    "--to",
    new Date(minute(20)).toISOString(),
    "--rule",
    "nobody",
  );

  expect(code).toBe(1);
  expect(err).toBe(
    `rule "nobody" not found on bus ${running.cloud.busName}. Rules of the bus: replay\n`,
  );
  expect(await received()).toEqual([]);
});
