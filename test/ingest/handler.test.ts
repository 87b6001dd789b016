import { readFileSync } from "node:fs";

import {
  ConditionalCheckFailedException,
  DynamoDBServiceException,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { GetSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from "@jest/globals";

import { RELAY_VERSION } from "../../functions/ingest/relay-version.ts";
import { anAgentPayload } from "../../tools/fakes/agent-payload.ts";
import { aPayload, minutesAgo } from "../../tools/fakes/payload.ts";
import { aContext, aRequest, KEY, signatureOf } from "../../tools/fakes/request.ts";
import { anIngestHandler, type IngestHandler } from "../builders/ingest-handler.ts";

const ACCOUNT = "11010177632";
const PREVIOUS_KEY = "whsec_b2xkLW9sZC1vbGQtb2xkLW9sZC1vbGQt";
const OTHER_KEY = "whsec_Zm9yZWlnbi1mb3JlaWduLWZvcmVpZ24t";
const PING_KEY = "whsec_cGluZy1waW5nLXBpbmctcGluZy1waW5n";

const relaySource = readFileSync(
  new URL("../../relay/server/lib/version.js", import.meta.url),
  "utf8",
);

let hub: IngestHandler;

const firstLine = () => JSON.parse(hub.logged()[0] ?? "") as Record<string, unknown>;
const written = (name: string) =>
  hub.writes().map((input) => input.ExpressionAttributeValues?.[`:${name}`]);
const webhookIds = () => written("webhookId").map((value) => value?.S);

const dynamoDbError = (name: string) =>
  new DynamoDBServiceException({ name, $fault: "client", message: "no", $metadata: {} });

beforeAll(async () => {
  hub = await anIngestHandler({
    [ACCOUNT]: [KEY, PREVIOUS_KEY],
    "42": [OTHER_KEY],
    _ping: [PING_KEY],
  });
});

beforeEach(() => {
  hub.reset();
  hub.table.on(UpdateItemCommand).resolves({ Attributes: { version: { N: "7" } } });
});

afterEach(() => {
  jest.restoreAllMocks();
});

it("fetches the keys and opens the connection to the table before the first request", () => {
  expect(hub.atStart).toEqual({
    fetches: 1,
    keysWritten: [{ accountId: { S: "_prewarm" }, availabilityId: { S: "_prewarm" } }],
  });
});

describe("a valid event", () => {
  it("is written once, and its outcome and stored version are returned", async () => {
    const { status, headers, json } = await hub.call(aRequest(aPayload()));

    expect(status).toBe(200);
    expect(headers).toEqual({ "content-type": "application/json" });
    expect(json).toEqual({
      results: [{ availabilityId: "787096", outcome: "applied", version: 7 }],
    });
    expect(hub.writes()).toHaveLength(1);
    expect(hub.writes()[0]).toMatchObject({
      TableName: "agents",
      Key: { accountId: { S: ACCOUNT }, availabilityId: { S: "787096" } },
    });
    expect(written("webhookId")).toEqual([{ S: "delivery-1" }]);
    expect(written("origin")).toEqual([{ S: "relay" }]);
  });

  it.each([
    ["current", KEY],
    ["previous", PREVIOUS_KEY],
  ])("is accepted if it is signed with the %s key", async (_, key) => {
    expect((await hub.call(aRequest(aPayload(), { key }))).status).toBe(200);
  });

  it("is accepted if one of several signatures is valid", async () => {
    const body = JSON.stringify(aPayload());
    const timestamp = String(Math.floor(Date.now() / 1000));
    const valid = signatureOf(KEY, "delivery-1", timestamp, body);
    const headers = { "webhook-signature": `v1a,abc v1,bm9uZQ== ${valid}` };

    expect((await hub.call(aRequest(body, { timestamp, headers }))).status).toBe(200);
  });

  it("is verified byte for byte if API Gateway passes its body in base64", async () => {
    const payload = aPayload({ agent: { name: "Zoë 🦉" } });

    expect((await hub.call(aRequest(payload, { base64: true }))).status).toBe(200);
    expect(written("name")).toEqual([{ S: "Zoë 🦉" }]);
  });

  it("is counted, and logged in one line that contains IDs and the outcome", async () => {
    await hub.call(aRequest(aPayload()));

    expect(hub.logged()).toEqual([
      '{"message":"ingested","accountId":"11010177632","requestId":"request-1","relayVersion":"1.1.0","results":[{"index":0,"availabilityId":"787096","outcome":"applied","version":7}]}',
    ]);
    expect(hub.metrics()).toMatchObject({
      stage: "test",
      service: "ingest",
      EventsReceived: 1,
      EventsApplied: 1,
    });
    for (const name of ["ParkedEventsReceived", "PreviousKeyUsed", "OldRelayVersion"]) {
      expect(hub.metrics()).not.toHaveProperty(name);
    }
  });

  it("names the account in the line of the metrics only if it counts an agent event", async () => {
    await hub.call(aRequest(aPayload()));
    expect(hub.metrics()).not.toHaveProperty("accountId");

    await hub.call(aRequest(anAgentPayload()));
    expect(hub.metrics()).toMatchObject({ AgentUpdatesReceived: 1, accountId: ACCOUNT });
  });

  it("is logged and counted as signed with the previous key", async () => {
    await hub.call(aRequest(aPayload(), { key: PREVIOUS_KEY }));

    expect(firstLine()).toMatchObject({ accountId: ACCOUNT, signedBy: "previous key" });
    expect(hub.metrics()).toMatchObject({ PreviousKeyUsed: 1, EventsApplied: 1 });
  });

  it.each([
    ["0.9.9", 1],
    ["0.99.99", 1],
    ["1.0.9", 1],
    ["1.1.0", undefined],
    ["1.1.1", undefined],
    ["1.10.0", undefined],
    ["2.0.0", undefined],
    ["1.1", 1],
    ["1.1.0.0", 1],
    ["x1.1.0", 1],
    ["1000000.0.0", 1],
    ["1.1.0-beta", 1],
    ["newest", 1],
    [undefined, 1],
  ])("of relay version %s is accepted, and counts %s old relays", async (version, count) => {
    const headers = { "x-relay-version": version };

    expect((await hub.call(aRequest(aPayload(), { headers }))).status).toBe(200);
    expect(hub.metrics()["OldRelayVersion"]).toBe(count);
  });

  it("is logged with at most 32 characters of the relay version", async () => {
    await hub.call(aRequest(aPayload(), { headers: { "x-relay-version": "9".repeat(9000) } }));

    expect(firstLine()).toMatchObject({ relayVersion: "9".repeat(32) });
  });

  it.each([
    ["duplicate", "EventsDuplicate", (updatedAt: string) => updatedAt, "1654748321306384"],
    ["stale", "EventsStale", () => "2099-01-01T00:00:00.000Z", "1"],
  ])("is %s if the stored event is not older", async (...parameters) => {
    const [outcome, metric, storedAt, eventTimestamp] = parameters;
    const updatedAt = new Date(Date.now() - 600_000).toISOString();
    hub.table
      .on(UpdateItemCommand)
      .callsFake((input: { ExpressionAttributeValues: Record<string, { S?: string }> }) => {
        throw new ConditionalCheckFailedException({
          message: "no",
          $metadata: {},
          Item: {
            accountId: { S: ACCOUNT },
            availabilityId: { S: "787096" },
            epoch: { N: "1" },
            version: { N: "3" },
            updatedAt: { S: storedAt(updatedAt) },
            eventTimestamp: { N: eventTimestamp },
            contentHash: { S: input.ExpressionAttributeValues[":contentHash"]?.S ?? "" },
          },
        });
      });

    const { json } = await hub.call(aRequest(aPayload({ agent: { updated_at: updatedAt } })));

    expect(json.results).toEqual([{ availabilityId: "787096", outcome, version: 3 }]);
    expect(hub.metrics()).toMatchObject({ [metric]: 1 });
  });
});

it("compares relay versions with the version of the relay in this repository", () => {
  expect(relaySource).toContain(`exports.VERSION = "${RELAY_VERSION}";`);
});

describe("a batch", () => {
  const aged = (minutes: number) => aPayload({ agent: { updated_at: minutesAgo(minutes) } });

  it("returns a result for each event in order, and the index of the invalid one", async () => {
    const events = [aPayload({ agent: { id: 1 } }), { data: {} }, aPayload({ agent: { id: 2 } })];

    const { status, json } = await hub.call(aRequest({ events }));

    expect(status).toBe(200);
    expect(json.results).toEqual([
      { availabilityId: "1", outcome: "applied", version: 7 },
      {
        index: 1,
        outcome: "invalid",
        issues: [{ path: "data.agent_availability", message: "must be an object" }],
      },
      { availabilityId: "2", outcome: "applied", version: 7 },
    ]);
    expect(firstLine()).toMatchObject({
      results: [
        { index: 0, outcome: "applied" },
        {
          index: 1,
          outcome: "invalid",
          issues: [{ path: "data.agent_availability", message: "must be an object" }],
        },
        { index: 2, outcome: "applied" },
      ],
    });
    expect(webhookIds()).toEqual(["delivery-1#0", "delivery-1#2"]);
    expect(hub.metrics()).toMatchObject({
      EventsReceived: 3,
      ParkedEventsReceived: 3,
      EventsApplied: 2,
      EventsInvalid: 1,
    });
  });

  it("with one event is a batch", async () => {
    const { json } = await hub.call(aRequest({ events: [{ data: {} }] }));

    expect(json.results).toMatchObject([{ index: 0, outcome: "invalid" }]);
    expect(hub.metrics()).toMatchObject({ ParkedEventsReceived: 1 });
  });

  it("writes different agents concurrently", async () => {
    let running = 0;
    let maxRunning = 0;
    hub.table.on(UpdateItemCommand).callsFake(async () => {
      running += 1;
      maxRunning = Math.max(maxRunning, running);
      await new Promise((resolve) => setTimeout(resolve, 20));
      running -= 1;
      return { Attributes: { version: { N: "1" } } };
    });

    await hub.call(aRequest({ events: [1, 2, 3].map((id) => aPayload({ agent: { id } })) }));

    expect(maxRunning).toBe(3);
  });

  it("writes the events of one agent one after the other, oldest first", async () => {
    let running = 0;
    hub.table.on(UpdateItemCommand).callsFake(async () => {
      running += 1;
      expect(running).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 5));
      running -= 1;
      return { Attributes: { version: { N: "1" } } };
    });

    await hub.call(aRequest({ events: [aged(3), aged(9), aged(6)] }));

    expect(webhookIds()).toEqual(["delivery-1#1", "delivery-1#2", "delivery-1#0"]);
  });

  it("orders one agent's events of one second by the envelope's timestamp", async () => {
    const updated_at = minutesAgo(5);
    const at = (timestamp: number) => aPayload({ agent: { updated_at }, timestamp });

    await hub.call(aRequest({ events: [at(1654748321.9), at(1654748321.1)] }));

    expect(webhookIds()).toEqual(["delivery-1#1", "delivery-1#0"]);
  });

  it("orders one agent's events of one instant by their content, as the table does", async () => {
    const updated_at = minutesAgo(5);
    const named = (name: string) =>
      aPayload({ agent: { updated_at, name }, timestamp: 1654748321 });

    await hub.call(aRequest({ events: ["a", "b", "c", "d", "e"].map(named) }));

    const hashes = written("contentHash").map((value) => value?.S);
    expect(new Set(hashes).size).toBe(5);
    expect(hashes).toEqual(hashes.toSorted((a = "", b = "") => (a < b ? -1 : 1)));
  });

  it("may contain 50 events", async () => {
    const events = Array.from({ length: 50 }, (_, id) => aPayload({ agent: { id } }));

    expect((await hub.call(aRequest({ events }))).json.results).toHaveLength(50);
  });

  it.each([
    [
      "51 events",
      Array.from({ length: 51 }, () => aPayload()),
      "must contain at most 50 events (got 51)",
    ],
    ["text in place of a list", "events", "must be a list of events"],
    ["null in place of a list", null, "must be a list of events"],
  ])("with %s is invalid", async (_, events, message) => {
    const { status, json } = await hub.call(aRequest({ events }));

    expect(status).toBe(400);
    expect(json.issues).toEqual([{ path: "events", message }]);
    expect(hub.writes()).toHaveLength(0);
  });

  it("returns 503 if the table fails for one of its events", async () => {
    hub.table
      .on(UpdateItemCommand, { Key: { accountId: { S: ACCOUNT }, availabilityId: { S: "2" } } })
      .rejects(new Error("gone"));

    const { status } = await hub.call(
      aRequest({ events: [1, 2].map((id) => aPayload({ agent: { id } })) }),
    );

    expect(status).toBe(503);
  });
});

