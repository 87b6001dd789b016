import { readFileSync } from "node:fs";

import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  DynamoDBServiceException,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";

import type { handler as Handler } from "../../functions/ingest/handler.ts";
import { RELAY_VERSION } from "../../functions/ingest/relay-version.ts";
import { aPayload, minutesAgo } from "../../tools/fakes/payload.ts";
import { aContext, aRequest, KEY, signatureOf } from "../../tools/fakes/request.ts";
import { aSecretText } from "../../tools/fakes/signing-keys.ts";

const OLD_KEY = "whsec_b2xkLW9sZC1vbGQtb2xkLW9sZC1vbGQt";
const FOREIGN_KEY = "whsec_Zm9yZWlnbi1mb3JlaWduLWZvcmVpZ24t";

const PING_KEY = "whsec_cGluZy1waW5nLXBpbmctcGluZy1waW5n";

const table = mockClient(DynamoDBClient);
const secrets = mockClient(SecretsManagerClient);

const relaySource = readFileSync(
  new URL("../../relay/server/lib/version.js", import.meta.url),
  "utf8",
);

let handler: typeof Handler;
let lines: string[];
let atStart: { readonly fetches: number; readonly writes: readonly unknown[] };

/** What the handler wrote, of whatever kind, line by line. */
function listen(): void {
  lines = [];
  for (const level of ["log", "info", "warn", "error"] as const) {
    jest.spyOn(console, level).mockImplementation((...words: unknown[]) => {
      lines.push(
        words.map((word) => (typeof word === "string" ? word : JSON.stringify(word))).join(" "),
      );
    });
  }
}

/** Names of the metrics that were written, with their values. */
function metrics(): Record<string, unknown> {
  const emitted = lines
    .filter((line) => line.includes('"_aws"'))
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  return Object.assign({}, ...emitted) as Record<string, unknown>;
}

const logged = () => lines.filter((line) => !line.includes('"_aws"'));

function secretHolds(keys: Readonly<Record<string, readonly string[]>>): void {
  secrets.on(GetSecretValueCommand).resolves({ SecretString: aSecretText(keys) });
}

async function call(request: ReturnType<typeof aRequest>, context = aContext()) {
  const answer = await handler(request, context);
  return { ...answer, json: JSON.parse(answer.body ?? "") as Record<string, unknown> };
}

const writes = () =>
  table
    .commandCalls(UpdateItemCommand)
    .map((each) => each.args[0].input)
    .filter((input) => input.Key?.["accountId"]?.S !== "_prewarm");

beforeAll(async () => {
  process.env["STAGE"] = "test";
  process.env["TABLE_NAME"] = "agents";
  process.env["SIGNING_KEYS_SECRET_ARN"] = "arn:keys";
  process.env["ALLOWED_SOURCES"] = "18.233.117.211/32 2001:db8::/32";
  process.env["POWERTOOLS_DEV"] = "true";
  process.env["POWERTOOLS_METRICS_DISABLED"] = "false";
  process.env["AWS_REGION"] = "us-east-1";
  secretHolds({ "11010177632": [KEY, OLD_KEY], "42": [FOREIGN_KEY], _ping: [PING_KEY] });
  ({ handler } = await import("../../functions/ingest/handler.ts"));
  atStart = {
    fetches: secrets.commandCalls(GetSecretValueCommand).length,
    writes: table.commandCalls(UpdateItemCommand).map((each) => each.args[0].input.Key),
  };
});

beforeEach(() => {
  table.reset();
  table.on(UpdateItemCommand).resolves({ Attributes: { version: { N: "7" } } });
  listen();
});

afterEach(() => {
  jest.restoreAllMocks();
});

it("fetches the keys and opens the way to the table before the first request", () => {
  expect(atStart).toEqual({
    fetches: 1,
    writes: [{ accountId: { S: "_prewarm" }, availabilityId: { S: "_prewarm" } }],
  });
});

