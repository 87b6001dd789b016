import { setTimeout as sleep } from "node:timers/promises";

import {
  DescribeStreamCommand,
  type DescribeStreamCommandInput,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  type GetRecordsCommandInput,
  GetShardIteratorCommand,
  type GetShardIteratorCommandInput,
  type Shard,
  TrimmedDataAccessException,
} from "@aws-sdk/client-dynamodb-streams";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { GetQueueUrlCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";

import { type Driver, startDriver } from "../../../local/stream-mapping/driver.ts";
import type { Mapping } from "../../../local/stream-mapping/mapping.ts";
import { aMapping } from "./a-mapping.ts";

const streams = mockClient(DynamoDBStreamsClient);
const lambda = mockClient(LambdaClient);
const sqs = mockClient(SQSClient);
const s3 = mockClient(S3Client);

interface FakeShard {
  readonly shard: Shard;
  readonly numbers: number[];
  closed?: boolean;
}

/** A stream of these shards: an iterator is the shard's id and the place of the next record. */
function streamOf(...shards: readonly FakeShard[]): void {
  const find = (id = "") => {
    const found = shards.find(({ shard }) => shard.ShardId === id);
    if (found === undefined) {
      throw new Error(`no shard ${id}`);
    }
    return found;
  };
  streams
    .on(DescribeStreamCommand)
    .callsFake(({ ExclusiveStartShardId: after }: DescribeStreamCommandInput) => {
      // One shard a page.
      const place = shards.findIndex(({ shard }) => shard.ShardId === after) + 1;
      const isLast = place >= shards.length - 1;
      return {
        StreamDescription: {
          Shards: shards.slice(place, place + 1).map(({ shard }) => shard),
          LastEvaluatedShardId: isLast ? undefined : shards[place]?.shard.ShardId,
        },
      };
    });
  streams.on(GetShardIteratorCommand).callsFake((input: GetShardIteratorCommandInput) => {
    const { numbers } = find(input.ShardId);
    const number = input.SequenceNumber;
    if (number !== undefined && !numbers.includes(Number(number))) {
      throw new TrimmedDataAccessException({ message: "trimmed", $metadata: {} });
    }
    const places = {
      TRIM_HORIZON: 0,
      LATEST: numbers.length,
      AT_SEQUENCE_NUMBER: numbers.indexOf(Number(input.SequenceNumber)),
      AFTER_SEQUENCE_NUMBER: numbers.indexOf(Number(input.SequenceNumber)) + 1,
    };
    return {
      ShardIterator: `${String(input.ShardId)}:${places[input.ShardIteratorType ?? "LATEST"]}`,
    };
  });
  streams.on(GetRecordsCommand).callsFake((input: GetRecordsCommandInput) => {
    const [id = "", place = ""] = input.ShardIterator?.split(":") ?? [];
    const { numbers, closed } = find(id);
    const found = numbers.slice(Number(place), Number(place) + (input.Limit ?? 1000));
    const next = Number(place) + found.length;
    return {
      Records: found.map((number) => ({
        dynamodb: { SequenceNumber: String(number), ApproximateCreationDateTime: new Date() },
      })),
      NextShardIterator: closed === true && next === numbers.length ? undefined : `${id}:${next}`,
    };
  });
}

function aShard(id: string, numbers: number[], parent?: string): FakeShard {
  return { shard: { ShardId: id, ParentShardId: parent }, numbers };
}

/** What the function was called with so far: the sequence numbers, call by call. */
function calls(): number[][] {
  return lambda.commandCalls(InvokeCommand).map(({ args: [{ input }] }) => {
    const event = JSON.parse(Buffer.from(input.Payload as Uint8Array).toString()) as {
      Records: { dynamodb: { SequenceNumber: string } }[];
    };
    return event.Records.map(({ dynamodb }) => Number(dynamodb.SequenceNumber));
  });
}

function answer(value: unknown, error?: string) {
  const Payload = Buffer.from(JSON.stringify(value)) as never;
  return { Payload, FunctionError: error };
}

const done = answer({ batchItemFailures: [] });
const failedAt = (number: number) =>
  answer({ batchItemFailures: [{ itemIdentifier: String(number) }] });

let driver: Driver | undefined;
let log: string[] = [];

function start(settings: Partial<Mapping> = {}): void {
  const region = { region: "eu-central-1" };
  const services = {
    streams: new DynamoDBStreamsClient(region),
    lambda: new LambdaClient(region),
    sqs: new SQSClient(region),
    s3: new S3Client(region),
  };
  driver = startDriver(aMapping(settings), services, (line) => {
    log.push(line);
  });
}

async function until(condition: () => boolean): Promise<void> {
  for (let waits = 0; !condition(); waits += 1) {
    if (waits > 300) {
      throw new Error(`it did not come to that; calls: ${JSON.stringify(calls())}`);
    }
    await sleep(10);
  }
}

/** Until the function took this record. */
async function untilCalledWith(number: number): Promise<void> {
  await until(() => calls().at(-1)?.includes(number) === true);
}

beforeEach(() => {
  log = [];
  for (const service of [streams, lambda, sqs, s3]) {
    service.reset();
  }
  lambda.on(InvokeCommand).resolves(done);
});

afterEach(async () => {
  await driver?.stop();
});

describe("the driver", () => {
  it("calls the mapping's function with what the stream holds and with what comes later", async () => {
    const shard = aShard("a", [1, 2]);
    streamOf(shard);

    start();
    await untilCalledWith(2);
    shard.numbers.push(3);
    await untilCalledWith(3);

    expect(calls()).toEqual([[1, 2], [3]]);
    expect(lambda.commandCalls(InvokeCommand)[0]?.args[0].input.FunctionName).toBe(
      "arn:aws:lambda:eu-central-1:000000000000:function:publisher:live",
    );
  });

  it("brings a record again that was reported as failed, before any later one, and drops none", async () => {
    streamOf(aShard("a", [1, 2, 3, 4]));
    lambda.on(InvokeCommand).resolvesOnce(failedAt(2)).resolvesOnce(failedAt(2)).resolves(done);

    start({ batchSize: 3 });
    await untilCalledWith(4);

    expect(calls()).toEqual([[1, 2, 3], [2, 3], [2, 3], [4]]);
  });

  it("halves a batch whose function ended in an error", async () => {
    streamOf(aShard("a", [1, 2]));
    const failed = answer({ errorType: "Error" }, "Unhandled");
    lambda.on(InvokeCommand).resolvesOnce(failed).resolves(done);

    start();
    await until(() => calls().length === 3);

    expect(calls()).toEqual([[1, 2], [1], [2]]);
  });

  it("takes an answer that is no JSON as a failure of the whole batch", async () => {
    streamOf(aShard("a", [1]));
    lambda
      .on(InvokeCommand)
      .resolvesOnce({ Payload: Buffer.from("{") as never })
      .resolves(done);

    start();
    await until(() => calls().length === 2);

    expect(calls()).toEqual([[1], [1]]);
  });

  it("takes an answer without a payload as success", async () => {
    const shard = aShard("a", [1]);
    streamOf(shard);
    lambda.on(InvokeCommand).resolves({});

    start();
    await untilCalledWith(1);
    shard.numbers.push(2);
    await untilCalledWith(2);

    expect(calls()).toEqual([[1], [2]]);
  });

  it("does not look at reported failures where the mapping did not ask for them", async () => {
    const shard = aShard("a", [1]);
    streamOf(shard);
    lambda.on(InvokeCommand).resolvesOnce(failedAt(1)).resolves(done);

    start({ partialFailures: false });
    await untilCalledWith(1);
    shard.numbers.push(2);
    await untilCalledWith(2);

    expect(calls()).toEqual([[1], [2]]);
  });

  it("repeats a call that was throttled, however few tries the mapping allows", async () => {
    streamOf(aShard("a", [1]));
    const throttled = new Error("Rate exceeded");
    lambda.on(InvokeCommand).rejectsOnce(throttled).rejectsOnce(throttled).resolves(done);

    start({ maximumRetryAttempts: 0, destination: "arn:aws:sqs:eu-central-1:0:failed" });
    await until(() => calls().length === 3);

    expect(calls()).toEqual([[1], [1], [1]]);
    expect(sqs.commandCalls(SendMessageCommand)).toHaveLength(0);
    expect(log[0]).toBe("the function could not be called: Error: Rate exceeded");
  });

  it("asks for no more records than a batch may have", async () => {
    streamOf(aShard("a", [1, 2, 3]));

    start({ batchSize: 2 });
    await untilCalledWith(3);

    expect(calls()).toEqual([[1, 2], [3]]);
  });

  it("waits for a batch to fill where the mapping says so", async () => {
    const shard = aShard("a", [1]);
    streamOf(shard);

    start({ batchSize: 3, batchingWindow: 30 });
    await until(() => streams.commandCalls(GetRecordsCommand).length > 3);
    shard.numbers.push(2, 3, 4);
    await untilCalledWith(3);

    expect(calls()[0]).toEqual([1, 2, 3]);
  });

  it("counts that wait from the first record", async () => {
    const shard = aShard("a", []);
    streamOf(shard);
    start({ batchSize: 3, batchingWindow: 0.5 });

    await sleep(300);
    shard.numbers.push(1);
    await sleep(300);
    shard.numbers.push(2, 3);
    await untilCalledWith(1);

    expect(calls()).toEqual([[1, 2, 3]]);
  });

  it("does not wait longer for it than the mapping says", async () => {
    streamOf(aShard("a", [1]));

    start({ batchSize: 3, batchingWindow: 0.05 });
    await untilCalledWith(1);

    expect(calls()).toEqual([[1]]);
  });

  it("makes no further call when it was stopped", async () => {
    const shard = aShard("a", [1]);
    streamOf(shard);
    start();
    await untilCalledWith(1);

    await driver?.stop();
    shard.numbers.push(2);
    await sleep(60);

    expect(calls()).toEqual([[1]]);
    await expect(driver?.ended).resolves.toBeUndefined();
  });

  it("can be stopped while a record fails again and again", async () => {
    streamOf(aShard("a", [1]));
    lambda.on(InvokeCommand).resolves(failedAt(1));
    start();
    await until(() => calls().length === 3);

    await driver?.stop();

    await expect(driver?.ended).resolves.toBeUndefined();
  });

  it("says so when it fails for a reason that repeating does not mend", async () => {
    streamOf(aShard("a", [1]));
    streams.on(GetRecordsCommand).resolves({
      Records: [{ dynamodb: { NewImage: { x: { $unknown: ["Q", 1] } as never } } }],
      NextShardIterator: "a:1",
    });

    start();

    await expect(driver?.ended).rejects.toThrow("the stream holds a value of the unknown type Q");
  });
});

describe("reading the stream", () => {
  it("goes on behind the last record when the service fails or an iterator has expired", async () => {
    const shard = aShard("a", [1, 2]);
    streamOf(shard);
    start();
    await untilCalledWith(2);

    streams.on(GetRecordsCommand).rejects(new Error("ExpiredIteratorException"));
    await until(() => log.length > 0);
    shard.numbers.push(3);
    streamOf(shard);
    await untilCalledWith(3);

    expect(calls()).toEqual([[1, 2], [3]]);
    expect(log[0]).toBe("the stream could not be read: Error: ExpiredIteratorException");
  });

  it("goes on at the oldest record that is kept when the stream lost its place", async () => {
    const shard = aShard("a", [1]);
    streamOf(shard);
    start();
    await untilCalledWith(1);

    streams.on(GetRecordsCommand).rejects(new Error("ExpiredIteratorException"));
    await until(() => log.length > 0);
    streamOf(aShard("a", [7, 8]));
    await untilCalledWith(8);

    expect(calls()).toEqual([[1], [7, 8]]);
  });

  it("begins a shard only when the one before it is through, whatever their order in the list", async () => {
    const parent = aShard("parent", [1]);
    streamOf(aShard("child", [2], "parent"), parent);
    start();
    await untilCalledWith(1);
    await sleep(1200);
    const before = calls();

    parent.closed = true;
    await untilCalledWith(2);

    expect(before).toEqual([[1]]);
    expect(calls()).toEqual([[1], [2]]);
  });

  it("begins a shard whose parent the stream no longer keeps", async () => {
    streamOf(aShard("child", [2], "parent"));

    start();
    await untilCalledWith(2);

    expect(calls()).toEqual([[2]]);
  });

  it("reads all shards of a stream, those that came later from their beginning", async () => {
    const shards = [aShard("a", [1]), aShard("b", [2])];
    streamOf(...shards);
    start({ startingPosition: "LATEST" });
    await until(() => streams.commandCalls(GetRecordsCommand).length > 4);
    const before = calls();

    streamOf(...shards, aShard("c", [3]));
    await untilCalledWith(3);
    shards[1]?.numbers.push(4);
    await untilCalledWith(4);

    expect(before).toEqual([]);
    expect(calls()).toEqual([[3], [4]]);
  });
});

describe("what is given up", () => {
  const settings = { maximumRetryAttempts: 0, bisect: false };

  beforeEach(() => {
    streamOf(aShard("shardId-1", [1, 2, 3]));
    lambda.on(InvokeCommand).resolvesOnce(answer({}, "Unhandled")).resolves(done);
    sqs.on(GetQueueUrlCommand).resolves({ QueueUrl: "http://127.0.0.1/0/failed" });
    sqs.on(SendMessageCommand).resolves({});
    s3.on(PutObjectCommand).resolves({});
  });

  it("goes to a queue as what it was and where it lies, and the shard goes on", async () => {
    start({ ...settings, batchSize: 2, destination: "arn:aws:sqs:eu-central-1:0:failed" });
    await untilCalledWith(3);

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
    expect(calls()).toEqual([[1, 2], [3]]);
  });

  it("goes to a bucket whole, under the key that Lambda gives it", async () => {
    start({ ...settings, batchSize: 2, destination: "arn:aws:s3:::failed-records" });
    await untilCalledWith(3);

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

  it("tells of no answer where the function was never called", async () => {
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

  it("waits for its destination, and the shard with it", async () => {
    s3.on(PutObjectCommand).rejectsOnce(new Error("SlowDown")).resolves({});

    start({ ...settings, batchSize: 2, destination: "arn:aws:s3:::failed-records" });
    await untilCalledWith(3);

    expect(s3.commandCalls(PutObjectCommand)).toHaveLength(2);
    expect(calls()).toEqual([[1, 2], [3]]);
    expect(log).toContain("the failure destination refused: Error: SlowDown");
  });

  it("is lost without a destination, and the shard goes on", async () => {
    start({ ...settings, batchSize: 2 });
    await untilCalledWith(3);

    expect(calls()).toEqual([[1, 2], [3]]);
    expect(log).toContain("2 records are given up: RetryAttemptsExhausted");
  });
});
