import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { CloudWatchLogsClient, paginateFilterLogEvents } from "@aws-sdk/client-cloudwatch-logs";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, expect, it } from "@jest/globals";

import { clientConfig } from "../../local/emulator/cloud.ts";
import type { RunningCloud } from "../../local/emulator/start-cloud.ts";
import { relayParameters } from "../../local/freshworks-platform/iparams.ts";
import { sendTo } from "../../local/freshworks-platform/network.ts";
import { createFreshworksPlatform } from "../../local/freshworks-platform/platform.ts";
import { bolt } from "../../local/sample-accounts.ts";
import { root } from "../../tools/run/paths.ts";
import { aPayload } from "../../tools/fakes/payload.ts";
import { startTestCloud } from "../builders/start-test-cloud.ts";
import { createClock } from "../chaos/environment.ts";
import { findFunctions } from "../chaos/deployed-functions.ts";
import { eventually } from "../builders/eventually.ts";
import { createOperator } from "./operator.ts";

const ACCOUNT = "11010177632";
const folder = mkdtempSync(join(tmpdir(), "rotation-"));

let running: RunningCloud;

/** The clock of ingest, which is set ahead instead of waiting. */
const clock = createClock(folder);

/** The functions read their clock at least this often. */
const CLOCK_INTERVAL_MS = 200;

/** Period for which ingest uses its copy of the signing keys. */
const MAX_COPY_AGE_MS = 30_000;

beforeAll(async () => {
  running = await startTestCloud(join(folder, "log"));
  const { ingest } = await findFunctions(running.cloud);
  await ingest.configure({ environmentVariables: clock.variables });
});

afterAll(async () => {
  await running.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** IDs of the requests with a 503 response. */
const unavailable: string[] = [];

/** Creates a relay that is installed with a signing key. Its number of requests per minute is not limited. */
function aRelay(signingKey: string) {
  const { ingestUrl } = running.cloud;
  const sendToHub = sendTo(ingestUrl);
  let limits = 0;
  return createFreshworksPlatform({
    appFolder: join(root, "relay"),
    iparams: relayParameters({ ingestUrl, accountId: ACCOUNT, signingKey }),
    limitsNow: () => (limits += 60_000),
    send: async (request) => {
      const response = await sendToHub(request);
      if (response.status === 503) {
        unavailable.push((JSON.parse(response.body) as { requestId: string }).requestId);
      }
      return response;
    },
  });
}

type Relay = ReturnType<typeof aRelay>;

const statusesOf = (relay: Relay) => relay.requests.map(({ status }) => status);

/** Waits until a relay has sent more requests. */
async function untilSent(relay: Relay, more: number): Promise<void> {
  const expected = relay.requests.length + more;
  await eventually(`${more} more requests of a relay`, () => relay.requests.length >= expected);
}

/** Returns a new change of one of five agents. */
function aChange(number: number) {
  const updatedAt = new Date(Date.now() - 600_000 + number * 1000).toISOString();
  return aPayload({ agent: { id: `rotated-${number % 5}`, updated_at: updatedAt } });
}

/** Returns the lines of a log. */
async function linesOf(log: "audit" | "ingest"): Promise<string[]> {
  const config = clientConfig(running.cloud);
  const { Parameter: parameter } = await new SSMClient(config).send(
    new GetParameterCommand({
      Name: `/agent-availability/${running.cloud.stage}/${log}-log-name`,
    }),
  );
  const pages = paginateFilterLogEvents(
    { client: new CloudWatchLogsClient(config) },
    { logGroupName: parameter?.Value },
  );
  const lines: string[] = [];
  for await (const { events = [] } of pages) {
    lines.push(...events.map(({ message = "" }) => message));
  }
  return lines;
}

/**
 * Returns the IDs of the requests with a 503 response for which ingest logged no cause. The local cloud formats a
 * logged object over several lines.
 */
async function unexplained(): Promise<readonly string[]> {
  const log = (await linesOf("ingest")).join("\n");
  if (log.includes("message: 'the signing keys could not be fetched'")) {
    // Without the ID of the request. A new instance of the function has no copy of the keys yet.
    return [];
  }
  const failures = log.matchAll(
    /message: 'a request to DynamoDB failed',[^}]*requestId: '([^']+)'/g,
  );
  const failed = new Set([...failures].map(([, requestId]) => requestId));
  return unavailable.filter((requestId) => !failed.has(requestId));
}