describe("a change that is as it must be", () => {
  it("is written once, and answered with its outcome and the stored version", async () => {
    const answer = await call(aRequest(aPayload()));

    expect(answer.statusCode).toBe(200);
    expect(answer.headers).toEqual({ "content-type": "application/json" });
    expect(answer.json).toEqual({
      results: [{ availabilityId: "787096", outcome: "applied", version: 7 }],
    });
    expect(writes()).toHaveLength(1);
    expect(writes()[0]).toMatchObject({
      TableName: "agents",
      Key: { accountId: { S: "11010177632" }, availabilityId: { S: "787096" } },
    });
    expect(writes()[0]?.ExpressionAttributeValues?.[":webhookId"]).toEqual({ S: "delivery-1" });
    expect(writes()[0]?.ExpressionAttributeValues?.[":origin"]).toEqual({ S: "relay" });
  });

  it.each([
    ["the current key", KEY],
    ["the previous key", OLD_KEY],
  ])("is let in with %s", async (_, key) => {
    const answer = await call(aRequest(aPayload(), { key }));

    expect(answer.statusCode).toBe(200);
  });

  it("is let in when one of several signatures is good", async () => {
    const body = JSON.stringify(aPayload());
    const timestamp = String(Math.floor(Date.now() / 1000));
    const good = signatureOf(KEY, "delivery-1", timestamp, body);
    const headers = { "webhook-signature": `v1a,abc v1,bm9uZQ== ${good}` };

    const answer = await call(aRequest(body, { timestamp, headers }));

    expect(answer.statusCode).toBe(200);
  });

  it("is verified byte for byte when API Gateway hands it over in base64", async () => {
    const answer = await call(aRequest(aPayload({ agent: { name: "Zoë 🦉" } }), { base64: true }));

    expect(answer.statusCode).toBe(200);
    expect(writes()[0]?.ExpressionAttributeValues?.[":name"]).toEqual({ S: "Zoë 🦉" });
  });

  it("is logged by ids and outcome in one line, and counted", async () => {
    await call(aRequest(aPayload()));

    expect(logged()).toEqual([
      '{"message":"ingested","accountId":"11010177632","requestId":"request-1","relayVersion":"1.0.0","results":[{"index":0,"availabilityId":"787096","outcome":"applied","version":7}]}',
    ]);
    expect(metrics()).toMatchObject({
      stage: "test",
      service: "ingest",
      EventsReceived: 1,
      EventsApplied: 1,
    });
    expect(metrics()).not.toHaveProperty("EventsCaughtUp");
    expect(metrics()).not.toHaveProperty("PreviousKeyUsed");
    expect(metrics()).not.toHaveProperty("OldRelayVersion");
  });

  it("that the account's old key has signed is counted, and its line says so", async () => {
    await call(aRequest(aPayload(), { key: OLD_KEY }));

    expect(JSON.parse(logged()[0] ?? "")).toMatchObject({
      accountId: "11010177632",
      signedBy: "previous key",
    });
    expect(metrics()).toMatchObject({ PreviousKeyUsed: 1, EventsApplied: 1 });
  });

  it.each([
    ["0.9.9", 1],
    ["0.99.99", 1],
    ["1.0.0", undefined],
    ["1.0.1", undefined],
    ["1.10.0", undefined],
    ["2.0.0", undefined],
    ["1.0", 1],
    ["1.0.0.0", 1],
    ["x1.0.0", 1],
    ["1000000.0.0", 1],
    ["1.0.0-beta", 1],
    ["newest", 1],
    [undefined, 1],
  ])("of a relay of version %s is taken, and counted as an old one's: %s", async (version, old) => {
    const headers = { "x-relay-version": version };

    const answer = await call(aRequest(aPayload(), { headers }));

    expect(answer.statusCode).toBe(200);
    expect(metrics()["OldRelayVersion"]).toBe(old);
  });

  it("is logged with no more of the relay's version than could be one", async () => {
    await call(aRequest(aPayload(), { headers: { "x-relay-version": "9".repeat(9000) } }));

    expect(JSON.parse(logged()[0] ?? "")).toMatchObject({ relayVersion: "9".repeat(32) });
  });

  it("is compared with the version of the relay that is released with the hub", () => {
    expect(relaySource).toContain(`exports.VERSION = "${RELAY_VERSION}";`);
  });

  it.each([
    [
      "duplicate",
      { updatedAt: minutesAgoIso(10), eventTimestamp: "1654748321306384" },
      "EventsDuplicate",
    ],
    ["stale", { updatedAt: "2099-01-01T00:00:00.000Z", eventTimestamp: "1" }, "EventsStale"],
  ])("is %s beside what the table holds", async (outcome, stored, metric) => {
    const updatedAt = stored.updatedAt;
    let hash = "";
    table
      .on(UpdateItemCommand)
      .callsFake((input: { ExpressionAttributeValues: Record<string, { S?: string }> }) => {
        hash = input.ExpressionAttributeValues[":contentHash"]?.S ?? "";
        throw new ConditionalCheckFailedException({
          message: "no",
          $metadata: {},
          Item: {
            accountId: { S: "11010177632" },
            availabilityId: { S: "787096" },
            epoch: { N: "1" },
            version: { N: "3" },
            updatedAt: { S: updatedAt },
            eventTimestamp: { N: stored.eventTimestamp },
            contentHash: { S: hash },
          },
        });
      });

    const answer = await call(aRequest(aPayload({ agent: { updated_at: minutesAgoIso(10) } })));

    expect(answer.json["results"]).toEqual([{ availabilityId: "787096", outcome, version: 3 }]);
    expect(metrics()).toMatchObject({ [metric]: 1 });
  });
});