describe("the ping of a relay", () => {
  it("returns an empty list, and is logged in one line", async () => {
    const { status, json } = await hub.call(aRequest({ events: [] }));

    expect(status).toBe(200);
    expect(json).toEqual({ results: [] });
    expect(hub.writes()).toHaveLength(0);
    expect(hub.lines()).toHaveLength(1);
    expect(firstLine()).toMatchObject({ message: "ingested", results: [] });
  });

  it.each([ACCOUNT, Number(ACCOUNT), undefined, null, ""])(
    "is accepted if its account ID is %j",
    async (accountId) => {
      expect((await hub.call(aRequest({ events: [], accountId }))).status).toBe(200);
    },
  );
});

describe("account mismatch", () => {
  it.each([
    ["an event of another account", aPayload({ agent: { account_id: "42" } })],
    ["a ping with another account ID", { events: [], accountId: 42 }],
    [
      "a batch with an event of another account",
      { events: [aPayload(), aPayload({ agent: { account_id: "42" } })] },
    ],
    [
      "a batch with an invalid event of another account",
      { events: [aPayload(), aPayload({ agent: { account_id: "42", updated_at: "never" } })] },
    ],
  ])("rejects %s with 403, names both accounts, and stores nothing", async (_, body) => {
    const { status, json } = await hub.call(aRequest(body));

    const detail = `the path is for account ${ACCOUNT}, but the body is for account 42`;
    expect(status).toBe(403);
    expect(json).toMatchObject({ title: "Forbidden", detail });
    expect(hub.writes()).toHaveLength(0);
    expect(firstLine()).toEqual({
      message: "rejected a request",
      rejection: "AccountMismatch",
      detail,
      accountId: ACCOUNT,
      requestId: "request-1",
    });
    expect(hub.metrics()).toMatchObject({ RejectedAccountMismatch: 1 });
  });

  it("is checked after the schema: an invalid event of another account returns 400", async () => {
    const { status } = await hub.call(
      aRequest(aPayload({ agent: { account_id: "42", updated_at: "x" } })),
    );

    expect(status).toBe(400);
  });
});

