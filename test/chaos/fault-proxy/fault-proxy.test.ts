import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";

import { DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { DynamoDBStreamsClient, GetRecordsCommand } from "@aws-sdk/client-dynamodb-streams";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";

import {
  ageRecordsBy,
  dropResponse,
  withholdResponse,
  delayBy,
  denyAccess,
  respondWith500,
  hasEntry,
  rejectAsInvalid,
  rejectEntries,
  resetConnection,
  throttle,
} from "./fault-effects.ts";
import { type FaultProxy, startFaultProxy } from "./fault-proxy.ts";

/** The requests that have reached the service. */
let reached: { target: string; body: string }[];
let upstream: Server;
let responseFor: (body: string) => unknown;
let proxy: FaultProxy;

async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = (await buffer(incoming)).toString();
  reached.push({ target: String(incoming.headers["x-amz-target"]), body });
  response.setHeader("content-type", "application/x-amz-json-1.1");
  response.end(JSON.stringify(responseFor(body)));
}

beforeEach(async () => {
  reached = [];
  responseFor = () => ({});
  upstream = createServer((incoming, response) => {
    void handle(incoming, response);
  });
  await new Promise<void>((resolve) => {
    upstream.listen(0, "127.0.0.1", resolve);
  });
  proxy = await startFaultProxy(`http://127.0.0.1:${(upstream.address() as AddressInfo).port}`);
});

afterEach(async () => {
  await proxy.stop();
  upstream.closeAllConnections();
  upstream.close();
});

const config = () => ({
  endpoint: proxy.endpoint,
  region: "us-east-1",
  credentials: { accessKeyId: "000000000000", secretAccessKey: "local" },
  maxAttempts: 1,
});

const update = async () =>
  await new DynamoDBClient(config()).send(
    new UpdateItemCommand({ TableName: "agents", Key: { accountId: { S: "1" } } }),
  );

const calls = {
  dynamodb: update,
  streams: async () =>
    await new DynamoDBStreamsClient(config()).send(new GetRecordsCommand({ ShardIterator: "i" })),
  eventbridge: async () => await putEvents(["1"]),
  secretsmanager: async () =>
    await new SecretsManagerClient(config()).send(new GetSecretValueCommand({ SecretId: "keys" })),
  sqs: async () =>
    await new SQSClient(config()).send(
      new SendMessageCommand({ QueueUrl: `${proxy.endpoint}/0/q`, MessageBody: "b" }),
    ),
};

async function putEvents(agents: readonly string[]) {
  responseFor = (body) => ({
    FailedEntryCount: 0,
    Entries: (JSON.parse(body) as { Entries: { Detail: string }[] }).Entries.map((entry) => ({
      EventId: entry.Detail,
    })),
  });
  return await new EventBridgeClient(config()).send(
    new PutEventsCommand({
      Entries: agents.map((agent) => ({ Source: "s", DetailType: "t", Detail: `{"a":${agent}}` })),
    }),
  );
}

const isAgent = (agent: number) => (detail: unknown) => (detail as { a: number }).a === agent;

it("forwards requests that no fault matches unchanged", async () => {
  responseFor = () => ({ Attributes: { version: { N: "7" } } });
  proxy.startFault({ service: "dynamodb", operation: "DeleteItem", effect: respondWith500 });
  proxy.startFault({ service: "eventbridge", effect: respondWith500 });

  const { Attributes: attributes } = await update();

  expect(attributes).toEqual({ version: { N: "7" } });
  expect(reached).toEqual([
    {
      target: "DynamoDB_20120810.UpdateItem",
      body: '{"TableName":"agents","Key":{"accountId":{"S":"1"}}}',
    },
  ]);
});

it("responds with the throttling error of each service, as the SDK expects it", async () => {
  const errors: unknown[] = [];
  for (const [name, call] of Object.entries(calls)) {
    const service = name as keyof typeof calls;
    const fault = proxy.startFault({ service, effect: throttle });
    const error = await call().catch((failure: unknown) => failure as Error);
    fault.end();
    errors.push([
      name,
      (error as Error).name,
      (error as { $metadata?: { httpStatusCode: number } }).$metadata?.httpStatusCode,
      fault.hits(),
    ]);
  }

  expect(errors).toEqual([
    ["dynamodb", "ProvisionedThroughputExceededException", 400, 1],
    ["streams", "LimitExceededException", 400, 1],
    ["eventbridge", "ThrottlingException", 400, 1],
    ["secretsmanager", "ThrottlingException", 400, 1],
    ["sqs", "RequestThrottled", 400, 1],
  ]);
  expect(reached).toEqual([]);
});

