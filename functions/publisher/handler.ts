import { setTimeout as sleep } from "node:timers/promises";

import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { ConfiguredRetryStrategy } from "@smithy/core/retry";
import type { Context, DynamoDBBatchResponse, DynamoDBStreamEvent } from "aws-lambda";

import { createEventBus } from "../bus/event-bus.ts";
import { createCounter } from "./count.ts";
import { readEnvironment } from "./environment.ts";
import { createPublish, type Published } from "./publish.ts";
import { createSetAside, type Send } from "./set-aside.ts";

const environment = readEnvironment(process.env);

/** Left of the function's time to set aside what has to be, and to report. */
const REPORT_MS = 5000;

const retryStrategy = new ConfiguredRetryStrategy(2, 100);
const requestHandler = {
  connectionTimeout: 1000,
  requestTimeout: 3000,
  throwOnRequestTimeout: true,
} as const;

const count = createCounter(environment.stage);

let queue: Send | undefined;

async function openQueue(): Promise<Send> {
  const { createSetAsideQueue } = await import("./set-aside-queue.ts");
  return createSetAsideQueue(environment.deadLetterQueueUrl, { retryStrategy, requestHandler });
}

const publish = createPublish({
  bus: createEventBus(new EventBridgeClient({ retryStrategy, requestHandler })),
  busName: environment.busName,
  setAside: createSetAside(async (body) => {
    queue ??= await openQueue();
    await queue(body);
  }, environment),
  personalData: environment.personalData,
  pause: async (milliseconds) => {
    await sleep(milliseconds);
  },
});

/** One line a batch: how many, and why not; ids of what is set aside, never what is said of an agent. */
function log(records: number, { accepted, setAside, refusals, failures }: Published): void {
  console.info({
    message: "published",
    records,
    accepted: accepted.length,
    failures: failures.length,
    refusals: [...new Set(refusals)],
    deadLettered: setAside,
  });
}

/** Takes the outbox, which is the table's stream, to the bus. */
export const handler = async (
  { Records: records }: DynamoDBStreamEvent,
  context: Context,
): Promise<DynamoDBBatchResponse> => {
  const time = context.getRemainingTimeInMillis() - REPORT_MS;
  const signal = time > 0 ? AbortSignal.timeout(time) : AbortSignal.abort();
  const published = await publish(records, signal);
  count(published);
  log(records.length, published);
  return { batchItemFailures: [...published.failures] };
};