function minutesAgoIso(minutes: number): string {
  return new Date(Math.floor(Date.now() / 60_000) * 60_000 - minutes * 60_000).toISOString();
}

const aged = (minutes: number) => aPayload({ agent: { updated_at: minutesAgo(minutes) } });

describe("the account that releases are tried with", () => {
  const asPing = (body: unknown) => call(aRequest(body, { accountId: "_ping", key: PING_KEY }));

  it("may ping", async () => {
    const answer = await asPing({ events: [] });

    expect(answer.statusCode).toBe(200);
    expect(answer.json).toEqual({ results: [] });
  });

  it.each([
    ["an event of its own", aPayload({ agent: { account_id: "_ping" } })],
    ["a list of them", { events: [aPayload({ agent: { account_id: "_ping" } })] }],
    ["a list of what is none", { events: [{}] }],
  ])("stores nothing: %s is refused", async (_, body) => {
    const answer = await asPing(body);

    expect(answer.statusCode).toBe(403);
    expect(writes()).toHaveLength(0);
  });
});

describe("a list", () => {
  it("gets an answer for each event in the order sent, the invalid one with its index", async () => {
    const events = [aPayload({ agent: { id: 1 } }), { data: {} }, aPayload({ agent: { id: 2 } })];

    const answer = await call(aRequest({ events }));

    expect(answer.statusCode).toBe(200);
    expect(answer.json["results"]).toEqual([
      { availabilityId: "1", outcome: "applied", version: 7 },
      {
        index: 1,
        outcome: "invalid",
        issues: [{ path: "data.agent_availability", message: "is missing or no object" }],
      },
      { availabilityId: "2", outcome: "applied", version: 7 },
    ]);
    expect(writes().map((input) => input.ExpressionAttributeValues?.[":webhookId"]?.S)).toEqual([
      "delivery-1#0",
      "delivery-1#2",
    ]);
    expect(metrics()).toMatchObject({
      EventsReceived: 3,
      EventsCaughtUp: 3,
      EventsApplied: 2,
      EventsInvalid: 1,
    });
  });

  it("is written side by side for different agents", async () => {
    let running = 0;
    let most = 0;
    table.on(UpdateItemCommand).callsFake(async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 20));
      running -= 1;
      return { Attributes: { version: { N: "1" } } };
    });

    await call(aRequest({ events: [1, 2, 3].map((id) => aPayload({ agent: { id } })) }));

    expect(most).toBe(3);
  });

  it("is written oldest first for one agent, one after the other, so that no state is passed over", async () => {
    let running = 0;
    table.on(UpdateItemCommand).callsFake(async () => {
      running += 1;
      expect(running).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running -= 1;
      return { Attributes: { version: { N: "1" } } };
    });

    await call(aRequest({ events: [aged(3), aged(9), aged(6)] }));

    const order = writes().map((input) => input.ExpressionAttributeValues?.[":webhookId"]?.S);
    expect(order).toEqual(["delivery-1#1", "delivery-1#2", "delivery-1#0"]);
  });

  it("orders one agent's events of one second by the envelope's time", async () => {
    const updated_at = minutesAgo(5);
    const at = (timestamp: number) => aPayload({ agent: { updated_at }, timestamp });

    await call(aRequest({ events: [at(1654748321.9), at(1654748321.1)] }));

    const order = writes().map((input) => input.ExpressionAttributeValues?.[":webhookId"]?.S);
    expect(order).toEqual(["delivery-1#1", "delivery-1#0"]);
  });

  it("orders one agent's events of one instant by their content, as the table does", async () => {
    const updated_at = minutesAgo(5);
    const named = (name: string) =>
      aPayload({ agent: { updated_at, name }, timestamp: 1654748321 });
    const hashes = () =>
      writes().map((input) => input.ExpressionAttributeValues?.[":contentHash"]?.S);

    await call(aRequest({ events: ["a", "b", "c", "d", "e"].map(named) }));

    expect(new Set(hashes()).size).toBe(5);
    expect(hashes()).toEqual(hashes().toSorted((a = "", b = "") => (a < b ? -1 : 1)));
  });

  it("may be empty: the ping of a relay that is being installed", async () => {
    const answer = await call(aRequest({ events: [] }));

    expect(answer.statusCode).toBe(200);
    expect(answer.json).toEqual({ results: [] });
    expect(writes()).toHaveLength(0);
    expect(lines).toHaveLength(1);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ message: "ingested", results: [] });
  });

  it("of 50 events is taken", async () => {
    const events = Array.from({ length: 50 }, (_, id) => aPayload({ agent: { id } }));

    const answer = await call(aRequest({ events }));

    expect(answer.json["results"]).toHaveLength(50);
  });

  it.each([
    ["51 events", Array.from({ length: 51 }, () => aPayload())],
    ["no list", "events"],
    ["null", null],
  ])("that is %s is malformed", async (_, events) => {
    const answer = await call(aRequest({ events }));

    expect(answer.statusCode).toBe(400);
    expect(answer.json["issues"]).toEqual([
      { path: "events", message: "is no list of at most 50 events" },
    ]);
    expect(writes()).toHaveLength(0);
  });

  it.each([
    ["valid", aPayload({ agent: { account_id: "42" } })],
    ["invalid", aPayload({ agent: { account_id: "42", updated_at: "never" } })],
  ])("with a %s event of another account is refused as a whole", async (_, foreign) => {
    const answer = await call(aRequest({ events: [aPayload(), foreign] }));

    expect(answer.statusCode).toBe(403);
    expect(writes()).toHaveLength(0);
    expect(metrics()).toMatchObject({ RefusedForeignAccount: 1 });
  });

  it("is a failure as a whole when the table fails for one of its events", async () => {
    table
      .on(UpdateItemCommand, {
        Key: { accountId: { S: "11010177632" }, availabilityId: { S: "2" } },
      })
      .rejects(new Error("gone"));

    const answer = await call(
      aRequest({ events: [1, 2].map((id) => aPayload({ agent: { id } })) }),
    );

    expect(answer.statusCode).toBe(503);
  });
});