describe("the reserved account of deployment checks", () => {
  const asPing = (body: unknown) => hub.call(aRequest(body, { accountId: "_ping", key: PING_KEY }));

  it("may ping", async () => {
    const { status, json } = await asPing({ events: [] });

    expect(status).toBe(200);
    expect(json).toEqual({ results: [] });
  });

  it.each([
    ["an event of its own", aPayload({ agent: { account_id: "_ping" } })],
    ["a batch of its own events", { events: [aPayload({ agent: { account_id: "_ping" } })] }],
    ["a batch of an invalid event", { events: [{}] }],
  ])("stores nothing: %s is rejected with 403", async (_, body) => {
    const { status, json } = await asPing(body);

    expect(status).toBe(403);
    expect(json.detail).toBe(
      "account _ping is reserved for deployment checks and stores no events",
    );
    expect(hub.writes()).toHaveLength(0);
  });
});

describe("if the table", () => {
  it.each([
    ["throttles", dynamoDbError("ProvisionedThroughputExceededException")],
    ["denies access", dynamoDbError("AccessDeniedException")],
    ["is unreachable", new Error("connect ECONNREFUSED")],
  ])("%s, the request returns 503 and is logged in one line", async (_, error) => {
    hub.table.on(UpdateItemCommand).rejects(error);

    const { status, headers, json } = await hub.call(aRequest(aPayload()));

    expect(status).toBe(503);
    expect(headers).toEqual({ "content-type": "application/json", "retry-after": "5" });
    expect(json).toEqual({
      type: "about:blank",
      title: "Service Unavailable",
      status: 503,
      detail: "a dependency failed; retrying is safe",
      requestId: "request-1",
    });
    expect(hub.logged()).toHaveLength(1);
    expect(firstLine()).toEqual({
      message: "a request to DynamoDB failed",
      error: `${error.name}: ${error.message}`,
      accountId: ACCOUNT,
      requestId: "request-1",
    });
    expect(hub.metrics()).toMatchObject({ RejectedDependencyFailed: 1 });
  });

  it("rejects a write as invalid, the event is invalid and not retried forever", async () => {
    hub.table.on(UpdateItemCommand).rejects(dynamoDbError("ValidationException"));

    const singleResponse = await hub.call(aRequest(aPayload()));
    expect(firstLine()).toEqual({
      message: "the table rejected a change as invalid",
      error: "ValidationException: no",
    });
    const batchResponse = await hub.call(aRequest({ events: [aPayload()] }));

    expect(singleResponse.status).toBe(400);
    expect(batchResponse.json.results).toEqual([
      {
        index: 0,
        availabilityId: "787096",
        outcome: "invalid",
        issues: [{ path: "body", message: "was rejected by DynamoDB, which is a bug in the hub" }],
      },
    ]);
    expect(hub.metrics()).toMatchObject({ ChangesRejectedByTable: 1 });
  });

  it("is slow, writes end after 2.3 seconds, or shortly before the function's timeout", async () => {
    const timeout = jest.spyOn(AbortSignal, "timeout");

    await hub.call(aRequest(aPayload()), aContext(5000));
    await hub.call(aRequest(aPayload()), aContext(1000));

    expect(timeout.mock.calls.map(([milliseconds]) => milliseconds)).toEqual([2300, 800]);
  });

  it("behaves unexpectedly, Lambda receives the error and counts it", async () => {
    hub.table
      .on(UpdateItemCommand)
      .rejects(new ConditionalCheckFailedException({ message: "no", $metadata: {}, Item: {} }));

    await expect(hub.handler(aRequest(aPayload()), aContext())).rejects.toThrow("accountId");
  });
});

