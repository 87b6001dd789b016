import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import {
  InvokeCommand,
  type InvokeCommandInput,
  LambdaClient,
  LambdaServiceException,
  TooManyRequestsException,
} from "@aws-sdk/client-lambda";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { beforeEach, describe, expect, it, jest } from "@jest/globals";
import type { Context, DynamoDBBatchResponse, DynamoDBRecord } from "aws-lambda";
import { mockClient } from "aws-sdk-client-mock";

import { createDeadLetterQueue } from "../../../commands/redrive/dead-letter-queue.ts";
import { createOnFailureDestination } from "../../../commands/redrive/on-failure-destination.ts";
import { createRepublish } from "../../../commands/redrive/republish.ts";
import { type Report, runRedrive } from "../../../commands/redrive/run-redrive.ts";
import { createStoreInHistory } from "../../../commands/redrive/store-in-history.ts";
import type { AuditEntry } from "../../../commands/shared/audit-log.ts";
import { createEventBus } from "../../../functions/bus/event-bus.ts";
import { anImage, anOutboxRecord } from "../../../tools/fakes/outbox-record.ts";
import { aHistoryTable } from "../../builders/history-in-memory.ts";
import { versions } from "../../builders/versions.ts";
import { aBucketInMemory, aBusInMemory, aQueueInMemory } from "./dead-letters-in-memory.ts";

Object.assign(process.env, {
  STAGE: "blue",
  TABLE_NAME: "agents",
  HISTORY_TABLE_NAME: "history",
  HISTORY_DAYS: "90",
  AWS_REGION: "eu-central-1",
  POWERTOOLS_METRICS_DISABLED: "true",
});
const { handler } = await import("../../../functions/history/handler.ts");

const HOUR = 3600;
const dynamo = mockClient(DynamoDBClient);
const lambda = mockClient(LambdaClient);
/** The clients differ, so that the two buckets cannot be confused. */
const [publisherS3, historyS3] = [new S3Client(), new S3Client()];
const context = { getRemainingTimeInMillis: () => 60_000 } as Context;

let bus: ReturnType<typeof aBusInMemory>;
let published: ReturnType<typeof aBucketInMemory>;
let bucket: ReturnType<typeof aBucketInMemory>;
let table: ReturnType<typeof aHistoryTable>;

/** Invokes the real function. */
async function invoke({ Payload: payload }: InvokeCommandInput) {
  const event = JSON.parse(payload as string) as { Records: DynamoDBRecord[] };
  return { Payload: Buffer.from(JSON.stringify(await handler(event, context))) };
}

beforeEach(() => {
  dynamo.reset();
  lambda.reset();
  table = aHistoryTable(dynamo, "history");
  dynamo.on(GetItemCommand).resolves({});
  lambda.on(InvokeCommand).callsFake(invoke);
  bus = aBusInMemory();
  aQueueInMemory(new Date());
  published = aBucketInMemory(publisherS3);
  bucket = aBucketInMemory(historyS3);
  jest.spyOn(console, "error").mockImplementation(() => undefined);
});

interface Options {
  readonly forgetEntries?: readonly AuditEntry[] | Error;
  readonly signal?: AbortSignal;
}

async function run(options: Options = {}): Promise<Report> {
  const { forgetEntries = [], signal = new AbortController().signal } = options;
  return await runRedrive({
    queue: createDeadLetterQueue(new SQSClient(), "https://sqs/dead-letters"),
    destination: createOnFailureDestination(publisherS3, "on-failure"),
    republish: createRepublish({
      bus: createEventBus(new EventBridgeClient()),
      busName: "agent-availability-test",
      personalData: false,
      signal,
      pause: async () => {
        await Promise.resolve();
      },
    }),
    history: {
      destination: createOnFailureDestination(historyS3, "history-on-failure"),
      store: createStoreInHistory(new LambdaClient(), "history-function"),
      readForgetEntries: async () =>
        await (forgetEntries instanceof Error
          ? Promise.reject(forgetEntries)
          : Promise.resolve(forgetEntries)),
    },
    signal,
    progress: { onFound: () => undefined, onPublished: () => undefined, onStored: () => undefined },
  });
}

/** Returns the agents and versions in the history. */
const stored = () =>
  [...table.items.values()]
    .map(({ agent, change }) => [agent?.S?.split("#")[1], change?.S?.split("#").at(-1)].join("/"))
    .toSorted();

/** Lets the function report the record with this sequence number as failed. */
function failAt(itemIdentifier: string): void {
  const response: DynamoDBBatchResponse = { batchItemFailures: [{ itemIdentifier }] };
  lambda.on(InvokeCommand).resolves({ Payload: Buffer.from(JSON.stringify(response)) as never });
}

