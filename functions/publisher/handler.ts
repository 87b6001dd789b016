import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { ConfiguredRetryStrategy } from "@smithy/core/retry";
import type { Context, DynamoDBBatchResponse, DynamoDBStreamEvent } from "aws-lambda";

import { createEventBus } from "../bus/event-bus.ts";
import { requiredFlag, requiredText } from "../environment-variables.ts";
import { createDeadLetter, type SendMessage } from "./dead-letter.ts";
import type { RecordOutcome } from "./delivery.ts";
import { sequenceNumberOf } from "../store/outbox-record.ts";
import { pause } from "./pause.ts";
import { createPublish } from "./publish.ts";
import { createPublisherMetrics } from "./publisher-metrics.ts";

const stage = requiredText(process.env, "STAGE");
const busName = requiredText(process.env, "BUS_NAME");
const deadLetterQueueUrl = requiredText(process.env, "DEAD_LETTER_QUEUE_URL");
/** Whether events and dead-lettered records contain names and email addresses. */
const personalData = requiredFlag(process.env, "PERSONAL_DATA_IN_EVENTS");

/** Time reserved at the end of an invocation for dead-lettering and the response. */
const RESERVE_MS = 5000;

const retryStrategy = new ConfiguredRetryStrategy(2, 100);
const requestHandler = {
  connectionTimeout: 1000,
  requestTimeout: 3000,
  throwOnRequestTimeout: true,
} as const;

let deadLetterQueue: SendMessage | undefined;

async function openDeadLetterQueue(): Promise<SendMessage> {
  const { createDeadLetterQueue } = await import("./dead-letter-queue.ts");
  return createDeadLetterQueue(deadLetterQueueUrl, { retryStrategy, requestHandler });
}

const publish = createPublish({
  bus: createEventBus(new EventBridgeClient({ retryStrategy, requestHandler })),
  busName,
  personalData,
  deadLetter: createDeadLetter(
    async (body) => {
      deadLetterQueue ??= await openDeadLetterQueue();
      await deadLetterQueue(body);
    },
    { personalData },
  ),
  pause,
});

const writeMetrics = createPublisherMetrics(stage);

/** Lambda retries these records, and all later ones of the shard. */
function isRetried({ kind }: RecordOutcome): boolean {
  return kind === "failed" || kind === "blocked";
}

/** Writes one line per batch: counts, error codes and event IDs, and no personal data. */
function log(outcomes: readonly RecordOutcome[]): void {
  console.info({
    message: "published",
    records: outcomes.length,
    accepted: outcomes.flatMap(({ accepted }) => accepted).length,
    failures: outcomes.filter(isRetried).length,
    rejections: [...new Set(outcomes.flatMap(({ rejected }) => rejected.map(({ code }) => code)))],
    deadLettered: outcomes.flatMap(({ deadLettered }) => deadLettered),
  });
}

/** Publishes the records of the table's stream, which is the outbox. */
export const handler = async (
  { Records: records }: DynamoDBStreamEvent,
  context: Context,
): Promise<DynamoDBBatchResponse> => {
  const timeMs = context.getRemainingTimeInMillis() - RESERVE_MS;
  const signal = timeMs > 0 ? AbortSignal.timeout(timeMs) : AbortSignal.abort();
  const outcomes = await publish(
    records.map((record) => ({ record })),
    signal,
  );
  writeMetrics(outcomes);
  log(outcomes);
  return {
    batchItemFailures: outcomes
      .filter(isRetried)
      .map(({ request }) => ({ itemIdentifier: sequenceNumberOf(request.record) })),
  };
};