it("logs no name, no email address, no key and no body", async () => {
  await hub.call(aRequest(aPayload()));
  await hub.call(aRequest({ events: [aPayload(), {}] }));
  await hub.call(aRequest(aPayload({ agent: { updated_at: "x" } })));
  await hub.call(aRequest(aPayload({ agent: { account_id: "42" } })));
  await hub.call(aRequest(aPayload(), { key: OTHER_KEY }));
  hub.table.on(UpdateItemCommand).rejects(dynamoDbError("ValidationException"));
  await hub.call(aRequest(aPayload()));

  const all = hub.lines().join("\n");
  expect(hub.lines().length).toBeGreaterThan(6);
  for (const secret of [
    "Rachel",
    "rachel@",
    "Minerva",
    "On break",
    KEY.slice(6),
    OTHER_KEY.slice(6),
  ]) {
    expect(all).not.toContain(secret);
  }
});

// These tests must be last, and in this order, because they age the cached keys, which all requests share.
describe("the signing keys", () => {
  const realNow = Date.now.bind(Date);
  let advancedSeconds = 0;

  /** Advances the clock, without waiting. */
  const advanceClock = (seconds: number) => {
    advancedSeconds += seconds;
    jest.spyOn(Date, "now").mockImplementation(() => realNow() + advancedSeconds * 1000);
  };

  beforeEach(() => {
    hub.secrets.on(GetSecretValueCommand).rejects(new Error("unreachable"));
  });

  it("are used from the cache while fetching fails, which is logged and counted", async () => {
    advanceClock(30);

    expect((await hub.call(aRequest(aPayload()))).status).toBe(200);
    expect(firstLine()).toEqual({
      message: "the signing keys could not be fetched",
      error: "Error: unreachable",
    });
    expect(hub.metrics()).toMatchObject({ SigningKeysFetchFailed: 1, EventsApplied: 1 });
  });

  it.each([
    ["is not base64", ["whsec_!!!!", KEY], true],
    ["is one byte long", [KEY, "whsec_YQ=="], true],
    ["ends with a newline", [`${KEY}\n`, KEY], true],
    ["is the third of its account", [PREVIOUS_KEY, KEY, OTHER_KEY], true],
    ["is the only one of its account", ["whsec_!!!!"], false],
  ])("are used, except a malformed one that %s", async (_, own, hasValidKey) => {
    hub.holdKeys({ [ACCOUNT]: own, "42": [OTHER_KEY] });
    advanceClock(60);

    const responses = [
      await hub.call(aRequest(aPayload())),
      await hub.call(aRequest(aPayload(), { key: OTHER_KEY })),
      await hub.call(aRequest({ events: [] }, { accountId: "42", key: OTHER_KEY })),
    ];

    expect(responses.map(({ status }) => status)).toEqual([hasValidKey ? 200 : 401, 401, 200]);
    const rejected = responses.filter(({ status }) => status === 401);
    expect(new Set(rejected.map((response) => JSON.stringify(response))).size).toBe(1);
    expect(firstLine()).toEqual({
      message: "skipped malformed signing keys",
      accountIds: [ACCOUNT],
    });
    expect(hub.metrics()).toMatchObject({ AccountsWithMalformedKeys: 1, RejectedBadSignature: 1 });
  });

  it("that could not be fetched for 5 minutes make requests return 503", async () => {
    advanceClock(301);

    const { status, headers } = await hub.call(aRequest(aPayload()));

    expect(status).toBe(503);
    expect(headers).toEqual({ "content-type": "application/json", "retry-after": "5" });
    expect(hub.writes()).toHaveLength(0);
    expect(hub.metrics()).toMatchObject({ SigningKeysFetchFailed: 1, RejectedDependencyFailed: 1 });
  });
});
