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
  aged,
  answerLost,
  blackHoled,
  delayed,
  denied,
  failing,
  hasEntry,
  refusingEntries,
  resetting,
  throttled,
} from "./faults.ts";
import { type FaultProxy, startFaultProxy } from "./proxy.ts";

/** What has reached the service behind the proxy. */
let reached: { target: string; body: string }[];
let upstream: Server;
let answerOf: (body: string) => unknown;
let proxy: FaultProxy;

async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = (await buffer(incoming)).toString();
  reached.push({ target: String(incoming.headers["x-amz-target"]), body });
  response.setHeader("content-type", "application/x-amz-json-1.1");
  response.end(JSON.stringify(answerOf(body)));
}

beforeEach(async () => {
  reached = [];
  answerOf = () => ({});
  upstream = createServer((incoming, response) => {
    void answer(incoming, response);
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
  answerOf = (body) => ({
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

const isAgent = (wanted: number) => (detail: unknown) => (detail as { a: number }).a === wanted;

it("lets through, unchanged, what no fault meets", async () => {
  answerOf = () => ({ Attributes: { version: { N: "7" } } });
  proxy.turnOn({ service: "dynamodb", operation: "DeleteItem", act: failing });
  proxy.turnOn({ service: "eventbridge", act: failing });

  const { Attributes: attributes } = await update();

  expect(attributes).toEqual({ version: { N: "7" } });
  expect(reached).toEqual([
    {
      target: "DynamoDB_20120810.UpdateItem",
      body: '{"TableName":"agents","Key":{"accountId":{"S":"1"}}}',
    },
  ]);
});

it("answers as a service that is throttled, as the SDK knows it from AWS", async () => {
  const seen: unknown[] = [];
  for (const [name, call] of Object.entries(calls)) {
    const service = name as keyof typeof calls;
    const fault = proxy.turnOn({ service, act: throttled });
    const error = await call().catch((failure: unknown) => failure as Error);
    fault.end();
    seen.push([
      name,
      (error as Error).name,
      (error as { $metadata?: { httpStatusCode: number } }).$metadata?.httpStatusCode,
      fault.hits(),
    ]);
  }

  expect(seen).toEqual([
    ["dynamodb", "ProvisionedThroughputExceededException", 400, 1],
    ["streams", "LimitExceededException", 400, 1],
    ["eventbridge", "ThrottlingException", 400, 1],
    ["secretsmanager", "ThrottlingException", 400, 1],
    ["sqs", "RequestThrottled", 400, 1],
  ]);
  expect(reached).toEqual([]);
});

it.each([
  ["failing", failing, "InternalServerError Internal server error"],
  ["denied", denied, "AccessDeniedException User: arn:aws:sts::"],
  ["resetting", resetting, "ECONNRESET"],
])("%s: the service sees nothing, and the SDK what AWS would say", async (_, act, expected) => {
  proxy.turnOn({ service: "dynamodb", act });

  const error: unknown = await update().catch((failure: unknown) => failure);

  expect(`${(error as Error).name} ${(error as Error).message}`).toContain(expected);
  expect(reached).toEqual([]);
});

it("drops the answer of a request that the service has carried out", async () => {
  proxy.turnOn({ service: "dynamodb", act: answerLost });

  await expect(update()).rejects.toThrow("ECONNRESET");

  expect(reached).toHaveLength(1);
});

it("lets a delayed request through although its caller has given up", async () => {
  proxy.turnOn({ service: "dynamodb", act: delayed(() => 200) });
  const client = new DynamoDBClient(config());

  await expect(
    client.send(new UpdateItemCommand({ TableName: "agents", Key: {} }), {
      abortSignal: AbortSignal.timeout(50),
    }),
  ).rejects.toMatchObject({ name: "AbortError" });
  expect(reached).toHaveLength(0);

  while (reached.length === 0) {
    await sleep(10);
  }
  expect(reached).toHaveLength(1);
});

it("says nothing until the fault is over, and then breaks the connection", async () => {
  const fault = proxy.turnOn({ service: "dynamodb", act: blackHoled });
  const call = update().catch((error: unknown) => error);

  const first = await Promise.race([call, sleep(150, "nothing")]);
  fault.end();

  expect(first).toBe("nothing");
  expect(String(await call)).toContain("ECONNRESET");
  expect(reached).toEqual([]);
});

it("meets as many requests as it is told, and those that it is told", async () => {
  const fault = proxy.turnOn({
    service: "eventbridge",
    meets: ({ body }) => hasEntry(body, isAgent(7)),
    times: 2,
    act: failing,
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

describe("entries of PutEvents that are refused", () => {
  it("do not reach the bus, and the answer says so in its place, as a call that succeeded", async () => {
    proxy.turnOn({ service: "eventbridge", act: refusingEntries(isAgent(2), "InternalFailure") });

    const said = await putEvents(["1", "2", "3"]);

    expect(said.FailedEntryCount).toBe(1);
    expect(said.Entries).toEqual([
      { EventId: '{"a":1}' },
      { ErrorCode: "InternalFailure", ErrorMessage: "refused with InternalFailure" },
      { EventId: '{"a":3}' },
    ]);
    expect(reached.map(({ body }) => body)).toEqual([
      expect.not.stringContaining(String.raw`{\"a\":2}`),
    ]);
  });

  it("may be all of a call, which then does not reach the bus at all", async () => {
    proxy.turnOn({ service: "eventbridge", act: refusingEntries(isAgent(2), "MalformedDetail") });

    const { FailedEntryCount: failed, Entries: entries } = await putEvents(["2"]);

    expect([failed, entries?.[0]?.ErrorCode]).toEqual([1, "MalformedDetail"]);
    expect(reached).toEqual([]);
  });
});

it("makes the stream's records look older", async () => {
  answerOf = () => ({
    Records: [{ eventID: "1", dynamodb: { ApproximateCreationDateTime: 1_795_000_000, Keys: {} } }],
    NextShardIterator: "next",
  });
  proxy.turnOn({ service: "streams", operation: "GetRecords", act: aged(960) });

  const { Records: records, NextShardIterator: next } = await new DynamoDBStreamsClient(
    config(),
  ).send(new GetRecordsCommand({ ShardIterator: "i" }));

  expect(records?.[0]?.dynamodb?.ApproximateCreationDateTime).toEqual(
    new Date((1_795_000_000 - 960) * 1000),
  );
  expect([records?.[0]?.eventID, next]).toEqual(["1", "next"]);
});