/** Returns the entry of `agent forget`, recorded a few seconds ago. */
const forgotten = (availabilityId: string, ageSeconds: number): AuditEntry => {
  const at = new Date(Date.now() - ageSeconds * 1000).toISOString();
  const accountId = "11010177632";
  return {
    id: "1",
    action: "agent forget",
    at,
    outcome: "done",
    accountId,
    availabilityId,
    recordedAt: at,
  };
};

describe("an object in the history's on-failure destination", () => {
  it("is stored in the history and removed, and none of its records is published", async () => {
    bucket.putInvocation("one", versions("a", 2, 1, 23 * HOUR));
    bucket.putInvocation("two", versions("b", 1, 3, 23 * HOUR));

    const report = await run();

    expect(stored()).toEqual(["a/2", "a/3", "b/2"]);
    expect(bucket.objects.size).toBe(0);
    expect(bus.accepted).toEqual([]);
    expect(report).toMatchObject({
      found: { messages: 0, objects: 0 },
      published: 0,
      history: { found: 2, stored: 3, forgotten: 0, removed: 2 },
      remaining: [],
    });
  });

  it("is separate from the publisher's, which is published and not stored", async () => {
    published.putInvocation("one", versions("a", 1, 1));
    bucket.putInvocation("one", versions("b", 1, 1));

    await run();

    expect(bus.ids().map((id) => id.split("/")[0])).toEqual(["a"]);
    expect(stored()).toEqual(["b/2"]);
    expect([published.objects.size, bucket.objects.size]).toEqual([0, 0]);
  });

  it("remains complete if only some of its records were stored; other objects are stored", async () => {
    bucket.putInvocation("1", versions("a", 3, 1));
    bucket.putInvocation("2", versions("b", 1, 4));
    failAt("2");
    lambda
      .on(InvokeCommand, { Payload: JSON.stringify({ Records: bucket.recordsIn("2") }) })
      .callsFake(invoke);

    const report = await run();

    expect(stored()).toEqual(["b/2"]);
    expect(bucket.recordsIn("1")).toHaveLength(3);
    expect(report.history).toEqual({ found: 2, stored: 2, forgotten: 0, removed: 1 });
    expect(report.remaining).toMatchObject(
      [3, 4].map((version) => ({
        place: "history-on-failure-destination",
        id: "aws/lambda/uuid/shard/1",
        availabilityId: "a",
        version,
        code: "NotStored",
      })),
    );
  });

  it("ends the run before anything is published if the audit log cannot be read", async () => {
    published.putInvocation("one", versions("a", 1, 1));
    bucket.putInvocation("one", versions("b", 1, 1));

    await expect(run({ forgetEntries: new Error("AccessDenied") })).rejects.toThrow("AccessDenied");

    expect(bus.accepted).toEqual([]);
    expect([published.objects.size, bucket.objects.size]).toEqual([1, 1]);
  });

  it("is the only reason to read the audit log: without one, everything is published even if the log cannot be read", async () => {
    published.putInvocation("one", versions("a", 1, 1));

    const report = await run({ forgetEntries: new Error("AccessDenied") });

    expect(report.remaining).toEqual([]);
    expect(published.objects.size).toBe(0);
  });

  it("remains if the operator lacks the permission to invoke the function; four in a row end the run", async () => {
    for (const [index, key] of ["1", "2", "3", "4", "5"].entries()) {
      bucket.putInvocation(key, versions("a", 1, index + 1));
    }
    const denied = { name: "AccessDeniedException", message: "no", $fault: "client" } as const;
    lambda.on(InvokeCommand).rejects(new LambdaServiceException({ ...denied, $metadata: {} }));

    const { remaining } = await run();

    expect(remaining.map(({ code }) => code)).toEqual([
      ...Array.from({ length: 4 }, () => "InvocationDenied"),
      "Pending",
    ]);
    expect(remaining[0]?.message).toBe("AccessDeniedException: no");
  });

  it.each([
    ["reports an unknown record", () => failAt("9"), "the function reported the record as failed"],
    [
      "fails",
      () => lambda.on(InvokeCommand).resolves({ FunctionError: "Unhandled" }),
      "the function failed",
    ],
    [
      "is throttled",
      () =>
        lambda
          .on(InvokeCommand)
          .rejects(new TooManyRequestsException({ message: "Rate exceeded", $metadata: {} })),
      "TooManyRequestsException: Rate exceeded",
    ],
  ])("remains if the function %s; four in a row end the run", async (_, fail, message) => {
    for (const [index, key] of ["1", "2", "3", "4", "5"].entries()) {
      bucket.putInvocation(key, versions("a", 1, index + 1));
    }
    fail();

    const report = await run();

    expect(lambda.commandCalls(InvokeCommand)).toHaveLength(4);
    expect(bucket.objects.size).toBe(5);
    expect(report.history).toMatchObject({ stored: 0, removed: 0 });
    expect(report.remaining.map(({ code }) => code)).toEqual([
      ...Array.from({ length: 4 }, () => "NotStored"),
      "Pending",
    ]);
    expect(report.remaining[0]?.message).toBe(message);
  });

  it("remains if it contains a record that this version of the hub cannot parse; its other records are stored", async () => {
    const unreadable = anOutboxRecord({ agent: "b", after: anImage({ channels: { S: "none" } }) });
    bucket.putInvocation("one", [...versions("a", 1, 1), unreadable]);

    const report = await run();

    expect(stored()).toEqual(["a/2"]);
    expect(bucket.objects.size).toBe(1);
    expect(report.remaining).toMatchObject([{ availabilityId: "b", code: "UnreadableRecord" }]);
  });

  it("remains if Lambda did not write it", async () => {
    bucket.put("aws/lambda/note", "text");

    const report = await run();

    expect(lambda.commandCalls(InvokeCommand)).toEqual([]);
    expect(report.remaining).toMatchObject([{ id: "aws/lambda/note", code: "Unrecognized" }]);
  });

  it("remains if the run is interrupted", async () => {
    bucket.putInvocation("one", versions("a", 1, 1));

    const report = await run({ signal: AbortSignal.abort() });

    expect(report).toMatchObject({ interrupted: true, history: { found: 1, removed: 0 } });
    expect(bucket.objects.size).toBe(1);
  });
});

