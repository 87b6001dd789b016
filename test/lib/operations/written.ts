import { DynamoDBClient, ScanCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { jest } from "@jest/globals";
import type { Context, DynamoDBRecord } from "aws-lambda";
import { mockClient } from "aws-sdk-client-mock";

import { anIndex } from "../../builders/available-index.ts";
import { aContext, type aRequest, KEY } from "../../../tools/fakes/request.ts";
import { aSecretText } from "../../../tools/fakes/signing-keys.ts";

export const OLD_KEY = "whsec_b2xkLW9sZC1vbGQtb2xkLW9sZC1vbGQt";

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

/** So many hours before now. */
export const hoursAgo = (...hours: readonly number[]): string[] =>
  hours.map((each) => new Date(Date.now() - each * 3_600_000).toISOString());

/** AWS on a quiet day: six agents are available everywhere. */
export function allIsWell(): void {
  for (const each of [table, secrets, bus, queue]) {
    each.reset();
  }
  table.on(UpdateItemCommand).resolves({ Attributes: { version: { N: "7" } } });
  table.on(ScanCommand).callsFake(anIndex(hoursAgo(1, 2, 3, 8, 11, 11)));
  secrets.on(GetSecretValueCommand).resolves({
    SecretString: aSecretText({ "11010177632": [KEY, OLD_KEY] }),
  });
  queue.on(SendMessageCommand).resolves({});
  bus.on(PutEventsCommand).callsFake((input: { Entries: readonly unknown[] }) => ({
    FailedEntryCount: 0,
    Entries: input.Entries.map(() => ({ EventId: "e" })),
  }));
}

allIsWell();

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

/** A line of a function's log, as Lambda's JSON format has it. */
export interface LogLine {
  readonly level: "ERROR" | "INFO" | "WARN";
  /** What was given to `console`. */
  readonly message: unknown;
}

const LEVELS = { log: "INFO", info: "INFO", warn: "WARN", error: "ERROR" } as const;

/** All that the real functions log while something is done. */
export async function loggedBy(doing: () => Promise<unknown>): Promise<LogLine[]> {
  const lines: LogLine[] = [];
  for (const method of ["log", "info", "warn", "error"] as const) {
    jest.spyOn(console, method).mockImplementation((message: unknown) => {
      lines.push({ level: LEVELS[method], message });
    });
  }
  try {
    await doing();
  } finally {
    jest.restoreAllMocks();
  }
  return lines;
}

/** The metric lines that the real functions write while something is done. */
export async function writtenBy(doing: () => Promise<unknown>): Promise<MetricLine[]> {
  return (await loggedBy(doing))
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

export const count = async () => {
  await census.handler();
};

/** Namespace, name and dimensions of each metric in the lines, as text. */
export function metricsIn(lines: readonly MetricLine[]): Set<string> {
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
