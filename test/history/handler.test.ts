import {
  BatchWriteItemCommand,
  type BatchWriteItemCommandInput,
  DynamoDBClient,
  GetItemCommand,
} from "@aws-sdk/client-dynamodb";
import { beforeEach, describe, expect, it, jest } from "@jest/globals";
import type { Context, DynamoDBRecord } from "aws-lambda";
import { mockClient } from "aws-sdk-client-mock";

import { anImage, anOutboxRecord } from "../../tools/fakes/outbox-record.ts";
import { aHistoryTable } from "../builders/history-in-memory.ts";

Object.assign(process.env, {
  STAGE: "blue",
  TABLE_NAME: "agents",
  HISTORY_TABLE_NAME: "history",
  HISTORY_DAYS: "90",
  AWS_REGION: "eu-central-1",
  // Otherwise Powertools writes to its own console.
  POWERTOOLS_DEV: "true",
  POWERTOOLS_METRICS_DISABLED: "false",
});
const { handler } = await import("../../functions/history/handler.ts");

const dynamo = mockClient(DynamoDBClient);
let history = aHistoryTable(dynamo, "history");
let lines: unknown[] = [];

beforeEach(() => {
  dynamo.reset();
  history = aHistoryTable(dynamo, "history");
  dynamo.on(GetItemCommand).resolves({});
  lines = [];
  for (const level of ["log", "info", "error"] as const) {
    jest.spyOn(console, level).mockImplementation((line: unknown) => {
      lines.push(line);
    });
  }
});

const context = (milliseconds = 60_000) =>
  ({ getRemainingTimeInMillis: () => milliseconds }) as Context;

const run = async (records: readonly DynamoDBRecord[], milliseconds?: number) =>
  await handler({ Records: [...records] }, context(milliseconds));

const image = (version: number) =>
  anImage({
    version: { N: String(version) },
    updatedAt: { S: `2026-11-24T08:${String(version % 60).padStart(2, "0")}:00.000Z` },
  });

/** The record of a change. Its sequence number is its version. */
const change = (version: number, agent = "787096", ageSeconds = 0) =>
  anOutboxRecord({
    agent,
    ...(version > 1 && { before: image(version - 1) }),
    after: image(version),
    sequence: String(version),
    ageSeconds,
  });

const removal = (because: string, version: number, agent = "787096") =>
  anOutboxRecord({
    agent,
    before: image(version - 1),
    after: {
      ...Object.fromEntries(
        Object.entries(image(version)).filter(([name]) =>
          ["epoch", "version", "updatedAt", "eventTimestamp"].includes(name),
        ),
      ),
      contentHash: { S: "" },
      removedAt: { S: "2026-11-24T09:00:00.000Z" },
      removedBecause: { S: because },
      expiresAt: { N: "1799000000" },
    },
    sequence: String(version),
  });

const changes = (count: number, agent?: string) =>
  Array.from({ length: count }, (_, index) => change(index + 1, agent));

const storedOf = (agent = "787096") =>
  [...history.items.values()].filter(({ agent: key }) => key?.S === `11010177632#${agent}`);

describe("the history function", () => {
  it("stores one item for each change, in batches of 25, and counts them in a metric", async () => {
    expect(await run(changes(60))).toEqual({ batchItemFailures: [] });

    expect(storedOf()).toHaveLength(60);
    expect(history.written).toEqual([25, 25, 10]);
    expect(JSON.parse(String(lines[0]))).toMatchObject({
      stage: "blue",
      service: "history",
      ChangesRecorded: 60,
    });
  });

  it("stores the same items if a batch is delivered again", async () => {
    await run(changes(3));
    const first = new Map(history.items);
    await run(changes(3));

    expect(history.items).toEqual(first);
  });

  it("stores a change that a batch contains twice, in two calls", async () => {
    expect(await run([change(1), change(1)])).toEqual({ batchItemFailures: [] });

    expect(storedOf()).toHaveLength(1);
    expect(history.written).toEqual([1, 1]);
  });

  it("sends no change twice in one call", async () => {
    expect(await run([change(1), change(2), change(2)])).toEqual({ batchItemFailures: [] });

    expect(history.written).toEqual([2, 1]);
  });

  it("retries writes that DynamoDB leaves unprocessed", async () => {
    dynamo
      .on(BatchWriteItemCommand)
      .callsFakeOnce(({ RequestItems: requests = {} }: BatchWriteItemCommandInput) => {
        const [first, ...rest] = requests["history"] ?? [];
        history.write({ RequestItems: { history: first ? [first] : [] } });
        return { UnprocessedItems: { history: rest } };
      })
      .callsFake((input: BatchWriteItemCommandInput) => history.write(input));

    expect(await run(changes(10))).toEqual({ batchItemFailures: [] });
    expect(storedOf()).toHaveLength(10);
    expect(history.written).toEqual([1, 9]);
  });

  it("reports the first change that was not stored, so that it and all later ones are retried", async () => {
    dynamo
      .on(BatchWriteItemCommand)
      .callsFakeOnce((input: BatchWriteItemCommandInput) => history.write(input))
      .rejects(new Error("no"));

    expect(await run(changes(60))).toEqual({ batchItemFailures: [{ itemIdentifier: "26" }] });
    expect(storedOf()).toHaveLength(25);
    expect(lines).toContainEqual({
      message: "the history could not be stored",
      error: "Error",
      reason: "no",
    });
  });

  it("reports changes that DynamoDB leaves unprocessed until the function runs out of time", async () => {
    dynamo
      .on(BatchWriteItemCommand)
      .callsFake(({ RequestItems: requests }: BatchWriteItemCommandInput) => ({
        UnprocessedItems: requests,
      }));

    expect(await run(changes(2), 5100)).toEqual({ batchItemFailures: [{ itemIdentifier: "1" }] });
    expect(history.items.size).toBe(0);
  });

  it("sends nothing to DynamoDB if no time remains, and logs how many writes are retried", async () => {
    expect(await run(changes(2), 0)).toEqual({ batchItemFailures: [{ itemIdentifier: "1" }] });
    expect(dynamo.commandCalls(BatchWriteItemCommand)).toEqual([]);
    expect(lines).toContainEqual({
      message: "the history could not be stored",
      error: "UnprocessedWritesError",
      reason:
        "the invocation ran out of time: DynamoDB did not process 2 of 2 writes. The next invocation retries them.",
    });
  });

  it("stores nothing for a write that is not counted, or for a tombstone where no item was stored", async () => {
    const identified = anOutboxRecord({
      before: image(1),
      after: { ...image(1), userId: { S: "1" } },
    });

    expect(await run([identified])).toEqual({ batchItemFailures: [] });
    expect(history.items.size).toBe(0);
    expect(lines).toEqual([]);
  });

  it("counts a record that it cannot parse, and stores the others", async () => {
    const unreadable = anOutboxRecord({ after: { ...image(1), channels: { S: "none" } } });

    expect(await run([unreadable, change(2)])).toEqual({ batchItemFailures: [] });
    expect(storedOf()).toHaveLength(1);
    expect(JSON.parse(String(lines[0]))).toMatchObject({ RecordsUnreadable: 1 });
  });
});

