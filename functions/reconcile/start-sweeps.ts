import { SendMessageBatchCommand, SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";

import type { MetricsWriter } from "../metrics/write-metrics.ts";
import type { Message } from "./message.ts";
import type { SweepState } from "./sweep-state.ts";

interface SweepQueue {
  readonly client: SQSClient;
  readonly queueUrl: string;
}

export interface StartOptions extends SweepQueue {
  readonly state: SweepState;
  readonly metrics: MetricsWriter<"reconcile">;
}

/** The maximum number of entries that SQS accepts in a batch. */
const BATCH_SIZE = 10;

function* batchesOf<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  for (let start = 0; start < items.length; start += BATCH_SIZE) {
    yield items.slice(start, start + BATCH_SIZE);
  }
}

async function measureAge(accountIds: readonly string[], { state, metrics }: StartOptions) {
  const now = Date.now();
  const times: number[] = [];
  for (const accountId of accountIds) {
    times.push(await state.lastCompletedAt(accountId, now));
  }
  if (times.length > 0) {
    metrics.seconds("SweepAge", Math.round((now - Math.min(...times)) / 1000));
  }
}

/**
 * Sends one message per account, and measures the age of the last complete sweeps.
 *
 * @throws Error if a message could not be sent. Repeating is safe: an account is swept by one invocation at a time.
 */
export async function startSweeps(
  accountIds: readonly string[],
  options: StartOptions,
): Promise<void> {
  const { client, queueUrl } = options;
  for (const batch of batchesOf(accountIds)) {
    const entries = batch.map((accountId, index) => {
      const message: Message = { kind: "sweep", accountId };
      return { Id: String(index), MessageBody: JSON.stringify(message) };
    });
    const { Failed: failed = [] } = await client.send(
      new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries }),
    );
    if (failed.length > 0) {
      const codes = failed.map(({ Code: code }) => code).join(", ");
      throw new Error(
        `SQS rejected ${failed.length} of ${entries.length} sweep messages: ${codes}. The next scheduled start sends them again.`,
      );
    }
  }
  await measureAge(accountIds, options);
}

/** Sends the message that continues a sweep. It arrives immediately; the queue delays other messages. */
export async function continueSweep(
  accountId: string,
  { client, queueUrl }: SweepQueue,
): Promise<void> {
  const message: Message = { kind: "sweep", accountId };
  await client.send(
    new SendMessageCommand({
      QueueUrl: queueUrl,
      MessageBody: JSON.stringify(message),
      DelaySeconds: 0,
    }),
  );
}
