import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { beforeAll, expect, it } from "@jest/globals";
import * as fc from "fast-check";

import { clientConfig } from "../../local/emulator/cloud.ts";
import type { RunningCloud } from "../../local/emulator/start-cloud.ts";
import { listen, type Listener } from "../../local/sample-day/listener.ts";
import { malformedBodies } from "../builders/bodies.ts";
import { forgeries, type SentRequest, signedRequests } from "../builders/forgeries.ts";
import { aPayload } from "../../tools/fakes/payload.ts";
import { startTestCloud } from "../builders/start-test-cloud.ts";
import { stopAfterAll } from "../builders/stop-after-all.ts";
import { receiveAll } from "./receive.ts";

const ACCOUNT = "11010177632";
/** An account that does not exist in the stage. */
const UNKNOWN_ACCOUNT = { accountId: "42", key: "whsec_Zm9yZWlnbi1mb3JlaWduLWZvcmVpZ24t" };
const RUNS = 300;
const folder = mkdtempSync(join(tmpdir(), "journey-forged-requests-"));

let running: RunningCloud;
let listener: Listener;

const targetAccount = () => ({
  accountId: ACCOUNT,
  key: running.cloud.accounts[0]?.signingKey ?? "",
  otherAccount: UNKNOWN_ACCOUNT,
});

/** Encodes a header's text as UTF-8, with one character for each byte, as `fetch` expects it. */
const asBytes = (text: string) => Buffer.from(text).toString("latin1");

async function post({ accountId, headers, body }: SentRequest) {
  const path = `/v1/accounts/${encodeURIComponent(accountId)}/availability-events`;
  const response = await fetch(`${running.cloud.ingestUrl}${path}`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, asBytes(value)])),
    },
    body,
  });
  const json = (await response.json()) as { issues?: { path: string }[]; results?: unknown };
  return { status: response.status, type: response.headers.get("content-type"), json };
}

async function stored() {
  const { Items: items = [] } = await new DynamoDBClient(clientConfig(running.cloud)).send(
    new ScanCommand({ TableName: running.cloud.tableName, ConsistentRead: true }),
  );
  return items;
}

/** Returns whether the gateway handles the path, because it does not lead to the function. */
const isElsewhere = (accountId: string) => /^\.{1,2}$|\//.test(accountId);

const stopLater = stopAfterAll();

beforeAll(async () => {
  stopLater(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  running = await startTestCloud(join(folder, "log"));
  stopLater(running.stop);
  listener = await listen(running.cloud, "forged-requests");
  stopLater(listener.close);
});

it("rejects 300 forged requests and stores nothing", async () => {
  await fc.assert(
    fc.asyncProperty(forgeries(targetAccount()), async ({ kind, ...sent }) => {
      fc.pre(!isElsewhere(sent.accountId));
      const { status, type, json } = await post(sent);
      expect({ kind, status, type, issues: json.issues }).toEqual({
        kind,
        status: 401,
        type: "application/json",
        issues: undefined,
      });
    }),
    { numRuns: RUNS },
  );
  expect(await stored()).toEqual([]);
});

it("rejects 300 malformed bodies with the path of the error and stores nothing", async () => {
  const requests = malformedBodies(ACCOUNT).chain((malformed) =>
    signedRequests(targetAccount(), fc.constant(malformed.body)).map((sent) => ({
      malformed,
      sent,
    })),
  );
  await fc.assert(
    fc.asyncProperty(requests, async ({ malformed, sent }) => {
      const { status, json } = await post(sent);
      expect(status).toBe(400);
      expect(json.issues?.map(({ path }) => path)).toContain(malformed.path);
    }),
    { numRuns: RUNS },
  );
  expect(await stored()).toEqual([]);
});

it("stores and publishes a valid event with channels of any name, and nothing else", async () => {
  const names = ["freshchat", "constructor", "toString", "hasOwnProperty", "\u0000", "a/b"];
  const channel_availability = names.map((channel) => ({ channel, available: true }));
  const body = JSON.stringify(aPayload({ agent: { id: "constructor", channel_availability } }));
  const [sent] = fc.sample(signedRequests(targetAccount(), fc.constant(body)), 1);

  const response = await post(sent ?? { accountId: "", headers: {}, body: "" });

  expect(response.json.results).toEqual([
    { availabilityId: "constructor", outcome: "applied", version: 1 },
  ]);
  const items = await stored();
  expect(items.map((item) => Object.keys(item["channels"]?.M ?? {}).toSorted())).toEqual([
    names.toSorted(),
  ]);
  const received = await receiveAll(running.cloud, listener);
  const channels = received.flatMap(({ detail }) =>
    typeof detail["channel"] === "string" ? [detail["channel"]] : [],
  );
  expect(channels.toSorted()).toEqual(names.toSorted());
});
