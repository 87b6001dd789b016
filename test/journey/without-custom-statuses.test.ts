import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, expect, it } from "@jest/globals";
import * as z from "zod";

import { patternOf } from "../../lib/consumer/pattern.ts";
import type { Cloud } from "../../local/emulator/cloud.ts";
import { createLocalLookup } from "../../local/emulator/local-lookup.ts";
import type { RunningCloud } from "../../local/emulator/start-cloud.ts";
import { listen, type ReceivedEvent } from "../../local/sample-day/listener.ts";
import { aDeletionPayload, anAgentPayload } from "../../tools/fakes/agent-payload.ts";
import { startTestCloud } from "../builders/start-test-cloud.ts";
import { createOperator } from "./operator.ts";
import { receiveAll } from "./receive.ts";
import { post } from "./signed-post.ts";

const ACCOUNT = "11010177699";
const USER = "72025350026";
const folder = mkdtempSync(join(tmpdir(), "without-custom-statuses-"));

let running: RunningCloud;
let operate: ReturnType<typeof createOperator>;
/** The local cloud, with the account without custom statuses as its first. */
let account: Cloud;

beforeAll(async () => {
  running = await startTestCloud(join(folder, "log"));
  operate = createOperator(running.cloud);
  const added = await operate("account", "add", ACCOUNT, "--without-custom-statuses", "--json");
  if (added.code !== 0) {
    throw new Error(added.err);
  }
  const { signingKey } = JSON.parse(added.out) as { signingKey: string };
  account = { ...running.cloud, accounts: [{ accountId: ACCOUNT, signingKey }] };
});

afterAll(async () => {
  await running.stop();
  rmSync(folder, { recursive: true, force: true });
});

const detailSchema = z.object({
  metadata: z.object({ id: z.string() }),
  agent: z.object({ userId: z.string() }),
});

/** Returns type and user ID of each event, without repeated deliveries. */
function summaryOf(events: readonly ReceivedEvent[]): string[] {
  const byId = new Map(
    events.map(({ "detail-type": type, detail }) => {
      const { metadata, agent } = detailSchema.parse(detail);
      return [metadata.id, `${type} ${agent.userId}`];
    }),
  );
  return [...byId.values()].toSorted();
}

const typesOf = (events: readonly ReceivedEvent[]) =>
  events.map(({ "detail-type": type }) => type).toSorted();

it("publishes, finds and forgets an agent without an availability item, in an account without custom statuses", async () => {
  const { cloud } = running;
  const lookup = createLocalLookup(cloud);
  const listener = await listen(cloud, "without-custom-statuses");
  const login = anAgentPayload({
    agent: { account_id: ACCOUNT, available: true },
    login: [false, true],
    timestamp: Date.now() / 1000 - 60,
  });

  expect(await post(account, [login])).toEqual([
    { availabilityId: `user:${USER}`, outcome: "applied", version: 1 },
  ]);
  const events = await receiveAll(cloud, listener);
  const agent = await lookup.byUserId(ACCOUNT, USER);
  const available = await lookup.availablePageOn(ACCOUNT, "freshdesk");
  const shown = await operate("agent", "show", ACCOUNT, USER, "--json");
  const forgotten = await operate("agent", "forget", ACCOUNT, USER, "--yes", "--json");
  const late = await post(account, [login]);
  const removed = await receiveAll(cloud, listener);
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
});

it("filters logins and logouts by loggedIn, and removals by reason", async () => {
  const [first, second] = ["72025350031", "72025350032"] as const;
  const anEvent = (user_id: string, secondsAgo: number) => ({
    agent: { account_id: ACCOUNT, user_id, email: `${user_id}@acme.com` },
    timestamp: Date.now() / 1000 - secondsAgo,
  });
  const filters = {
    all: undefined,
    logins: patternOf({ events: "Agent Login Changed", loggedIn: true }),
    logouts: patternOf({ events: "Agent Login Changed", loggedIn: false }),
    forgotten: patternOf({ events: "Agent Removed", reason: ["forgotten"] }),
    deleted: patternOf({ events: "Agent Removed", reason: ["deleted"] }),
  };
  const listeners = await Promise.all(
    Object.entries(filters).map(
      async ([name, pattern]) => [name, await listen(account, name, pattern)] as const,
    ),
  );

  await post(account, [
    anAgentPayload({ ...anEvent(first, 90), login: [false, true] }),
    anAgentPayload({ ...anEvent(second, 90), login: [false, true] }),
    anAgentPayload({ ...anEvent(first, 60), login: [true, false] }),
    aDeletionPayload(anEvent(second, 30)),
  ]);
  const forgotten = await operate("agent", "forget", ACCOUNT, first, "--yes", "--json");
  const received = new Map<string, ReceivedEvent[]>();
  for (const [name, listener] of listeners) {
    // The first listener also receives the marker, after which every rule has delivered all events.
    const events = name === "all" ? receiveAll(running.cloud, listener) : listener.receive();
    received.set(name, await events);
    await listener.close();
  }
  const eventsOf = (name: string) => summaryOf(received.get(name) ?? []);

  expect(forgotten.code).toBe(0);
  expect(eventsOf("all")).toEqual([
    `Agent Availability Changed ${first}`,
    `Agent Availability Changed ${first}`,
    `Agent Availability Changed ${second}`,
    `Agent Channel Availability Changed ${first}`,
    `Agent Channel Availability Changed ${second}`,
    `Agent Login Changed ${first}`,
    `Agent Login Changed ${first}`,
    `Agent Login Changed ${second}`,
    `Agent Removed ${first}`,
    `Agent Removed ${second}`,
  ]);
  expect(eventsOf("logins")).toEqual([
    `Agent Login Changed ${first}`,
    `Agent Login Changed ${second}`,
  ]);
  expect(eventsOf("logouts")).toEqual([`Agent Login Changed ${first}`]);
  expect(eventsOf("forgotten")).toEqual([`Agent Removed ${first}`]);
  expect(eventsOf("deleted")).toEqual([`Agent Removed ${second}`]);
});
