import {
  DescribeTableCommand,
  DynamoDBClient,
  ScanCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { jest } from "@jest/globals";
import type { Context, DynamoDBRecord } from "aws-lambda";
import { mockClient } from "aws-sdk-client-mock";

import { anIndex } from "../../builders/available-index.ts";
import { aContext, type aRequest, KEY } from "../../../tools/fakes/request.ts";
import { aSecretText } from "../../../tools/fakes/signing-keys.ts";

export const PREVIOUS_KEY = "whsec_b2xkLW9sZC1vbGQtb2xkLW9sZC1vbGQt";

/** An account without custom statuses. */
export const ACCOUNT_WITHOUT_CUSTOM_STATUSES = "77";

export const table = mockClient(DynamoDBClient);
export const secrets = mockClient(SecretsManagerClient);
export const bus = mockClient(EventBridgeClient);
const queue = mockClient(SQSClient);

Object.assign(process.env, {
  STAGE: "blue",
  TABLE_NAME: "agents",
  SIGNING_KEYS_SECRET_ARN: "arn:keys",
  ALLOWED_SOURCES: "18.233.117.211/32",
  BUS_NAME: "agent-availability-blue",
  DEAD_LETTER_QUEUE_URL: "https://sqs/dead-letters",
  PERSONAL_DATA_IN_EVENTS: "false",
  POWERTOOLS_DEV: "true",
  POWERTOOLS_METRICS_DISABLED: "false",
  AWS_REGION: "us-east-1",
});

/** Times before now, as the store writes them. */
export const hoursAgo = (...hours: readonly number[]): string[] =>
  hours.map((each) => new Date(Date.now() - each * 3_600_000).toISOString());

/** Resets AWS to a normal state: every call succeeds, and six agents are active on every channel. */
export function resetAws(): void {
  for (const each of [table, secrets, bus, queue]) {
    each.reset();
  }
  table.on(UpdateItemCommand).resolves({ Attributes: { version: { N: "7" } } });
  table.on(DescribeTableCommand).resolves({ Table: { ItemCount: 6 } });
  table.on(ScanCommand).callsFake(anIndex(hoursAgo(1, 2, 3, 8, 11, 11)));
  secrets.on(GetSecretValueCommand).resolves({
    SecretString: JSON.stringify({
      ...(JSON.parse(aSecretText({ "11010177632": [KEY, PREVIOUS_KEY] })) as object),
      [ACCOUNT_WITHOUT_CUSTOM_STATUSES]: { keys: [KEY], customStatuses: false },
    }),
  });
  queue.on(SendMessageCommand).resolves({});
  bus.on(PutEventsCommand).callsFake((input: { Entries: readonly unknown[] }) => ({
    FailedEntryCount: 0,
    Entries: input.Entries.map(() => ({ EventId: "e" })),
  }));
}

resetAws();

const ingest = await import("../../../functions/ingest/handler.ts");
const publisher = await import("../../../functions/publisher/handler.ts");
const census = await import("../../../functions/census/handler.ts");

/** A line in embedded metric format. */
export interface MetricLine {
  readonly _aws: {
    readonly CloudWatchMetrics: readonly {
      readonly Namespace: string;
      readonly Dimensions: readonly (readonly string[])[];
      readonly Metrics: readonly { readonly Name: string }[];
    }[];
  };
  readonly [name: string]: unknown;
}

/** A line of a function's log in Lambda's JSON format. */
export interface LogLine {
  readonly level: "ERROR" | "INFO" | "WARN";
  /** The argument of the `console` call. */
  readonly message: unknown;
}

const LEVELS = { log: "INFO", info: "INFO", warn: "WARN", error: "ERROR" } as const;

/** Returns the lines that the real functions log during an action. */
export async function loggedBy(action: () => Promise<unknown>): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  for (const method of ["log", "info", "warn", "error"] as const) {
    jest.spyOn(console, method).mockImplementation((message: unknown) => {
      lines.push({ level: LEVELS[method], message });
    });
  }
  try {
    await action();
  } finally {
    jest.restoreAllMocks();
  }
  return lines;
}

/** Returns the metric lines that the real functions write during an action. */
export async function metricsOf(action: () => Promise<unknown>): Promise<MetricLine[]> {
  return (await loggedBy(action))
    .map(({ message }) => String(message))
    .filter((line) => line.includes('"_aws"'))
    .map((line) => JSON.parse(line) as MetricLine);
}

export const post = async (request: ReturnType<typeof aRequest>) =>
  await ingest.handler(request, aContext());

export const publish = async (...records: DynamoDBRecord[]) =>
  await publisher.handler({ Records: records }, {
    getRemainingTimeInMillis: () => 60_000,
  } as Context);

export const takeCensus = async () => {
  await census.handler();
};

/** Returns namespace, name and dimensions of each metric in the lines, as text. */
export function identitiesIn(lines: readonly MetricLine[]): Set<string> {
  const texts = lines.flatMap(({ _aws: { CloudWatchMetrics: metrics }, ...line }) =>
    metrics.flatMap(({ Namespace, Dimensions, Metrics }) => {
      const dimensions = (Dimensions[0] ?? [])
        .toSorted()
        .map((name) => `${name}=${String(line[name])}`);
      return Metrics.map(({ Name }) => [Namespace, Name, ...dimensions].join(" "));
    }),
  );
  return new Set(texts);
}
