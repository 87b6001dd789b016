import { DynamoDBServiceException, ScanCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { GetSecretValueCommand } from "@aws-sdk/client-secrets-manager";

import { anIndex } from "../../builders/available-index.ts";
import { anImage, anOutboxRecord } from "../../../tools/fakes/outbox-record.ts";
import { anAgentPayload } from "../../../tools/fakes/agent-payload.ts";
import { aPayload } from "../../../tools/fakes/payload.ts";
import { aRequest } from "../../../tools/fakes/request.ts";
import { everySetting, synthesized } from "../synthesized.ts";
import { type AlarmProperties, inputsOf, type MetricData } from "./evaluate.ts";
import { accessLine } from "./log-samples.ts";
import { applyMetricFilter } from "./metric-filter.ts";
import {
  ACCOUNT_WITHOUT_CUSTOM_STATUSES,
  type MetricLine,
  metricsOf,
  post,
  PREVIOUS_KEY,
  publish,
  resetAws,
  secrets,
  table,
  takeCensus,
} from "./real-functions.ts";
import { alarmsOf, operationsTemplate } from "./stack.ts";

const operations = operationsTemplate(everySetting);

/** All alarms of a stage, including those that roll a deployment back. */
export const alarms = { ...alarmsOf(operations), ...alarmsOf(synthesized(everySetting)) };

export const MINUTE = 60;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
/** A Wednesday, 00:00 UTC, in epoch seconds. */
export const WEDNESDAY = Date.UTC(2026, 10, 25) / 1000;
export const SATURDAY = WEDNESDAY + 3 * DAY;

/** @throws Error if no alarm has this name. */
export function alarm(name: string): AlarmProperties {
  const found = alarms[name];
  if (found === undefined) {
    throw new Error(`alarm ${name} is not defined`);
  }
  return found;
}

/** Times from `from` (inclusive) to `to` (exclusive), in epoch seconds. */
export const every = (seconds: number, from: number, to: number) =>
  Array.from({ length: Math.ceil((to - from) / seconds) }, (_, index) => from + index * seconds);

/** The lines, written again at each of these times. */
export const writtenAt = (lines: readonly MetricLine[], times: readonly number[]): MetricData =>
  times.flatMap((at) => lines.map((line) => ({ ...line, at })));

/** Namespace, name and dimensions of each input of an alarm; of AWS's dimensions only the names. */
export const identitiesOf = (each: AlarmProperties) =>
  inputsOf(each).map(({ Namespace: namespace, MetricName: name, Dimensions: dimensions = [] }) =>
    [
      namespace,
      name,
      ...dimensions.map((dimension) =>
        namespace === "AgentAvailability"
          ? `${dimension.Name}=${String(dimension.Value)}`
          : dimension.Name,
      ),
    ].join(" "),
  );

const recordOfAge = (milliseconds: number) => {
  const updatedAt = new Date(Date.now() - milliseconds).toISOString();
  return anOutboxRecord({ after: anImage({ updatedAt: { S: updatedAt } }) });
};

const anUnreadableRecord = () =>
  anOutboxRecord({ after: anImage({ version: { S: "no number" } }) });

const validationError = new DynamoDBServiceException({
  name: "ValidationException",
  $fault: "client",
  $metadata: {},
  message: "Item size has exceeded the maximum allowed size",
});

/** Posts an event four minutes later, when the copy of the signing keys has to be refreshed. */
async function postWithoutKeys(): Promise<void> {
  const now = Date.now;
  Date.now = () => now() + 4 * MINUTE * 1000;
  try {
    await post(aRequest(aPayload()));
  } finally {
    Date.now = now;
  }
}

/** Metric lines of normal operation, as the real functions write them. */
export async function normalLines() {
  const received = await metricsOf(async () => await post(aRequest(aPayload())));
  const published = await metricsOf(async () => await publish(recordOfAge(300)));
  const counted = await metricsOf(takeCensus);
  const accessLog = applyMetricFilter(operations, accessLine("200", "31"));
  return {
    received,
    published,
    counted,
    all: [...received, ...published, ...counted, ...accessLog],
  };
}

/** Metric lines of the census with these agents available on every channel. */
export async function censusOf(...since: readonly string[]): Promise<MetricLine[]> {
  table.on(ScanCommand).callsFake(anIndex(since));
  return await metricsOf(takeCensus);
}

/** Metric lines of each fault by the alarm that it fires, as the real functions write them. */
export async function faultLines(): Promise<Readonly<Record<string, MetricLine[]>>> {
  const payload = aPayload();
  const metricsOfPosts = async (...requests: ReturnType<typeof aRequest>[]) =>
    await metricsOf(async () => {
      for (const request of requests) {
        await post(request);
      }
    });
  const lines: Record<string, MetricLine[]> = {
    SignaturesRejected: await metricsOfPosts(
      aRequest(payload, { key: "whsec_Zm9yZWlnbi1mb3JlaWdu" }),
    ),
    UnauthenticatedRequests: await metricsOfPosts(aRequest(payload, { accountId: "4711" })),
    AccountMismatch: await metricsOfPosts(aRequest(aPayload({ agent: { account_id: 42 } }))),
    SourceNotAllowed: await metricsOfPosts(aRequest(payload, { sourceIp: "203.0.113.7" })),
    EventsDropped: await metricsOfPosts(
      aRequest({ data: {} }),
      aRequest({ events: [{ data: {} }] }),
      aRequest({ data: "x".repeat(200_000) }),
    ),
    RequestsThrottled: applyMetricFilter(operations, accessLine("429", "3")),
    PreviousKeyInUse: await metricsOfPosts(aRequest(payload, { key: PREVIOUS_KEY })),
    RelayOutdated: await metricsOfPosts(
      aRequest(payload, { headers: { "x-relay-version": "0.9.0" } }),
    ),
    CustomStatusesWronglyOn: await metricsOfPosts(
      aRequest(anAgentPayload({ modelChanges: { available: [false, true] } })),
    ),
    CustomStatusesWronglyOff: await metricsOfPosts(
      aRequest(aPayload({ agent: { account_id: 77 } }), {
        accountId: ACCOUNT_WITHOUT_CUSTOM_STATUSES,
      }),
    ),
    AgentUpdatesNotParsed: await metricsOfPosts(aRequest(anAgentPayload({ login: "yes" }))),
    EventsSlow: await metricsOf(async () => await publish(recordOfAge(5500))),
    EventsDeadLettered: await metricsOf(async () => await publish(anUnreadableRecord())),
  };
  table.on(UpdateItemCommand).rejects(validationError);
  lines["ChangesRejectedByTable"] = await metricsOfPosts(aRequest(payload));
  table.on(UpdateItemCommand).rejects(new Error("no"));
  lines["GradualDeployIngestUnavailable"] = await metricsOfPosts(aRequest(payload));
  resetAws();
  secrets.on(GetSecretValueCommand).rejects(new Error("no"));
  lines["SigningKeysUnavailable"] = await metricsOf(postWithoutKeys);
  resetAws();
  return lines;
}

/** Metric lines of a change that was published within the objective of 5 seconds. */
export const publishedInTime = async () =>
  await metricsOf(async () => await publish(recordOfAge(4000)));