describe("a stranger", () => {
  const body = JSON.stringify(aPayload());
  const now = Math.floor(Date.now() / 1000);
  const at = (seconds: number) => aRequest(body, { timestamp: String(now + seconds) });

  it.each([
    ["no signature", aRequest(body, { headers: { "webhook-signature": undefined } })],
    ["an empty signature", aRequest(body, { headers: { "webhook-signature": "" } })],
    ["no id", aRequest(body, { headers: { "webhook-id": undefined } })],
    ["an empty id", aRequest(body, { webhookId: "" })],
    ["an id of 257 characters", aRequest(body, { webhookId: "x".repeat(257) })],
    ["no timestamp", aRequest(body, { headers: { "webhook-timestamp": undefined } })],
    ["a timestamp that only starts with digits", aRequest(body, { timestamp: `${now}abc` })],
    ["a timestamp with a sign", aRequest(body, { timestamp: `+${now}` })],
    ["a timestamp in milliseconds", aRequest(body, { timestamp: `${now}000` })],
    ["a timestamp over 5 minutes old", at(-302)],
    ["a timestamp over 5 minutes ahead", at(360)],
    ["another account's key", aRequest(body, { key: FOREIGN_KEY })],
    ["an account that is not known", aRequest(body, { accountId: "1" })],
    ["an account named like what every object has", aRequest(body, { accountId: "constructor" })],
    [
      "another version of the signature",
      aRequest(body, { headers: { "webhook-signature": "v2,abc" } }),
    ],
    ["no version of the signature", aRequest(body, { headers: { "webhook-signature": "abc" } })],
  ])("with %s is turned away, told nothing about why, and stores nothing", async (_, request) => {
    const answer = await call(request);

    expect(answer.statusCode).toBe(401);
    expect(answer.headers).toEqual({ "content-type": "application/json" });
    expect(answer.json).toEqual({
      type: "about:blank",
      title: "Unauthorized",
      status: 401,
      detail: "the request is not signed as it must be",
      requestId: "request-1",
    });
    expect(writes()).toHaveLength(0);
  });

  it.each([-290, 290])("is no one whose clock is %d seconds off", async (seconds) => {
    const timestamp = String(Math.floor(Date.now() / 1000) + seconds);

    const answer = await call(aRequest(body, { timestamp }));

    expect(answer.statusCode).toBe(200);
  });

  it("on a path without an account is turned away", async () => {
    const { pathParameters: _path, ...request } = aRequest(body);

    expect((await call(request)).statusCode).toBe(401);
  });

  it("is no one with an id of 256 characters", async () => {
    const answer = await call(aRequest(body, { webhookId: "x".repeat(256) }));

    expect(answer.statusCode).toBe(200);
  });

  it("who changes the body, the id or the time is turned away", async () => {
    const good = aRequest(body);
    const forgeries = [
      { ...good, body: body.replace("Rachel", "Rachael") },
      { ...good, headers: { ...good.headers, "webhook-id": "delivery-2" } },
      { ...good, headers: { ...good.headers, "webhook-timestamp": String(now - 30) } },
      { ...good, pathParameters: { accountId: "42" } },
    ];

    const statuses = [];
    for (const forgery of forgeries) {
      statuses.push((await call(forgery)).statusCode);
    }

    expect(statuses).toEqual([401, 401, 401, 401]);
    expect(writes()).toHaveLength(0);
    expect(metrics()).not.toHaveProperty("EventsReceived");
  });

  it("is counted, writes one line that names the account, and triggers no fetch of the keys", async () => {
    secrets.resetHistory();

    await call(
      aRequest(body, { key: FOREIGN_KEY, headers: { "x-relay-version": "x".repeat(9000) } }),
    );

    expect(logged()).toEqual(['{"message":"the signature is invalid","accountId":"11010177632"}']);
    expect(lines.every((line) => line.length < 300)).toBe(true);
    expect(metrics()).toMatchObject({ RefusedBadSignature: 1 });
    expect(metrics()).not.toHaveProperty("OldRelayVersion");
    expect(secrets.commandCalls(GetSecretValueCommand)).toHaveLength(0);
  });

  it.each([
    ["a known account with a wrong key", { key: FOREIGN_KEY }, "RefusedBadSignature"],
    ["an unknown account", { accountId: "1" }, "RefusedUnauthenticated"],
    [
      "a known account without a signature",
      { headers: { "webhook-signature": undefined } },
      "RefusedUnauthenticated",
    ],
    ["the public ping account", { accountId: "_ping" }, "RefusedUnauthenticated"],
  ])("counts a rejected request for %s separately", async (_, options, metric) => {
    await call(aRequest(body, options));

    const counted = Object.keys(metrics()).filter((name) => name.startsWith("Refused"));
    expect(counted).toEqual([metric]);
  });

  it.each([
    ["18.233.117.212", 403],
    ["2001:db9::1", 403],
    ["nonsense", 403],
    ["2001:db8::1", 200],
  ])("from %s is met with %d, before anything else is looked at", async (sourceIp, status) => {
    const answer = await call(aRequest(body, { sourceIp }));

    expect(answer.statusCode).toBe(status);
    expect(metrics()["RefusedForeignSource"]).toBe(status === 403 ? 1 : undefined);
  });

  it("is refused by address before the size of the body is looked at", async () => {
    const answer = await call(aRequest("x".repeat(131_073), { sourceIp: "1.1.1.1" }));

    expect(answer.statusCode).toBe(403);
  });
});

