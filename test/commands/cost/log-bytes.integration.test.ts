import { DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from "@jest/globals";
import type { DynamoDBRecord } from "aws-lambda";
import { mockClient } from "aws-sdk-client-mock";

import { assumptions } from "../../../commands/cost/assumptions.ts";
import { synthesize } from "../../../commands/cost/design.ts";
import type { handler as Ingest } from "../../../functions/ingest/handler.ts";
import type { handler as Publisher } from "../../../functions/publisher/handler.ts";
import { anImage, anOutboxRecord } from "../../../tools/fakes/outbox-record.ts";
import { aPayload } from "../../../tools/fakes/payload.ts";
import { aContext, aRequest, KEY } from "../../../tools/fakes/request.ts";
import { aSecretText } from "../../../tools/fakes/signing-keys.ts";
import { at } from "../../lib/synthesized.ts";

/** The size of the fields that Lambda's JSON log format adds to a logged object. */
const ADDED_BYTES = JSON.stringify({
  timestamp: "2026-11-25T10:00:00.000Z",
  level: "INFO",
  requestId: "8e2f1b7c-5a0d-4c4e-9a52-6f6f6a1d2b3c",
  message: "",
}).length;

const table = mockClient(DynamoDBClient);
const secrets = mockClient(SecretsManagerClient);
const bus = mockClient(EventBridgeClient);

let ingest: typeof Ingest;
let publisher: typeof Publisher;
let bytes: number;
let sentEvents: string[];

beforeAll(async () => {
  Object.assign(process.env, {
    STAGE: "prod",
    TABLE_NAME: "agents",
    SIGNING_KEYS_SECRET_ARN: "arn:keys",
    ALLOWED_SOURCES: "",
    BUS_NAME: "agent-availability-prod",
    DEAD_LETTER_QUEUE_URL: "https://sqs.us-east-1.amazonaws.com/1/dead-letters",
    PERSONAL_DATA_IN_EVENTS: "false",
    POWERTOOLS_DEV: "true",
    POWERTOOLS_METRICS_DISABLED: "false",
    AWS_REGION: "us-east-1",
  });
  secrets.on(GetSecretValueCommand).resolves({
    SecretString: aSecretText({ "11010177632": [KEY] }),
  });
  table.on(UpdateItemCommand).resolves({ Attributes: { version: { N: "7" } } });
  bus
    .on(PutEventsCommand)
    .callsFake(({ Entries: entries }: { Entries: { readonly Detail: string }[] }) => {
      sentEvents.push(...entries.map(({ Detail: detail }) => detail));
      return { FailedEntryCount: 0, Entries: entries.map(() => ({ EventId: "e" })) };
    });
  ({ handler: ingest } = await import("../../../functions/ingest/handler.ts"));
  ({ handler: publisher } = await import("../../../functions/publisher/handler.ts"));
});

beforeEach(() => {
  bytes = 0;
  sentEvents = [];
  for (const level of ["log", "info", "warn", "error"] as const) {
    jest.spyOn(console, level).mockImplementation((...values: unknown[]) => {
      for (const value of values) {
        bytes +=
          typeof value === "string" ? value.length : JSON.stringify(value).length + ADDED_BYTES;
      }
    });
  }
});

afterEach(() => {
  jest.restoreAllMocks();
});

const channels = (available: boolean) => ({
  channels: {
    M: { freshchat: { M: { available: { BOOL: available }, agentId: { S: "3282" } } } },
  },
});

/** Returns changes of one channel, which are published as two events each. */
const records = (count: number): DynamoDBRecord[] =>
  Array.from({ length: count }, (_, index) =>
    anOutboxRecord({
      agent: String(787_096 + index),
      before: anImage({ version: { N: "6" }, ...channels(false) }),
      after: anImage({ version: { N: "7" }, ...channels(true) }),
      sequence: String(index),
    }),
  );

/** Expects a value within 10% of the assumption. */
function expectNear(measured: number, expected: number): void {
  expect(measured).toBeGreaterThan(expected * 0.9);
  expect(measured).toBeLessThan(expected * 1.1);
}

describe("the sizes that the cost estimate assumes", () => {
  it("match the log of ingest for a request with one change", async () => {
    const { statusCode } = await ingest(aRequest(aPayload()), aContext());

    expect(statusCode).toBe(200);
    expectNear(bytes, assumptions.ingestLogBytes);
  });

  it("match the log of the publisher for a batch and for each change in it", async () => {
    await publisher({ Records: records(1) }, aContext(60_000));
    const one = bytes;
    bytes = 0;
    await publisher({ Records: records(41) }, aContext(60_000));

    expectNear(one, assumptions.publisherLogBytes + assumptions.publisherLogBytesPerChange);
    expect((bytes - one) / 40).toBeLessThan(assumptions.publisherLogBytesPerChange * 1.5);
  });

  it("match the average size of the two events of a channel change", async () => {
    await publisher({ Records: records(1) }, aContext(60_000));

    expect(sentEvents).toHaveLength(2);
    const envelope = JSON.stringify({
      version: "0",
      id: "8e2f1b7c-5a0d-4c4e-9a52-6f6f6a1d2b3c",
      "detail-type": "Agent Availability Changed",
      source: "freshworks.agent-availability",
      account: "123456789012",
      time: "2026-11-25T10:00:00Z",
      region: "us-east-1",
      resources: [],
      detail: "",
    }).length;
    const mean = sentEvents.reduce((sum, each) => sum + each.length + envelope, 0) / 2;
    expectNear(mean, assumptions.eventBytes);
  });

  it("match the gateway's access log line", () => {
    const stage = synthesize("dev").find(({ type }) => type === "AWS::ApiGatewayV2::Stage");
    const { Format: format } = at(stage, "properties", "AccessLogSettings") as { Format: string };
    const values: Readonly<Record<string, string>> = {
      "$context.requestId": "JKJaXmPLvHcESHA=",
      "$context.identity.sourceIp": "18.233.117.211",
      "$context.requestTime": "25/Nov/2026:09:00:00 +0000",
      "$context.routeKey": "POST /v1/accounts/{accountId}/availability-events",
      "$context.status": "200",
      "$context.error.message": "-",
      "$context.integrationErrorMessage": "-",
      "$context.responseLatency": "31",
    };
    const line = format.replaceAll(/\$context(?:\.\w+)+/g, (name) => values[name] ?? "missing");

    expect(line).not.toContain("missing");
    expectNear(line.length, assumptions.accessLogBytes);
  });
});