describe("the removal of an agent", () => {
  it("deletes all changes of a forgotten agent, page by page, and no others", async () => {
    await run([...changes(59), ...changes(2, "2")]);

    lines = [];
    expect(await run([removal("forgotten", 60)])).toEqual({ batchItemFailures: [] });
    expect(JSON.parse(String(lines[0]))).toMatchObject({ ChangesForgotten: 59 });
    expect(storedOf()).toEqual([]);
    expect(storedOf("2")).toHaveLength(2);
  });

  it("deletes changes that arrive in the same batch before it, and keeps those after it", async () => {
    await run([change(1), change(2), removal("forgotten", 3), change(4)]);

    expect(storedOf().map(({ change: key }) => key?.S?.split("#").at(-1))).toEqual(["4"]);
  });

  it("keeps later changes that are already stored, such as those of a person who was created again", async () => {
    await run([change(1), change(2), change(4)]);

    expect(await run([removal("forgotten", 3)])).toEqual({ batchItemFailures: [] });
    expect(storedOf().map(({ change: key }) => key?.S?.split("#").at(-1))).toEqual(["4"]);
  });

  it("deletes all changes, even of later epochs, if the version of the tombstone is unknown", async () => {
    const later = { ...image(3), epoch: { N: "1795486584642" } };
    await run([...changes(2), anOutboxRecord({ before: image(2), after: later })]);
    const { dynamodb = {}, ...record } = removal("forgotten", 2);
    const edited = { ...dynamodb, NewImage: { ...dynamodb.NewImage, version: { S: "two" } } };

    expect(await run([{ ...record, dynamodb: edited }])).toEqual({ batchItemFailures: [] });
    expect(storedOf()).toEqual([]);
  });

  it("deletes all changes even if the item that was forgotten cannot be parsed", async () => {
    await run(changes(3));
    const { dynamodb = {}, ...record } = removal("forgotten", 4);
    const edited = { ...dynamodb, OldImage: { ...dynamodb.OldImage, channels: { S: "none" } } };

    expect(await run([{ ...record, dynamodb: edited }])).toEqual({ batchItemFailures: [] });
    expect(storedOf()).toEqual([]);
  });

  it("is retried if not all changes could be deleted", async () => {
    await run(changes(3));
    dynamo.on(BatchWriteItemCommand).rejects(new Error("no"));

    expect(await run([removal("forgotten", 4)])).toEqual({
      batchItemFailures: [{ itemIdentifier: "4" }],
    });
    expect(storedOf()).toHaveLength(3);
  });

  it("does not store an old record of a forgotten agent, such as a redriven one", async () => {
    dynamo.on(GetItemCommand).resolves({ Item: { removedBecause: { S: "forgotten" } } });

    expect(await run([change(1, "787096", 3600)])).toEqual({ batchItemFailures: [] });
    expect(history.items.size).toBe(0);
    expect(JSON.parse(String(lines[0]))).toMatchObject({ ChangesForgotten: 1 });
    expect(dynamo.commandCalls(GetItemCommand)[0]?.args[0].input).toMatchObject({
      TableName: "agents",
      Key: { accountId: { S: "11010177632" }, availabilityId: { S: "787096" } },
      ConsistentRead: true,
    });
  });

  it("stores an old record of any other agent, and reads no item for a new record", async () => {
    dynamo.on(GetItemCommand).resolves({ Item: { removedBecause: { S: "deleted" } } });

    await run([change(1, "787096", 3600), change(1, "2")]);

    expect(storedOf()).toHaveLength(1);
    expect(storedOf("2")).toHaveLength(1);
    expect(dynamo.commandCalls(GetItemCommand)).toHaveLength(1);
  });

  it("keeps the changes of an agent who was deleted in Freshdesk, and stores the removal", async () => {
    await run([change(1), change(2), removal("deleted", 3)]);

    expect(storedOf()).toHaveLength(3);
    expect(storedOf().at(-1)).toMatchObject({ removedBecause: { S: "deleted" } });
  });
});