describe("a body", () => {
  it("of 128 KiB is taken, one byte more is too large, before the signature is looked at", async () => {
    const fits = JSON.stringify(aPayload()).padEnd(131_072, " ");

    const taken = await call(aRequest(fits));
    const refused = await call(aRequest(`${fits} `, { key: FOREIGN_KEY }));

    expect(taken.statusCode).toBe(200);
    expect(refused.statusCode).toBe(413);
    expect(metrics()).toMatchObject({ RefusedTooLarge: 1 });
  });

  it("is measured in bytes once it is decoded", async () => {
    const answer = await call(aRequest("ü".repeat(65_537), { base64: true }));

    expect(answer.statusCode).toBe(413);
  });

  it.each([
    ["no JSON", "{", [{ path: "body", message: "is not JSON" }]],
    ["empty", "", [{ path: "body", message: "is not JSON" }]],
    ["no object", "3", [{ path: "body", message: "is no object" }]],
    ["a list", "[]", [{ path: "body", message: "is no object" }]],
    ["without data", "{}", [{ path: "data", message: "is missing or no object" }]],
  ])("that is %s is malformed, with a path, and stores nothing", async (_, body, issues) => {
    const answer = await call(aRequest(body));

    expect(answer.statusCode).toBe(400);
    expect(answer.json).toEqual({
      type: "about:blank",
      title: "Bad Request",
      status: 400,
      detail: "the body is not what it must be: see issues",
      requestId: "request-1",
      issues,
    });
    expect(writes()).toHaveLength(0);
    expect(metrics()).toMatchObject({ RefusedMalformed: 1 });
  });

  it("that is not there at all is malformed, once its signature holds", async () => {
    const { body: _body, ...request } = aRequest("");

    const answer = await call(request);

    expect(answer.statusCode).toBe(400);
    expect(answer.json["issues"]).toEqual([{ path: "body", message: "is not JSON" }]);
  });

  it("about another account than the path is refused", async () => {
    const answer = await call(aRequest(aPayload({ agent: { account_id: "42" } })));

    expect(answer.statusCode).toBe(403);
    expect(writes()).toHaveLength(0);
  });

  it("that is invalid and about another account is malformed first", async () => {
    const answer = await call(aRequest(aPayload({ agent: { account_id: "42", updated_at: "x" } })));

    expect(answer.statusCode).toBe(400);
  });
});

