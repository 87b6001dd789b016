import { createHmac, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

import { DeleteItemCommand, DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import { beforeAll, describe, expect, it } from "@jest/globals";

import { clientConfig } from "../../local/emulator/cloud.ts";
import { createLocalLookup } from "../../local/emulator/local-lookup.ts";
import { type RunningCloud, startCloud } from "../../local/emulator/start-cloud.ts";
import { listen } from "../../local/sample-day/listener.ts";
import { agentOf, sortKeyOf } from "../../local/sample-day/expected-item.ts";
import { createReferenceModel } from "../../local/sample-day/reference-model.ts";
import { playSampleDay } from "../../local/sample-day/play.ts";
import {
  type SampleFreshdesk,
  startSampleFreshdesk,
} from "../../local/sample-day/sample-freshdesk.ts";
import { eventDifferences, itemDifferences, itemsOf } from "../../local/sample-day/differences.ts";
import { aPayload, minutesAgo } from "../../tools/fakes/payload.ts";
import { createOperator } from "./operator.ts";
import { receiveAll } from "./receive.ts";
import { stopAfterAll } from "../builders/stop-after-all.ts";

const ACCOUNT = "11010177632";
const folder = mkdtempSync(join(tmpdir(), "journey-"));

let freshdesk: SampleFreshdesk;
let running: RunningCloud;

/** Options of a request. Everything else follows the public contract. */
interface RequestOptions {
  readonly id?: string;
  readonly key?: string;
  readonly path?: string;
  readonly seconds?: number;
}

async function postOnce(
  body: unknown,
  { id = randomUUID(), key, path, seconds = 0 }: RequestOptions,
) {
  const { ingestUrl, accounts } = running.cloud;
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const timestamp = String(Math.floor(Date.now() / 1000) + seconds);
  const secret = Buffer.from(
    (key ?? accounts[0]?.signingKey ?? "").slice("whsec_".length),
    "base64",
  );
  const mac = createHmac("sha256", secret).update(`${id}.${timestamp}.${text}`).digest("base64");
  const response = await fetch(
    `${ingestUrl}${path ?? `/v1/accounts/${ACCOUNT}/availability-events`}`,
    {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "webhook-id": id,
        "webhook-timestamp": timestamp,
        "webhook-signature": `v1,${mac}`,
      },
      body: text,
    },
  );
  return {
    status: response.status,
    type: response.headers.get("content-type"),
    json: (await response.json()) as Record<string, unknown>,
  };
}

const RETRY_INTERVAL_MS = 500;

/**
 * Retries 503 with the same ID, as the relay does: on a busy machine, the emulator may exceed ingest's timeout.
 * After a retry, the result of an event may be `duplicate` or `stale` although the first attempt applied it.
 */
async function post(body: unknown, options: RequestOptions = {}) {
  const id = options.id ?? randomUUID();
  for (let attempt = 1; ; attempt += 1) {
    const response = await postOnce(body, { ...options, id });
    if (response.status !== 503) {
      return { ...response, isRetried: attempt > 1 };
    }
    await sleep(RETRY_INTERVAL_MS);
  }
}

interface Result {
  readonly availabilityId: string;
  readonly outcome: string;
  readonly version: number;
}

/**
 * Returns the expected results, with `duplicate` where the response has it instead of `applied`. On a busy machine,
 * ingest repeats a write whose response is late, and finds that its event is already stored.
 */
const withRepeatedWrites = (expected: readonly Result[], results: unknown) =>
  expected.map((result, index) => {
    const { outcome } = (results as readonly Result[])[index] ?? {};
    const isRepeated = result.outcome === "applied" && outcome === "duplicate";
    return isRepeated ? { ...result, outcome } : result;
  });

/** Returns a reproducible generator of random numbers from 0 to 1. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

const stopLater = stopAfterAll();

beforeAll(async () => {
  stopLater(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  freshdesk = await startSampleFreshdesk();
  stopLater(freshdesk.close);
  running = await startCloud({
    logFile: join(folder, "log"),
    freshdesk,
    stacks: ["AgentAvailabilityHistory"],
  });
  stopLater(running.stop);
});

it("relays a working day from the relay app to a rule's target with every agent and event as expected", async () => {
  let shown = "";
  const out = new Writable({
    write(chunk: Buffer, _encoding, done) {
      shown += chunk.toString();
      done();
    },
  }) as unknown as NodeJS.WriteStream;

  const isCorrect = await playSampleDay({
    cloud: running.cloud,
    freshdesk,
    out,
    signal: new AbortController().signal,
    paceMs: 0,
  });

  expect(shown.slice(-1500)).toContain(
    "Every agent, every event and every history is as expected.",
  );
  expect(isCorrect).toBe(true);
});

describe("random histories, out of order, repeated and in batches, from 8 concurrent senders", () => {
  it("lead to the newest state, consecutive versions, and the events of each version", async () => {
    const random = seeded(20_261_124);
    const below = (limit: number) => Math.floor(random() * limit);
    const listener = await listen(running.cloud, "histories");
    const agents = Array.from({ length: 16 }, (_, index) => `9${index}`);
    const histories = agents.map((id) =>
      Array.from({ length: 12 }, (_, index) =>
        aPayload({
          agent: {
            id,
            updated_at: minutesAgo(60 - 2 * index),
            status_id: 1 + below(4),
            status_updated_at: minutesAgo(60 - 2 * index),
            channel_availability: ["freshdesk", "freshchat", "freshcaller", "telex"].map(
              (channel) => ({
                channel,
                available: [true, false, "freshcaller"][below(3)],
                agent_id: `${id}-${channel}`,
              }),
            ),
          },
          timestamp: Date.now() / 1000 + index,
        }),
      ),
    );
    // One sender sends all events of an agent, so that the model can apply them in the same order.
    const model = createReferenceModel();
    const outcomes: string[] = [];
    const expectedResult = (payload: object, id: string) => {
      const { outcome, version } = model.apply(payload, id);
      return { availabilityId: agentOf(payload), outcome, version };
    };
    const sender = async (mine: readonly (readonly object[])[]) => {
      for (const history of mine) {
        const deliveries = [...history, ...history.filter(() => random() < 0.3)].toSorted(
          () => random() - 0.5,
        );
        while (deliveries.length > 0) {
          const id = randomUUID();
          const events = deliveries.splice(0, 1 + below(4));
          const isBatch = events.length > 1;
          const response = await post(isBatch ? { events } : events[0], { id });
          const expected = events
            .map((payload, index) => ({ payload, index }))
            .toSorted((a, b) => (sortKeyOf(a.payload) < sortKeyOf(b.payload) ? -1 : 1))
            .map(({ payload, index }) => ({
              index,
              result: expectedResult(payload, isBatch ? `${id}#${index}` : id),
            }))
            .toSorted((a, b) => a.index - b.index)
            .map(({ result }) => result);
          const { isRetried, json } = response;
          const results = isRetried
            ? json["results"]
            : withRepeatedWrites(expected, json["results"]);
          expect(response).toMatchObject({ status: 200, json: { results } });
          outcomes.push(...expected.map(({ outcome }) => outcome));
        }
      }
    };

    await Promise.all(
      Array.from(
        { length: 8 },
        async (_, index) => await sender(histories.slice(2 * index, 2 * index + 2)),
      ),
    );
    const received = await receiveAll(running.cloud, listener);
    await listener.close();

    const items = await itemsOf(running.cloud, ACCOUNT);
    const mine = new Map([...items].filter(([key]) => agents.includes(key.split("/")[1] ?? "")));
    expect(itemDifferences(model, mine)).toEqual([]);
    expect(eventDifferences(model, received)).toEqual([]);
    expect(new Set(outcomes)).toEqual(new Set(["applied", "duplicate", "stale"]));
  });

  it("lead to the newest state if all senders change the same agent", async () => {
    const events = Array.from({ length: 32 }, (_, index) =>
      aPayload({
        agent: { id: "contended", name: `Name ${index}`, updated_at: minutesAgo(40 - index) },
      }),
    );

    const remaining = events.toSorted(() => Math.random() - 0.5);
    const responses: Awaited<ReturnType<typeof post>>[] = [];
    const sender = async () => {
      for (let event = remaining.pop(); event !== undefined; event = remaining.pop()) {
        responses.push(await post(event));
      }
    };
    await Promise.all(Array.from({ length: 8 }, sender));

    const item = (await itemsOf(running.cloud, ACCOUNT)).get(`${ACCOUNT}/contended`);
    const versions = responses
      .flatMap(({ json }) => json["results"] as { outcome: string; version: number }[])
      .filter(({ outcome }) => outcome === "applied")
      .map(({ version }) => version);
    const retries = responses.filter(({ isRetried }) => isRetried).length;
    expect(item?.["name"]).toBe("Name 31");
    expect(new Set(versions).size).toBe(versions.length);
    expect(Math.max(...versions)).toBeLessThanOrEqual(Number(item?.["version"]));
    expect(item?.["version"]).toBeGreaterThanOrEqual(versions.length);
    expect(item?.["version"]).toBeLessThanOrEqual(versions.length + retries);
  });
});

describe("the ingest API", () => {
  const fresh = () => aPayload({ agent: { id: "rejected" } });
  const stored = async () => (await itemsOf(running.cloud, ACCOUNT)).has(`${ACCOUNT}/rejected`);

  it("rejects forged requests with 401 and stores nothing", async () => {
    const foreign = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
    const responses = [
      await post(fresh(), { key: foreign }),
      await post(fresh(), { seconds: -301 }),
      await post(fresh(), { seconds: 301 }),
      await post(fresh(), { path: "/v1/accounts/1/availability-events" }),
      await post(fresh(), { id: "x".repeat(257) }),
    ];

    expect(responses.map(({ status, type }) => `${status} ${String(type)}`)).toEqual(
      Array.from({ length: 5 }, () => "401 application/json"),
    );
    expect(await stored()).toBe(false);
  });

  // Functions, because times must be computed when the test runs.
  it.each<[string, () => string, string]>([
    ["is not JSON", () => "{", "body"],
    ["is not an object", () => "7", "body"],
    ["has no data", () => "{}", "data"],
    [
      "has no time",
      () => JSON.stringify(aPayload({ agent: { id: "rejected", updated_at: null } })),
      "data.agent_availability.updated_at",
    ],
    [
      "is from the future",
      () => JSON.stringify(aPayload({ agent: { id: "rejected", updated_at: minutesAgo(-16) } })),
      "data.agent_availability.updated_at",
    ],
    [
      "has an unsafe ID",
      () => JSON.stringify(aPayload({ agent: { id: 2 ** 53 } })),
      "data.agent_availability.id",
    ],
  ])("rejects a body that %s with 400 and a path", async (_, bodyOf, path) => {
    const { status, json } = await post(bodyOf());

    expect(status).toBe(400);
    expect((json["issues"] as { path: string }[]).map((issue) => issue.path)).toContain(path);
    expect(await stored()).toBe(false);
  });

  it("rejects a batch with an event of another account, a body over 128 KiB and an unknown path", async () => {
    const foreign = await post({ events: [fresh(), aPayload({ agent: { account_id: "1" } })] });
    const large = await post({ ...fresh(), padding: "x".repeat(131_072) });
    const unknownPath = await post(fresh(), { path: "/v1/nowhere" });

    expect([foreign.status, large.status, unknownPath.status]).toEqual([403, 413, 404]);
    expect(await stored()).toBe(false);
  });

  it("accepts a ping", async () => {
    expect(await post({ events: [] })).toMatchObject({ status: 200, json: { results: [] } });
  });
});

it("prints the URL of a new account, at which the hub responds", async () => {
  const { out, err } = await createOperator(running.cloud)("account", "add", "4711", "--json");

  expect(err).toBe("");
  const { url } = JSON.parse(out) as { url: string };
  expect(url).toBe(`${running.cloud.ingestUrl}/v1/accounts/4711/availability-events`);
  const response = await fetch(url, { method: "POST", body: "{}" });
  expect(await response.json()).toMatchObject({ status: 401, title: "Unauthorized" });
});

it("publishes the deletion of an item and starts a later epoch with the agent's next change", async () => {
  const listener = await listen(running.cloud, "deletion");
  const table = new DynamoDBClient(clientConfig(running.cloud));
  await post(aPayload({ agent: { id: "gone", updated_at: minutesAgo(9) } }));
  const first = (await itemsOf(running.cloud, ACCOUNT)).get(`${ACCOUNT}/gone`);

  await table.send(
    new DeleteItemCommand({
      TableName: running.cloud.tableName,
      Key: { accountId: { S: ACCOUNT }, availabilityId: { S: "gone" } },
    }),
  );
  await post(aPayload({ agent: { id: "gone", updated_at: minutesAgo(8) } }));
  const received = await receiveAll(running.cloud, listener);
  await listener.close();

  const second = (await itemsOf(running.cloud, ACCOUNT)).get(`${ACCOUNT}/gone`);
  expect(second?.["version"]).toBe(1);
  expect(Number(second?.["epoch"])).toBeGreaterThan(Number(first?.["epoch"]));
  expect(received.filter((event) => event["detail-type"] === "Agent Removed")).toHaveLength(1);
});

it("lists available agents, longest available first, by the index and by the typed reader", async () => {
  const open = (id: string, minutes: number) =>
    aPayload({
      agent: {
        id,
        updated_at: minutesAgo(minutes),
        channel_availability: [
          { channel: "freshcaller", available: true, agent_id: `phone-${id}` },
        ],
      },
    });
  await post({ events: [open("w1", 10), open("w2", 30), open("w3", 20)] });

  const { Items: items = [] } = await new DynamoDBClient(clientConfig(running.cloud)).send(
    new QueryCommand({
      TableName: running.cloud.tableName,
      IndexName: "AvailableOnFreshcaller",
      KeyConditionExpression: "accountId = :a",
      ExpressionAttributeValues: { ":a": { S: ACCOUNT } },
    }),
  );
  const ids = items.flatMap(({ freshcallerAgentId: id }) =>
    id?.S?.startsWith("phone-w") ? [id.S] : [],
  );
  expect(ids).toEqual(["phone-w2", "phone-w3", "phone-w1"]);

  const lookup = createLocalLookup(running.cloud);
  const rows = [];
  for await (const row of lookup.availableOn(ACCOUNT, "freshcaller")) {
    rows.push(row.agentId);
  }
  expect(rows.filter((id) => id?.startsWith("phone-w"))).toEqual(ids);
  expect((await lookup.byAvailabilityId(ACCOUNT, "w2"))?.channels["freshcaller"]?.available).toBe(
    true,
  );
  expect(await lookup.byAvailabilityId(ACCOUNT, "nobody")).toBeUndefined();
  await expect(lookup.byChannelAgentId(ACCOUNT, "telex", "1")).rejects.toThrow(
    "Other channels have no index",
  );
});
