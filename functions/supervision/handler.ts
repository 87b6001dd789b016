import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { SchedulerClient } from "@aws-sdk/client-scheduler";
import type { SQSBatchResponse, SQSEvent, SQSRecord } from "aws-lambda";

import { createAgentLookup } from "../../client/lookups/agent-lookup.ts";
import { parseStatusLimits } from "../availability/parse-status-limits.ts";
import { createEventBus } from "../bus/event-bus.ts";
import { requiredFlag, requiredText } from "../environment-variables.ts";
import { createMetrics } from "../metrics/write-metrics.ts";
import { createCoverage } from "./coverage.ts";
import { parseOverrunMessage } from "./overrun-message.ts";
import { createOverruns } from "./overruns.ts";
import { processMessages } from "./process-messages.ts";
import { createPublishEvent } from "./publish-event.ts";
import { createSchedules } from "./schedules.ts";

const { env } = process;

const requestHandler = {
  connectionTimeout: 1000,
  requestTimeout: 3000,
  throwOnRequestTimeout: true,
} as const;
const tableClient = new DynamoDBClient({ requestHandler });

const metrics = createMetrics("supervision", requiredText(env, "STAGE"));
const publish = createPublishEvent(
  createEventBus(new EventBridgeClient({ requestHandler })),
  requiredText(env, "BUS_NAME"),
);

/** Processes messages, and returns the IDs of those that failed. */
type Processor = (messages: readonly SQSRecord[]) => Promise<string[]>;

/** The processors of the queues, by queue ARN. A queue exists only if the stage has the setting for it. */
const processors = new Map<string, Processor>();

const limits = parseStatusLimits(requiredText(env, "STATUS_LIMITS"));
if (limits.length > 0) {
  const queueArn = requiredText(env, "OVERRUN_QUEUE_ARN");
  const processOverrun = createOverruns({
    limits,
    lookup: createAgentLookup({
      tableName: requiredText(env, "TABLE_NAME"),
      client: tableClient,
    }),
    schedules: createSchedules(new SchedulerClient({ requestHandler }), {
      groupName: requiredText(env, "OVERRUN_SCHEDULE_GROUP_NAME"),
      roleArn: requiredText(env, "OVERRUN_SCHEDULE_ROLE_ARN"),
      queueArn,
      deadLetterQueueArn: requiredText(env, "OVERRUN_DEAD_LETTER_QUEUE_ARN"),
    }),
    publish,
    options: { personalData: requiredFlag(env, "PERSONAL_DATA_IN_EVENTS") },
    metrics,
  });
  processors.set(
    queueArn,
    async (messages) =>
      await processMessages(messages, async (body) => {
        await processOverrun(parseOverrunMessage(body));
      }),
  );
}

const coverageSetting = requiredText(env, "COVERAGE");
const coverage =
  coverageSetting === "[]"
    ? undefined
    : createCoverage({
        client: tableClient,
        tableName: requiredText(env, "TABLE_NAME"),
        coverageTableName: requiredText(env, "COVERAGE_TABLE_NAME"),
        setting: coverageSetting,
        publish,
        metrics,
      });
if (coverage !== undefined) {
  processors.set(
    requiredText(env, "COVERAGE_QUEUE_ARN"),
    async (messages) => await coverage.evaluateMessages(messages),
  );
}

/** The input that the schedule sends every minute. */
interface EvaluateAll {
  readonly kind: "evaluate-all";
}

/** The messages come from a queue that this function does not process. */
class UnknownQueueError extends Error {
  override readonly name = "UnknownQueueError";
}

function processorOf(queueArn: string): Processor {
  const processor = processors.get(queueArn);
  if (processor === undefined) {
    throw new UnknownQueueError(
      `the messages must come from a queue of this stack (got ${queueArn})`,
    );
  }
  return processor;
}

async function processInput(input: SQSEvent | EvaluateAll): Promise<readonly string[]> {
  if ("kind" in input) {
    // Writes 0 as well: the metric is missing only if the evaluation fails.
    metrics.gauge("ChannelsEvaluated", (await coverage?.evaluateAll()) ?? 0);
    return [];
  }
  const { Records: messages } = input;
  return await processorOf(messages[0]?.eventSourceARN ?? "")(messages);
}

/**
 * Processes messages of the stack's queues, and evaluates the coverage of all channels every minute. Only failed
 * messages are delivered again.
 */
export const handler = async (input: SQSEvent | EvaluateAll): Promise<SQSBatchResponse> => {
  try {
    const failed = await processInput(input);
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  } finally {
    metrics.flush();
  }
};
