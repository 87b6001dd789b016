import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";
import type { SQSEvent } from "aws-lambda";

import { supervisedChannels } from "../builders/supervised-channel.ts";

const QUEUE = "arn:aws:sqs:eu-central-1:123456789012:coverage";

Object.assign(process.env, {
  STAGE: "blue",
  TABLE_NAME: "agents",
  BUS_NAME: "agent-availability-blue",
  STATUS_LIMITS: "[]",
  COVERAGE:
    '[{"channel":"freshcaller","minimum":1},{"channel":"freshchat","minimum":1,"accountId":"43"}]',
  COVERAGE_TABLE_NAME: "coverage",
  COVERAGE_QUEUE_ARN: QUEUE,
  AWS_REGION: "eu-central-1",
  // Otherwise Powertools writes to its own console.
  POWERTOOLS_DEV: "true",
  POWERTOOLS_METRICS_DISABLED: "false",
});
const { handler } = await import("../../functions/supervision/handler.ts");

let lines: unknown[] = [];

beforeEach(() => {
  lines = [];
  for (const level of ["log", "error"] as const) {
    jest.spyOn(console, level).mockImplementation((line: unknown) => {
      lines.push(line);
    });
  }
});

afterEach(() => {
  jest.restoreAllMocks();
});

/** The tables and the bus that the handler uses. */
const inMemory = () => supervisedChannels([]);

const messages = (...bodies: readonly object[]) =>
  ({
    Records: bodies.map((body, index) => ({
      messageId: String(index),
      eventSourceARN: QUEUE,
      body: JSON.stringify(body),
    })),
  }) as SQSEvent;

const subjectsOf = ({ published }: ReturnType<typeof inMemory>) =>
  published.map(({ accountId, channel, covered }) => [accountId, channel, covered]);

describe("the supervision function with the setting coverage", () => {
  it("evaluates the channel of each message, and counts what it publishes", async () => {
    const channels = inMemory();

    expect(await handler(messages({ accountId: "42", channel: "freshcaller" }))).toEqual({
      batchItemFailures: [],
    });
    expect(subjectsOf(channels)).toEqual([["42", "freshcaller", false]]);
    expect(JSON.parse(String(lines[0]))).toMatchObject({
      service: "supervision",
      stage: "blue",
      CoverageChangesPublished: 1,
    });
  });

  it("evaluates all channels every minute, and counts them", async () => {
    const channels = inMemory();
    await handler(messages({ accountId: "42", channel: "freshcaller" }));
    lines = [];
    channels.available.set("AvailableOnFreshcaller 42", [{ availabilityId: "1" }]);

    expect(await handler({ kind: "evaluate-all" })).toEqual({ batchItemFailures: [] });
    expect(subjectsOf(channels).slice(1)).toEqual([
      ["42", "freshcaller", true],
      ["43", "freshchat", false],
    ]);
    expect(JSON.parse(String(lines[0]))).toMatchObject({
      ChannelsEvaluated: 2,
      CoverageChangesPublished: [1, 1],
    });
  });

  it("returns the messages that failed", async () => {
    inMemory();

    expect(
      await handler(messages({ accountId: "42", channel: "freshcaller" }, { kind: "unknown" })),
    ).toEqual({ batchItemFailures: [{ itemIdentifier: "1" }] });
  });

  it("fails if a channel could not be evaluated, so that an alarm fires", async () => {
    const { dynamo } = inMemory();
    dynamo.on(GetItemCommand).rejects(new Error("throttled"));

    await expect(handler({ kind: "evaluate-all" })).rejects.toThrow(
      "evaluating the coverage of 1 of 1 channels failed",
    );
  });
});