describe("a record of an agent who was forgotten", () => {
  it("is skipped if it is older, even if the agent was created again", async () => {
    bucket.putInvocation("one", versions("a", 2, 1, 23 * HOUR));
    bucket.putInvocation("two", [...versions("a", 1, 3, HOUR), ...versions("b", 1, 4, 23 * HOUR)]);

    const report = await run({ forgetEntries: [forgotten("a", 20 * HOUR)] });

    expect(stored()).toEqual(["a/2", "b/2"]);
    expect(bucket.objects.size).toBe(0);
    expect(report.history).toEqual({ found: 2, stored: 2, forgotten: 2, removed: 2 });
  });

  it.each(["started", "failed"])(
    "remains if agent forget has %s and is not done, because it may have had no effect",
    async (outcome) => {
      bucket.putInvocation("one", [...versions("a", 2, 1, 23 * HOUR), ...versions("b", 1, 4)]);
      const unfinished = { ...forgotten("a", 20 * HOUR), id: "0", outcome, reason: "TimeoutError" };

      const report = await run({ forgetEntries: [unfinished] });
      const kept = bucket.recordsIn("one").length;
      const finished = await run({ forgetEntries: [unfinished, forgotten("a", HOUR)] });

      expect(stored()).toEqual(["b/2"]);
      expect(report.history).toMatchObject({ stored: 1, forgotten: 0, removed: 0 });
      expect(report.remaining).toMatchObject(
        [2, 3].map((version) => ({ availabilityId: "a", version, code: "MaybeForgotten" })),
      );
      expect(kept).toBe(3);
      expect(finished).toMatchObject({ history: { forgotten: 2, removed: 1 }, remaining: [] });
      expect(bucket.objects.size).toBe(0);
    },
  );

  it("is passed to the function if it contains the tombstone, which deletes the stored changes", async () => {
    const [before, after] = [anImage(), anImage({ version: { N: "2" } })];
    const key = {
      removedBecause: { S: "forgotten" },
      removedAt: { S: "2026-11-24T09:00:00.000Z" },
    };
    const { epoch, version, updatedAt, eventTimestamp, contentHash } = after;
    const tombstone = { epoch, version, updatedAt, eventTimestamp, contentHash, ...key };
    await handler({ Records: [anOutboxRecord({ after: before })] }, context);
    bucket.putInvocation("one", [
      anOutboxRecord({ before, after: tombstone as never, sequence: "2", ageSeconds: 21 * HOUR }),
    ]);

    await run({ forgetEntries: [forgotten("787096", 20 * HOUR)] });

    expect(stored()).toEqual([]);
    expect(bucket.objects.size).toBe(0);
  });
});
