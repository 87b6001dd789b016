import { DynamoDBClient, GetItemCommand, QueryCommand } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { CreateScheduleCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import { marshall } from "@aws-sdk/util-dynamodb";
import { beforeEach, describe, expect, it, jest } from "@jest/globals";
import type { SQSEvent } from "aws-lambda";
import { mockClient } from "aws-sdk-client-mock";

import { anEvent } from "../../client/events/agent-availability-events.ts";

const QUEUE = "arn:aws:sqs:eu-central-1:123456789012:overruns";

Object.assign(process.env, {
  STAGE: "blue",
  TABLE_NAME: "agents",
  BUS_NAME: "agent-availability-blue",
  PERSONAL_DATA_IN_EVENTS: "false",
  STATUS_LIMITS: '[{"status":"On break","minutes":15}]',
  COVERAGE: "[]",
  OVERRUN_QUEUE_ARN: QUEUE,
  OVERRUN_DEAD_LETTER_QUEUE_ARN: `${QUEUE}-dead-letters`,
  OVERRUN_SCHEDULE_GROUP_NAME: "overruns",
  OVERRUN_SCHEDULE_ROLE_ARN: "arn:aws:iam::123456789012:role/overruns",
  AWS_REGION: "eu-central-1",
  // Otherwise Powertools writes to its own console.
  POWERTOOLS_DEV: "true",
  POWERTOOLS_METRICS_DISABLED: "false",
});
const { handler } = await import("../../functions/supervision/handler.ts");

const dynamo = mockClient(DynamoDBClient);
const scheduler = mockClient(SchedulerClient);
const bus = mockClient(EventBridgeClient);
let lines: unknown[] = [];

/** The time of the events: long ago, so that every due time has passed. */
const since = "2026-11-24T09:30:00.000Z";

beforeEach(() => {
  dynamo.reset();
  scheduler.reset();
  bus.reset();
  dynamo.on(QueryCommand).resolves({ Items: [] });
  dynamo.on(GetItemCommand).resolves({ Item: anItem() });
  scheduler.on(CreateScheduleCommand).resolves({});
  bus.on(PutEventsCommand).resolves({ Entries: [{ EventId: "1" }] });
  lines = [];
  for (const level of ["log", "error"] as const) {
    jest.spyOn(console, level).mockImplementation((line: unknown) => {
      lines.push(line);
    });
  }
});

function anItem() {
  return marshall({
    accountId: "11010177632",
    availabilityId: "787096",
    epoch: 1000,
    version: 2,
    updatedAt: since,
    eventTimestamp: Date.parse(since) * 1000,
    contentHash: "a",
    receivedAt: since,
    origin: "relay",
    status: { id: "232", name: "On break", since },
    channels: {},
  });
}

/** The message of a rule about an agent who went on break long ago. */
const aChange = () => JSON.stringify(anEvent("Agent Availability Changed"));

const run = async (bodies: readonly string[], eventSourceARN = QUEUE) =>
  await handler({
    Records: bodies.map((body, index) => ({ messageId: String(index), body, eventSourceARN })),
  } as SQSEvent);

describe("the supervision function", () => {
  it("publishes an overrun for an event whose due time has passed", async () => {
    expect(await run([aChange()])).toEqual({ batchItemFailures: [] });

    const [entry] = bus.commandCalls(PutEventsCommand)[0]?.args[0].input.Entries ?? [];
    expect(entry).toMatchObject({
      EventBusName: "agent-availability-blue",
      Source: "freshworks.agent-availability",
      DetailType: "Agent Status Overrun",
    });
    expect(JSON.parse(entry?.Detail ?? "")).toMatchObject({
      metadata: { id: `11010177632/787096/232/${since}/AgentStatusOverrun/15` },
      limitMinutes: 15,
    });
    expect(lines).toEqual([expect.stringContaining('"OverrunsPublished":1')]);
  });

  it("creates a schedule for a due time in the future", async () => {
    const status = { since: "2999-01-01T00:00:00.000Z" };

    await run([JSON.stringify(anEvent("Agent Availability Changed", { status }))]);

    expect(scheduler.commandCalls(CreateScheduleCommand)[0]?.args[0].input).toMatchObject({
      GroupName: "overruns",
      ScheduleExpression: "at(2999-01-01T00:15:00)",
      Target: { Arn: QUEUE, RoleArn: "arn:aws:iam::123456789012:role/overruns" },
    });
    expect(bus.calls()).toEqual([]);
  });

  it("returns only the messages that failed, with the reason in its log", async () => {
    expect(await run([aChange(), "nonsense", aChange()])).toEqual({
      batchItemFailures: [{ itemIdentifier: "1" }],
    });
    expect(lines).toContainEqual({
      message: "a message could not be processed",
      messageId: "1",
      error: "UnrecognizedMessageError",
      reason: "the message must be JSON",
    });
  });

  it("returns a message as failed if the bus rejects its event", async () => {
    bus.on(PutEventsCommand).resolves({ Entries: [{ ErrorCode: "ThrottlingException" }] });

    expect(await run([aChange()])).toEqual({ batchItemFailures: [{ itemIdentifier: "0" }] });
  });

  it("returns a message as failed if its schedule could not be created", async () => {
    scheduler.on(CreateScheduleCommand).rejects(new Error("throttled"));
    const status = { since: "2999-01-01T00:00:00.000Z" };

    expect(await run([JSON.stringify(anEvent("Agent Availability Changed", { status }))])).toEqual({
      batchItemFailures: [{ itemIdentifier: "0" }],
    });
  });

  it("writes the metric of evaluated channels even if it is 0, because a missing value means a failure", async () => {
    await handler({ kind: "evaluate-all" });

    expect(lines).toEqual([expect.stringContaining('"ChannelsEvaluated":0')]);
  });

  it("rejects messages of an unknown queue", async () => {
    await expect(run([aChange()], `${QUEUE}-other`)).rejects.toThrow(
      `the messages must come from a queue of this stack (got ${QUEUE}-other)`,
    );
  });
});
