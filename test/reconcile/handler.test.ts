import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SendMessageBatchCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  jest,
} from "@jest/globals";
import type { Context, SQSEvent } from "aws-lambda";
import { mockClient } from "aws-sdk-client-mock";

import type { SweepRequest } from "../../functions/reconcile/sweep-result.ts";
import { createSweepState } from "../../functions/reconcile/sweep-state.ts";
import { ADMIN_KEY, aFreshdesk, aFreshdeskAgent, DOMAIN } from "../builders/freshdesk.ts";
import { aReconciledTable } from "../builders/reconciled-table.ts";

const ACCOUNT = "11010177632";
const QUEUE = "https://sqs.eu-central-1.amazonaws.com/123456789012/sweeps";
const connection = { domain: DOMAIN, apiKey: ADMIN_KEY };
const context = { getRemainingTimeInMillis: () => 900_000 } as Context;

type Handler = (event: SQSEvent | SweepRequest, context: Context) => Promise<unknown>;

let freshdesk: Awaited<ReturnType<typeof aFreshdesk>>;
let handler: Handler;
let stored: ReturnType<typeof aReconciledTable>;
let secrets: ReturnType<typeof mockClient>;
let queue: ReturnType<typeof mockClient>;
let lines: string[];

beforeAll(async () => {
  freshdesk = await aFreshdesk([aFreshdeskAgent(1000)]);
  Object.assign(process.env, {
    STAGE: "blue",
    TABLE_NAME: "agents",
    STATE_TABLE_NAME: "state",
    API_KEYS_SECRET_ARN: "arn:api-keys",
    QUEUE_URL: QUEUE,
    LOCAL_FRESHDESK_ORIGIN: freshdesk.api.origin,
    POWERTOOLS_DEV: "true",
    POWERTOOLS_METRICS_DISABLED: "false",
    AWS_REGION: "eu-central-1",
  });
  ({ handler } = await import("../../functions/reconcile/handler.ts"));
});

afterAll(async () => {
  await freshdesk.api.close();
});

beforeEach(() => {
  lines = [];
  for (const level of ["log", "info", "error"] as const) {
    jest.spyOn(console, level).mockImplementation((line: unknown) => {
      lines.push(typeof line === "string" ? line : JSON.stringify(line));
    });
  }
  stored = aReconciledTable();
  secrets = mockClient(SecretsManagerClient);
  queue = mockClient(SQSClient);
  queue.on(SendMessageBatchCommand).resolves({});
  connect({ [ACCOUNT]: connection });
});

afterEach(() => {
  jest.restoreAllMocks();
});

function connect(accounts: Readonly<Record<string, unknown>>): void {
  secrets.on(GetSecretValueCommand).resolves({ SecretString: JSON.stringify(accounts) });
}

const send = async (...messages: readonly object[]) =>
  await handler(
    { Records: messages.map((message) => ({ body: JSON.stringify(message) })) } as SQSEvent,
    context,
  );

/** Returns the metrics of the invocation. */
const metrics = () => JSON.parse(lines.find((line) => line.includes('"_aws"')) ?? "{}") as object;

const batches = () =>
  queue.commandCalls(SendMessageBatchCommand).map(({ args: [{ input }] }) => input);