describe("the table", () => {
  it.each([
    [
      "throttles",
      new DynamoDBServiceException({
        name: "ProvisionedThroughputExceededException",
        $fault: "client",
        message: "slow down",
        $metadata: {},
      }),
    ],
    [
      "is not permitted",
      new DynamoDBServiceException({
        name: "AccessDeniedException",
        $fault: "client",
        message: "no",
        $metadata: {},
      }),
    ],
    ["is out of reach", new Error("connect ECONNREFUSED")],
  ])(
    "that %s makes a failure that may be repeated, with one line that says so",
    async (_, error) => {
      table.on(UpdateItemCommand).rejects(error);

      const answer = await call(aRequest(aPayload()));

      expect(answer.statusCode).toBe(503);
      expect(answer.headers).toEqual({ "content-type": "application/json", "retry-after": "5" });
      expect(answer.json).toMatchObject({ status: 503, title: "Service Unavailable" });
      expect(logged()).toHaveLength(1);
      expect(JSON.parse(logged()[0] ?? "")).toEqual({
        message: "the table could not be written",
        error: `${error.name}: ${error.message}`,
      });
      expect(metrics()).toMatchObject({ RefusedDependencyFailed: 1 });
    },
  );

  it("that finds a write malformed makes its event invalid, not one to be repeated for ever", async () => {
    const refused = new DynamoDBServiceException({
      name: "ValidationException",
      $fault: "client",
      message: "bad",
      $metadata: {},
    });
    table.on(UpdateItemCommand).rejects(refused);

    const single = await call(aRequest(aPayload()));
    expect(JSON.parse(logged()[0] ?? "")).toEqual({
      message: "the table refused a change as malformed",
      error: "ValidationException: bad",
    });
    const list = await call(aRequest({ events: [aPayload()] }));

    expect(single.statusCode).toBe(400);
    expect(list.json["results"]).toEqual([
      {
        index: 0,
        availabilityId: "787096",
        outcome: "invalid",
        issues: [
          { path: "body", message: "was refused by the table; this is a defect of the hub" },
        ],
      },
    ]);
    expect(metrics()).toMatchObject({ ChangeRefusedByTable: 1 });
  });

  it("is given 2.3 seconds, or what is left of the function's time", async () => {
    const timeout = jest.spyOn(AbortSignal, "timeout");

    await call(aRequest(aPayload()), aContext(5000));
    await call(aRequest(aPayload()), aContext(1000));

    expect(timeout.mock.calls.map(([milliseconds]) => milliseconds)).toEqual([2300, 800]);
  });
});

