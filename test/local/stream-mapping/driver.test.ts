import { setTimeout as sleep } from "node:timers/promises";

import { DynamoDBStreamsClient, GetRecordsCommand } from "@aws-sdk/client-dynamodb-streams";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { GetQueueUrlCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";

import { type Driver, startDriver } from "../../../local/stream-mapping/driver.ts";
import type { EventSourceMapping } from "../../../local/stream-mapping/event-source-mapping.ts";
import { aMapping } from "./an-event-source-mapping.ts";
import { aShard, streamOf } from "./fake-stream.ts";

const streams = mockClient(DynamoDBStreamsClient);
const lambda = mockClient(LambdaClient);
const sqs = mockClient(SQSClient);
const s3 = mockClient(S3Client);

/** The sequence numbers of each invocation so far. */
function invocations(): number[][] {
  return lambda.commandCalls(InvokeCommand).map(({ args: [{ input }] }) => {
    const event = JSON.parse(Buffer.from(input.Payload as Uint8Array).toString()) as {
      Records: { dynamodb: { SequenceNumber: string } }[];
    };
    return event.Records.map(({ dynamodb }) => Number(dynamodb.SequenceNumber));
  });
}

function respond(value: unknown, error?: string) {
  const Payload = Buffer.from(JSON.stringify(value)) as never;
  return { Payload, FunctionError: error };
}

const succeeded = respond({ batchItemFailures: [] });
const failedAt = (number: number) =>
  respond({ batchItemFailures: [{ itemIdentifier: String(number) }] });

let driver: Driver | undefined;
let log: string[] = [];

function start(settings: Partial<EventSourceMapping> = {}): void {
  const region = { region: "eu-central-1" };
  const clients = {
    streams: new DynamoDBStreamsClient(region),
    lambda: new LambdaClient(region),
    sqs: new SQSClient(region),
    s3: new S3Client(region),
  };
  driver = startDriver(aMapping(settings), clients, (line) => {
    log.push(line);
  });
}

async function until(condition: () => boolean): Promise<void> {
  for (let waits = 0; !condition(); waits += 1) {
    if (waits > 300) {
      throw new Error(`the condition was not met; invocations: ${JSON.stringify(invocations())}`);
    }
    await sleep(10);
  }
}

/** Waits until the function was invoked with this record. */
async function untilInvokedWith(number: number): Promise<void> {
  await until(() => invocations().at(-1)?.includes(number) === true);
}

beforeEach(() => {
  log = [];
  for (const service of [streams, lambda, sqs, s3]) {
    service.reset();
  }
  lambda.on(InvokeCommand).resolves(succeeded);
});

afterEach(async () => {
  await driver?.stop();
});

describe("the driver", () => {
  it("invokes the mapping's function with the stream's records and with later ones", async () => {
    const shard = aShard("a", [1, 2]);
    streamOf(streams, shard);

    start();
    await untilInvokedWith(2);
    shard.numbers.push(3);
    await untilInvokedWith(3);

    expect(invocations()).toEqual([[1, 2], [3]]);
    expect(lambda.commandCalls(InvokeCommand)[0]?.args[0].input.FunctionName).toBe(
      "arn:aws:lambda:eu-central-1:000000000000:function:publisher:live",
    );
  });

  it("retries a record that was reported as failed before any later one, and loses none", async () => {
    streamOf(streams, aShard("a", [1, 2, 3, 4]));
    lambda
      .on(InvokeCommand)
      .resolvesOnce(failedAt(2))
      .resolvesOnce(failedAt(2))
      .resolves(succeeded);

    start({ batchSize: 3 });
    await untilInvokedWith(4);

    expect(invocations()).toEqual([[1, 2, 3], [2, 3], [2, 3], [4]]);
  });

  it("bisects a batch if the function ends with an error", async () => {
    streamOf(streams, aShard("a", [1, 2]));
    const failed = respond({ errorType: "Error" }, "Unhandled");
    lambda.on(InvokeCommand).resolvesOnce(failed).resolves(succeeded);

    start();
    await until(() => invocations().length === 3);

    expect(invocations()).toEqual([[1, 2], [1], [2]]);
  });

  it("treats a response without JSON as a failure of the whole batch", async () => {
    streamOf(streams, aShard("a", [1]));
    lambda
      .on(InvokeCommand)
      .resolvesOnce({ Payload: Buffer.from("{") as never })
      .resolves(succeeded);

    start();
    await until(() => invocations().length === 2);

    expect(invocations()).toEqual([[1], [1]]);
  });

  it("treats a response without a payload as success", async () => {
    const shard = aShard("a", [1]);
    streamOf(streams, shard);
    lambda.on(InvokeCommand).resolves({});

    start();
    await untilInvokedWith(1);
    shard.numbers.push(2);
    await untilInvokedWith(2);

    expect(invocations()).toEqual([[1], [2]]);
  });

  it("ignores reported failures if the mapping does not enable them", async () => {
    const shard = aShard("a", [1]);
    streamOf(streams, shard);
    lambda.on(InvokeCommand).resolvesOnce(failedAt(1)).resolves(succeeded);

    start({ partialFailures: false });
    await untilInvokedWith(1);
    shard.numbers.push(2);
    await untilInvokedWith(2);

    expect(invocations()).toEqual([[1], [2]]);
  });

  it("retries a throttled request, whatever the number of attempts", async () => {
    streamOf(streams, aShard("a", [1]));
    const throttled = new Error("Rate exceeded");
    lambda.on(InvokeCommand).rejectsOnce(throttled).rejectsOnce(throttled).resolves(succeeded);

    start({ maximumRetryAttempts: 0, destination: "arn:aws:sqs:eu-central-1:0:failed" });
    await until(() => invocations().length === 3);

    expect(invocations()).toEqual([[1], [1], [1]]);
    expect(sqs.commandCalls(SendMessageCommand)).toHaveLength(0);
    expect(log[0]).toBe("Invoking the function failed: Error: Rate exceeded");
  });

  it("reads no more records than a batch may have", async () => {
    streamOf(streams, aShard("a", [1, 2, 3]));

    start({ batchSize: 2 });
    await untilInvokedWith(3);

    expect(invocations()).toEqual([[1, 2], [3]]);
  });

  it("waits for a batch to fill if the mapping has a batching window", async () => {
    const shard = aShard("a", [1]);
    streamOf(streams, shard);

    start({ batchSize: 3, batchingWindow: 30 });
    await until(() => streams.commandCalls(GetRecordsCommand).length > 3);
    shard.numbers.push(2, 3, 4);
    await untilInvokedWith(3);

    expect(invocations()[0]).toEqual([1, 2, 3]);
  });

  it("starts the batching window with the first record", async () => {
    const shard = aShard("a", []);
    streamOf(streams, shard);
    start({ batchSize: 3, batchingWindow: 0.5 });

    await sleep(300);
    shard.numbers.push(1);
    await sleep(300);
    shard.numbers.push(2, 3);
    await untilInvokedWith(1);

    expect(invocations()).toEqual([[1, 2, 3]]);
  });

  it("does not wait longer than the batching window", async () => {
    streamOf(streams, aShard("a", [1]));

    start({ batchSize: 3, batchingWindow: 0.05 });
    await untilInvokedWith(1);

    expect(invocations()).toEqual([[1]]);
  });

  it("does not invoke the function after it was stopped", async () => {
    const shard = aShard("a", [1]);
    streamOf(streams, shard);
    start();
    await untilInvokedWith(1);

    await driver?.stop();
    shard.numbers.push(2);
    await sleep(60);

    expect(invocations()).toEqual([[1]]);
    await expect(driver?.ended).resolves.toBeUndefined();
  });

  it("can be stopped while a record fails again and again", async () => {
    streamOf(streams, aShard("a", [1]));
    lambda.on(InvokeCommand).resolves(failedAt(1));
    start();
    await until(() => invocations().length === 3);

    await driver?.stop();

    await expect(driver?.ended).resolves.toBeUndefined();
  });

  it("rejects if it fails for a reason that a retry does not fix", async () => {
    streamOf(streams, aShard("a", [1]));
    streams.on(GetRecordsCommand).resolves({
      Records: [{ dynamodb: { NewImage: { x: { $unknown: ["Q", 1] } as never } } }],
      NextShardIterator: "a:1",
    });

    start();

    await expect(driver?.ended).rejects.toThrow(
      "the stream contains a value of the unknown type Q",
    );
  });
});

describe("reading the stream", () => {
  it("continues after the last record if the service fails or an iterator expires", async () => {
    const shard = aShard("a", [1, 2]);
    streamOf(streams, shard);
    start();
    await untilInvokedWith(2);

    streams.on(GetRecordsCommand).rejects(new Error("ExpiredIteratorException"));
    await until(() => log.length > 0);
    shard.numbers.push(3);
    streamOf(streams, shard);
    await untilInvokedWith(3);

    expect(invocations()).toEqual([[1, 2], [3]]);
    expect(log[0]).toBe("Reading the stream failed: Error: ExpiredIteratorException");
  });

  it("continues at the oldest record if the stream no longer keeps its position", async () => {
    const shard = aShard("a", [1]);
    streamOf(streams, shard);
    start();
    await untilInvokedWith(1);

    streams.on(GetRecordsCommand).rejects(new Error("ExpiredIteratorException"));
    await until(() => log.length > 0);
    streamOf(streams, aShard("a", [7, 8]));
    await untilInvokedWith(8);

    expect(invocations()).toEqual([[1], [7, 8]]);
  });

  it("starts a shard only after its parent has ended, whatever their order in the list", async () => {
    const parent = aShard("parent", [1]);
    streamOf(streams, aShard("child", [2], "parent"), parent);
    start();
    await untilInvokedWith(1);
    await sleep(1200);
    const before = invocations();

    parent.closed = true;
    await untilInvokedWith(2);

    expect(before).toEqual([[1]]);
    expect(invocations()).toEqual([[1], [2]]);
  });

  it("starts a shard whose parent the stream no longer keeps", async () => {
    streamOf(streams, aShard("child", [2], "parent"));

    start();
    await untilInvokedWith(2);

    expect(invocations()).toEqual([[2]]);
  });

  it("reads all shards of a stream, and later ones from their beginning", async () => {
    const shards = [aShard("a", [1]), aShard("b", [2])];
    streamOf(streams, ...shards);
    start({ startingPosition: "LATEST" });
    await until(() => streams.commandCalls(GetRecordsCommand).length > 4);
    const before = invocations();

    streamOf(streams, ...shards, aShard("c", [3]));
    await untilInvokedWith(3);
    shards[1]?.numbers.push(4);
    await untilInvokedWith(4);

    expect(before).toEqual([]);
    expect(invocations()).toEqual([[3], [4]]);
  });
});

describe("a discarded batch", () => {
  const settings = { maximumRetryAttempts: 0, bisect: false };

  beforeEach(() => {
    streamOf(streams, aShard("shardId-1", [1, 2, 3]));
    lambda.on(InvokeCommand).resolvesOnce(respond({}, "Unhandled")).resolves(succeeded);
    sqs.on(GetQueueUrlCommand).resolves({ QueueUrl: "http://127.0.0.1/0/failed" });
    sqs.on(SendMessageCommand).resolves({});
    s3.on(PutObjectCommand).resolves({});
  });

  it("is described in a queue with its cause and position, and the shard continues", async () => {
    start({ ...settings, batchSize: 2, destination: "arn:aws:sqs:eu-central-1:0:failed" });
    await untilInvokedWith(3);

    const [sent] = sqs.commandCalls(SendMessageCommand);
    const body: unknown = JSON.parse(sent?.args[0].input.MessageBody ?? "");
    expect(sqs.commandCalls(GetQueueUrlCommand)[0]?.args[0].input.QueueName).toBe("failed");
    expect(sent?.args[0].input.QueueUrl).toBe("http://127.0.0.1/0/failed");
    expect(body).toEqual({
      requestContext: {
        requestId: expect.any(String),
        functionArn: "arn:aws:lambda:eu-central-1:000000000000:function:publisher:live",
        condition: "RetryAttemptsExhausted",
        approximateInvokeCount: 1,
      },
      responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
      version: "1.0",
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      DDBStreamBatchInfo: {
        shardId: "shardId-1",
        startSequenceNumber: "1",
        endSequenceNumber: "2",
        approximateArrivalOfFirstRecord: expect.stringMatching(/^20.*Z$/),
        approximateArrivalOfLastRecord: expect.stringMatching(/^20.*Z$/),
        batchSize: 2,
        streamArn: "arn:aws:dynamodb:eu-central-1:000000000000:table/agents/stream/2026",
      },
    });
    expect(invocations()).toEqual([[1, 2], [3]]);
  });

  it("is written to a bucket with its records, under Lambda's key", async () => {
    start({ ...settings, batchSize: 2, destination: "arn:aws:s3:::failed-records" });
    await untilInvokedWith(3);

    const input = s3.commandCalls(PutObjectCommand)[0]?.args[0].input;
    const body = JSON.parse(input?.Body as string) as Record<string, unknown>;
    const payload = JSON.parse(String(body["payload"])) as { Records: unknown[] };
    expect(input?.Bucket).toBe("failed-records");
    expect(input?.Key).toMatch(
      /^aws\/lambda\/6f1d\/shardId-1\/\d{4}\/\d\d\/\d\d\/\d{4}-\d\d-\d\dT\d\d\.\d\d\.\d\d-[0-9a-f-]{36}$/,
    );
    expect(body["DDBStreamBatchInfo"]).toMatchObject({ batchSize: 2, startSequenceNumber: "1" });
    expect(payload.Records).toEqual([
      expect.objectContaining({ dynamodb: expect.objectContaining({ SequenceNumber: "1" }) }),
      expect.objectContaining({ dynamodb: expect.objectContaining({ SequenceNumber: "2" }) }),
    ]);
  });

  it("has no response if the function was never invoked", async () => {
    start({ maximumRecordAge: 0, destination: "arn:aws:sqs:eu-central-1:0:failed" });
    await until(() => sqs.commandCalls(SendMessageCommand).length > 0);

    const sent = sqs.commandCalls(SendMessageCommand)[0]?.args[0].input.MessageBody ?? "";
    const body = JSON.parse(sent) as Record<string, unknown>;
    expect(body["requestContext"]).toMatchObject({
      condition: "RecordAgeExceeded",
      approximateInvokeCount: 0,
    });
    expect(body).not.toHaveProperty("responseContext");
  });

  it("holds the shard until the destination accepts it", async () => {
    s3.on(PutObjectCommand).rejectsOnce(new Error("SlowDown")).resolves({});

    start({ ...settings, batchSize: 2, destination: "arn:aws:s3:::failed-records" });
    await untilInvokedWith(3);

    expect(s3.commandCalls(PutObjectCommand)).toHaveLength(2);
    expect(invocations()).toEqual([[1, 2], [3]]);
    expect(log).toContain("Sending to the on-failure destination failed: Error: SlowDown");
  });

  it("is lost without a destination, and the shard continues", async () => {
    start({ ...settings, batchSize: 2 });
    await untilInvokedWith(3);

    expect(invocations()).toEqual([[1, 2], [3]]);
    expect(log).toContain("A batch is discarded (records: 2): RetryAttemptsExhausted");
  });
});