describe("the message of the schedule", () => {
  it("sends a message for each connected account, at most ten at a time", async () => {
    const ids = Array.from({ length: 12 }, (_, index) => String(index + 1));
    connect(Object.fromEntries(ids.map((id) => [id, connection])));

    await send({ kind: "start" });

    const entryOf = (accountId: string, index: number) => ({
      Id: String(index),
      MessageBody: JSON.stringify({ kind: "sweep", accountId }),
    });
    expect(batches()).toEqual([
      { QueueUrl: QUEUE, Entries: ids.slice(0, 10).map(entryOf) },
      { QueueUrl: QUEUE, Entries: ids.slice(10).map(entryOf) },
    ]);
    expect(freshdesk.api.requests).toHaveLength(0);
  });

  it("measures the longest time since an account's last complete sweep, in seconds", async () => {
    connect({ "1": connection, "2": connection });
    const time = Date.now();
    const state = createSweepState(new DynamoDBClient(), "state");
    await state.complete({ accountId: "1", owner: "a" }, time - 7_200_000);
    await state.complete({ accountId: "2", owner: "b" }, time - 60_000);

    await send({ kind: "start" });

    const { SweepAge: age } = metrics() as { readonly SweepAge: number };
    expect(age).toBeGreaterThanOrEqual(7200);
    expect(age).toBeLessThan(7200 + 600);
  });

  it("sends and measures nothing if no account is connected", async () => {
    secrets.on(GetSecretValueCommand).resolves({});

    await send({ kind: "start" });

    expect(batches()).toEqual([]);
    expect(lines).toStrictEqual([]);
  });

  it("fails if SQS rejects an entry, so that it is repeated", async () => {
    connect({ [ACCOUNT]: connection, "43": connection });
    queue.on(SendMessageBatchCommand).resolves({
      Successful: [],
      Failed: [
        { Id: "0", Code: "InternalError", SenderFault: false },
        { Id: "1", Code: "Throttled", SenderFault: false },
      ],
    });

    await expect(send({ kind: "start" })).rejects.toThrow(
      "SQS rejected 2 of 2 sweep messages: InternalError, Throttled. The next scheduled start sends them again.",
    );
  });
});

it("skips accounts with a malformed entry, logs their IDs and counts them", async () => {
  connect({ [ACCOUNT]: connection, "42": { domain: "acme" } });

  await send({ kind: "start" });

  expect(batches()[0]?.["Entries"]).toHaveLength(1);
  expect(lines).toContain(
    JSON.stringify({ message: "skipped malformed API keys", accountIds: ["42"] }),
  );
  expect(metrics()).toMatchObject({ AccountsWithMalformedApiKeys: 1, stage: "blue" });
});

describe("the message of an account", () => {
  it("sweeps the account and counts it", async () => {
    expect(await send({ kind: "sweep", accountId: ACCOUNT })).toBeUndefined();

    expect(stored.item("user:1000")).toMatchObject({ accountId: ACCOUNT, name: "Agent 1000" });
    expect(metrics()).toMatchObject({ AgentsChecked: 1, SweepsCompleted: 1, ItemsCreated: 1 });
    expect(queue.commandCalls(SendMessageCommand)).toHaveLength(0);
  });

  it("is followed by another one, without the delay of the queue, if the sweep runs out of time", async () => {
    const { agents } = freshdesk.api.state;
    for (let userId = 2000; userId < 2100; userId += 1) {
      agents.set(userId, aFreshdeskAgent(userId));
    }
    // The list may be read for two thirds of this time, and its second page is allowed after 5 seconds.
    const shortTime = { getRemainingTimeInMillis: () => 7000 } as Context;
    const body = JSON.stringify({ kind: "sweep", accountId: ACCOUNT });

    await handler({ Records: [{ body }] } as SQSEvent, shortTime);
    agents.clear();
    agents.set(1000, aFreshdeskAgent(1000));

    const sent = queue.commandCalls(SendMessageCommand).map(({ args: [{ input }] }) => input);
    expect(sent).toEqual([{ QueueUrl: QUEUE, MessageBody: body, DelaySeconds: 0 }]);
  });

  it("is ignored if the account has been disconnected", async () => {
    connect({});

    await send({ kind: "sweep", accountId: ACCOUNT });

    expect(stored.client.calls()).toHaveLength(0);
  });

  it("fails if it is not recognized, and the metrics of earlier messages are written", async () => {
    connect({ [ACCOUNT]: {} });

    await expect(send({ kind: "start" }, { kind: "tidy" })).rejects.toThrow(
      "the message is not recognized: kind must be start, sweep or agent",
    );
    expect(metrics()).toMatchObject({ AccountsWithMalformedApiKeys: 1 });
  });
});

describe("a sweep that an operator waits for", () => {
  const request = { kind: "sweep now", accountId: ACCOUNT, isDryRun: true } as const;

  it("returns the differences", async () => {
    expect(await handler(request, context)).toMatchObject({ outcome: "swept", isComplete: true });
  });

  it("returns that the stage has no API key for the account", async () => {
    connect({});

    expect(await handler(request, context)).toStrictEqual({ outcome: "not connected" });
  });

  it("rejects a malformed request", async () => {
    await expect(handler({ ...request, accountId: "acme" }, context)).rejects.toThrow("accountId");
  });
});