it("leaves to Lambda what nobody expected, so that it counts as an error", async () => {
  table
    .on(UpdateItemCommand)
    .rejects(new ConditionalCheckFailedException({ message: "no", $metadata: {}, Item: {} }));

  await expect(handler(aRequest(aPayload()), aContext())).rejects.toThrow("accountId is not there");
});

it("logs no name, no address, no key and no body, whatever comes", async () => {
  const refused = new DynamoDBServiceException({
    name: "ValidationException",
    $fault: "client",
    message: "bad",
    $metadata: {},
  });

  await call(aRequest(aPayload()));
  await call(aRequest({ events: [aPayload(), {}] }));
  await call(aRequest(aPayload({ agent: { updated_at: "x" } })));
  await call(aRequest(aPayload(), { key: FOREIGN_KEY }));
  table.on(UpdateItemCommand).rejects(refused);
  await call(aRequest(aPayload()));

  const all = lines.join("\n");
  expect(lines.length).toBeGreaterThan(4);
  for (const secret of [
    "Rachel",
    "rachel@",
    "Minerva",
    "On break",
    KEY.slice(6),
    FOREIGN_KEY.slice(6),
  ]) {
    expect(all).not.toContain(secret);
  }
});

// Last, and in this order: the copy of the keys, which all requests share, grows old here.
describe("the signing keys", () => {
  const realNow = Date.now.bind(Date);
  let passed = 0;

  /** Lets the copy of the keys grow old, without waiting. */
  const pass = (seconds: number) => {
    passed += seconds;
    jest.spyOn(Date, "now").mockImplementation(() => realNow() + passed * 1000);
  };

  beforeEach(() => {
    secrets.on(GetSecretValueCommand).rejects(new Error("out of reach"));
  });

  it("that cannot be fetched are told and counted, while the last copy serves", async () => {
    pass(30);

    const answer = await call(aRequest(aPayload()));

    expect(answer.statusCode).toBe(200);
    expect(JSON.parse(logged()[0] ?? "")).toEqual({
      message: "the signing keys could not be fetched",
      error: "Error: out of reach",
    });
    expect(metrics()).toMatchObject({ KeysFetchFailed: 1, EventsApplied: 1 });
  });

  it.each([
    ["is not base64", ["whsec_!!!!", KEY], true],
    ["is one byte long", [KEY, "whsec_YQ=="], true],
    ["ends with a newline", [`${KEY}\n`, KEY], true],
    ["is the third of its account", [OLD_KEY, KEY, FOREIGN_KEY], true],
    ["is the only one of its account", ["whsec_!!!!"], false],
  ])("skips a malformed key that %s, and responds as usual", async (_, own, hasValidKey) => {
    secretHolds({ "11010177632": own, "42": [FOREIGN_KEY] });
    pass(60);

    const answers = [
      await call(aRequest(aPayload())),
      await call(aRequest(aPayload(), { key: FOREIGN_KEY })),
      await call(aRequest({ events: [] }, { accountId: "42", key: FOREIGN_KEY })),
    ];

    expect(answers.map(({ statusCode }) => statusCode)).toEqual([
      hasValidKey ? 200 : 401,
      401,
      200,
    ]);
    const rejections = answers.flatMap(({ statusCode, json }) =>
      statusCode === 401 ? [json] : [],
    );
    expect(new Set(rejections.map((json) => JSON.stringify(json))).size).toBe(1);
    expect(JSON.parse(logged()[0] ?? "")).toEqual({
      message: "skipped malformed signing keys",
      accountIds: ["11010177632"],
    });
    expect(metrics()).toMatchObject({ AccountsWithMalformedKeys: 1 });
  });

  it("that have not been fetched for 5 minutes make a failure that may be repeated", async () => {
    pass(301);

    const answer = await call(aRequest(aPayload()));

    expect(answer.statusCode).toBe(503);
    expect(answer.headers).toEqual({ "content-type": "application/json", "retry-after": "5" });
    expect(writes()).toHaveLength(0);
    expect(metrics()).toMatchObject({ KeysFetchFailed: 1, RefusedDependencyFailed: 1 });
  });
});