it.each([
  ["failing", respondWith500, "InternalServerError Internal server error"],
  ["denied", denyAccess, "AccessDeniedException User: arn:aws:sts::"],
  ["invalid", rejectAsInvalid, "ValidationException The provided item is invalid"],
  ["resetting", resetConnection, "ECONNRESET"],
])(
  "%s: the request does not reach the service, and the SDK throws the error of AWS",
  async (_, effect, expected) => {
    proxy.startFault({ service: "dynamodb", effect });

    const error: unknown = await update().catch((failure: unknown) => failure);

    expect(`${(error as Error).name} ${(error as Error).message}`).toContain(expected);
    expect(reached).toEqual([]);
  },
);

it("drops the response to a request that the service has processed", async () => {
  proxy.startFault({ service: "dynamodb", effect: dropResponse });

  await expect(update()).rejects.toThrow("ECONNRESET");

  expect(reached).toHaveLength(1);
});

it("forwards a delayed request although its caller has ended it", async () => {
  const fault = proxy.startFault({ service: "dynamodb", effect: delayBy(() => 200) });
  const client = new DynamoDBClient(config());
  const caller = new AbortController();

  const call = client.send(new UpdateItemCommand({ TableName: "agents", Key: {} }), {
    abortSignal: caller.signal,
  });
  while (fault.hits() === 0) {
    await sleep(5);
  }
  caller.abort();

  await expect(call).rejects.toMatchObject({ name: "AbortError" });

  while (reached.length === 0) {
    await sleep(10);
  }
  expect(reached).toHaveLength(1);
});

it("does not respond until the fault ends, then resets the connection", async () => {
  const fault = proxy.startFault({ service: "dynamodb", effect: withholdResponse });
  const call = update().catch((error: unknown) => error);

  const first = await Promise.race([call, sleep(150, "nothing")]);
  fault.end();

  expect(first).toBe("nothing");
  expect(String(await call)).toContain("ECONNRESET");
  expect(reached).toEqual([]);
});

it("affects only matching requests, up to the given number", async () => {
  const fault = proxy.startFault({
    service: "eventbridge",
    matches: ({ body }) => hasEntry(body, isAgent(7)),
    times: 2,
    effect: respondWith500,
  });

  const outcomes: string[] = [];
  for (const agent of ["1", "7", "7", "7"]) {
    outcomes.push(
      await putEvents([agent]).then(
        () => "accepted",
        (error: unknown) => (error as Error).name,
      ),
    );
  }

  expect(outcomes).toEqual(["accepted", "InternalException", "InternalException", "accepted"]);
  expect(fault.hits()).toBe(2);
});

describe("rejected entries of PutEvents", () => {
  it("do not reach the bus, and have an error code in a response with status 200", async () => {
    proxy.startFault({
      service: "eventbridge",
      effect: rejectEntries(isAgent(2), "InternalFailure"),
    });

    const response = await putEvents(["1", "2", "3"]);

    expect(response.FailedEntryCount).toBe(1);
    expect(response.Entries).toEqual([
      { EventId: '{"a":1}' },
      { ErrorCode: "InternalFailure", ErrorMessage: "rejected with InternalFailure" },
      { EventId: '{"a":3}' },
    ]);
    expect(reached.map(({ body }) => body)).toEqual([
      expect.not.stringContaining(String.raw`{\"a\":2}`),
    ]);
  });

  it("can be all entries of a request, which then does not reach the bus", async () => {
    proxy.startFault({
      service: "eventbridge",
      effect: rejectEntries(isAgent(2), "MalformedDetail"),
    });

    const { FailedEntryCount: failed, Entries: entries } = await putEvents(["2"]);

    expect([failed, entries?.[0]?.ErrorCode]).toEqual([1, "MalformedDetail"]);
    expect(reached).toEqual([]);
  });
});

it("makes the stream's records look older", async () => {
  responseFor = () => ({
    Records: [{ eventID: "1", dynamodb: { ApproximateCreationDateTime: 1_795_000_000, Keys: {} } }],
    NextShardIterator: "next",
  });
  proxy.startFault({ service: "streams", operation: "GetRecords", effect: ageRecordsBy(960) });

  const { Records: records, NextShardIterator: next } = await new DynamoDBStreamsClient(
    config(),
  ).send(new GetRecordsCommand({ ShardIterator: "i" }));

  expect(records?.[0]?.dynamodb?.ApproximateCreationDateTime).toEqual(
    new Date((1_795_000_000 - 960) * 1000),
  );
  expect([records?.[0]?.eventID, next]).toEqual(["1", "next"]);
});