it("rejects no event while a key is rotated twice, and rejects the retired key after 30 seconds", async () => {
  const operate = createOperator(running.cloud);
  const oldRelay = aRelay(running.cloud.accounts[0]?.signingKey ?? "");
  let relay = oldRelay;
  let sent = 0;
  const ending = new AbortController();
  const sending = (async () => {
    while (!ending.signal.aborted) {
      sent += 1;
      await relay.raise("onAgentAvailabilityUpdate", aChange(sent));
      await sleep(50);
    }
  })();

  const lost = await operate("account", "rotate", ACCOUNT, "--json");
  const rejected = await operate("account", "rotate", ACCOUNT, "--json");
  const rotated = await operate(
    "account",
    "rotate",
    ACCOUNT,
    "--replace-newest",
    "--yes",
    "--json",
  );
  await untilSent(oldRelay, 10);
  clock.setAhead(MAX_COPY_AGE_MS);
  await untilSent(oldRelay, 10);
  const { signingKey } = JSON.parse(rotated.out) as { signingKey: string };
  const newRelay = aRelay(signingKey);
  await eventually(
    "the new key to be accepted",
    async () => (await newRelay.install()) === undefined,
  );
  relay = newRelay;
  await untilSent(newRelay, 10);
  const before = statusesOf(oldRelay);
  const listed = await operate("account", "list");
  const retired = await operate("account", "retire", ACCOUNT, "--yes");
  clock.setAhead(2 * MAX_COPY_AGE_MS);
  await sleep(CLOCK_INTERVAL_MS);
  // Four relays use the retired key at the same time, so that every instance of the function is called.
  const oldKeyRelays = Array.from({ length: 4 }, () =>
    aRelay(running.cloud.accounts[0]?.signingKey ?? ""),
  );
  await Promise.all(
    oldKeyRelays.map(
      async (oldKeyRelay) =>
        await eventually("the retired key to be rejected", async () => {
          await oldKeyRelay.raise("onAgentAvailabilityUpdate", aChange(sent));
          return statusesOf(oldKeyRelay).at(-1) === 401;
        }),
    ),
  );
  ending.abort();
  await sending;

  expect([lost.code, rotated.code, retired.code]).toEqual([0, 0, 0]);
  expect(lost.out).not.toContain(signingKey);
  expect({ out: rejected.out, code: rejected.code }).toEqual({ out: "", code: 1 });
  expect(rejected.err).toContain(`account rotate ${ACCOUNT} --replace-newest --stage local`);
  expect(listed.out).toContain(`${ACCOUNT}  two keys: the older one is not retired`);
  // Ingest must use its copy of the keys. On a busy machine the emulator can exceed the timeout of a request to
  // the table or to Secrets Manager, the only accepted causes of a 503: ingest logs them.
  const statuses = [...before, ...statusesOf(newRelay)];
  expect(statuses.filter((status) => status !== 200 && status !== 503)).toEqual([]);
  expect(await unexplained()).toEqual([]);
  expect([...oldRelay.log, ...newRelay.log].filter(({ text }) => /lost/.test(text))).toEqual([]);
  const audited = (await linesOf("audit")).map((line): unknown => JSON.parse(line));
  expect(audited).toMatchObject([
    {
      action: "account rotate",
      accountId: ACCOUNT,
      outcome: "started",
      by: expect.stringContaining("arn:aws:"),
    },
    { action: "account rotate", accountId: ACCOUNT, outcome: "done" },
    { action: "account rotate", outcome: "started" },
    { action: "account rotate", outcome: "failed" },
    { action: "account rotate", outcome: "started", replaced: "newest key" },
    { action: "account rotate", outcome: "done", replaced: "newest key" },
    { action: "account retire", accountId: ACCOUNT, outcome: "started" },
    { action: "account retire", accountId: ACCOUNT, outcome: "done" },
  ]);
});

it("loses no account if six operators add one each at the same time", async () => {
  const operate = createOperator(running.cloud);
  const ids = ["21", "22", "23", "24", "25", "26"];

  const added = await Promise.all(
    ids.map(async (id) => await operate("account", "add", id, "--json")),
  );

  const listed = await operate("account", "list", "--json");
  expect(added.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0, 0]);
  expect((JSON.parse(listed.out) as { accounts: unknown }).accounts).toEqual([
    ...ids.map((accountId) => ({ accountId, keys: 1, customStatuses: true })),
    { accountId: ACCOUNT, keys: 1, customStatuses: true },
    { accountId: bolt.accountId, keys: 1, customStatuses: false },
  ]);
});

it("removes an account from the list, and no other", async () => {
  const operate = createOperator(running.cloud);
  const removed = await operate("account", "remove", "21", "--yes", "--json");
  const listed = await operate("account", "list", "--json");

  expect(JSON.parse(removed.out)).toEqual({ stage: "local", accountId: "21", keys: 0 });
  expect(listed.out).not.toContain('"21"');
  expect(listed.out).toContain('"22"');
});
