import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import * as z from "zod";

import { parseJson } from "./invocation-record.ts";
import { recordSchema } from "./stream-record.ts";

/** Visibility timeout of received messages. If a run is killed, its messages become visible again after this time. */
const VISIBILITY_TIMEOUT_SECONDS = 300;

/** The visibility timeout is extended long before it expires. */
const EXTENSION_INTERVAL_MS = (VISIBILITY_TIMEOUT_SECONDS * 1000) / 3;

/** SQS accepts at most 10 messages in a call. */
const MAX_ENTRIES = 10;

/** SQS allows 120,000 messages in flight. The rest is left to the next run. */
const MAX_MESSAGES = 20_000;

/** A message as the publisher writes it. */
const bodySchema = z.object({
  cause: z.object({
    code: z.string(),
    message: z.string(),
    eventId: z.string().optional(),
  }),
  record: recordSchema,
  /** Whether names or email addresses, which the record does not contain, had changed. */
  profileChanged: z.boolean().default(false),
});

interface ReceivedMessage {
  readonly id: string;
  readonly receiptHandle: string;
  /** When the queue deletes the message; absent if unknown. */
  readonly expiresAt: Date | undefined;
}

/** A message that the publisher wrote. */
export interface DeadLetterMessage extends ReceivedMessage, z.output<typeof bodySchema> {
  isRemoved: boolean;
  /** SQS's error code if it did not delete the message. */
  removalError?: string | undefined;
}

/** A message that the publisher did not write. */
export interface UnrecognizedMessage extends ReceivedMessage {
  readonly problem: string;
}

function chunksOf<Item>(items: readonly Item[]): Item[][] {
  return Array.from({ length: Math.ceil(items.length / MAX_ENTRIES) }, (_, index) =>
    items.slice(index * MAX_ENTRIES, (index + 1) * MAX_ENTRIES),
  );
}

function parseMessage(
  message: Message,
  retentionMs: number,
): DeadLetterMessage | UnrecognizedMessage {
  const { MessageId: id = "", ReceiptHandle: receiptHandle = "", Body: body = "" } = message;
  const expiry = new Date(Number(message.Attributes?.SentTimestamp) + retentionMs);
  const expiresAt = Number.isNaN(expiry.getTime()) ? undefined : expiry;
  const { data, error } = bodySchema.safeParse(parseJson(body));
  return data
    ? { id, receiptHandle, expiresAt, ...data, isRemoved: false }
    : { id, receiptHandle, expiresAt, problem: z.prettifyError(error).replaceAll("\n", " ") };
}

/** Returns whether the publisher wrote a message. */
export function isRecognized(
  message: DeadLetterMessage | UnrecognizedMessage,
): message is DeadLetterMessage {
  return "record" in message;
}

export function createDeadLetterQueue(sqs: SQSClient, queueUrl: string) {
  const inFlight = new Map<string, ReceivedMessage>();
  let extendedAt = Date.now();

  async function retentionMs(): Promise<number> {
    const { Attributes: attributes } = await sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl: queueUrl,
        AttributeNames: ["MessageRetentionPeriod"],
      }),
    );
    return Number(attributes?.MessageRetentionPeriod) * 1000;
  }

  async function changeVisibility(
    messages: readonly ReceivedMessage[],
    timeoutSeconds: number,
  ): Promise<void> {
    for (const chunk of chunksOf(messages)) {
      await sqs.send(
        new ChangeMessageVisibilityBatchCommand({
          QueueUrl: queueUrl,
          Entries: chunk.map(({ receiptHandle }, index) => ({
            Id: `${index}`,
            ReceiptHandle: receiptHandle,
            VisibilityTimeout: timeoutSeconds,
          })),
        }),
      );
    }
  }

  async function extendVisibility(): Promise<void> {
    if (Date.now() - extendedAt > EXTENSION_INTERVAL_MS) {
      extendedAt = Date.now();
      await changeVisibility([...inFlight.values()], VISIBILITY_TIMEOUT_SECONDS);
    }
  }

  return {
    /** Receives all messages that are visible now. Stops early if `signal` is aborted. */
    async receiveAll(signal: AbortSignal): Promise<(DeadLetterMessage | UnrecognizedMessage)[]> {
      const retention = await retentionMs();
      const received = new Map<string, DeadLetterMessage | UnrecognizedMessage>();
      while (received.size < MAX_MESSAGES && !signal.aborted) {
        const { Messages: messages = [] } = await sqs.send(
          new ReceiveMessageCommand({
            QueueUrl: queueUrl,
            MaxNumberOfMessages: MAX_ENTRIES,
            VisibilityTimeout: VISIBILITY_TIMEOUT_SECONDS,
            // Long polling queries all servers of the queue: an empty response means an empty queue.
            WaitTimeSeconds: 1,
            MessageSystemAttributeNames: ["SentTimestamp"],
          }),
        );
        if (messages.length === 0) {
          break;
        }
        for (const message of messages.map((each) => parseMessage(each, retention))) {
          received.set(message.id, message);
          inFlight.set(message.id, message);
        }
        await extendVisibility();
      }
      return [...received.values()];
    },

    /** Extends the visibility timeout of messages in flight if it is time to do so. */
    extendVisibility,

    /** Deletes messages. Returns SQS's error code for each message ID that it did not delete. */
    async remove(messages: readonly ReceivedMessage[]): Promise<ReadonlyMap<string, string>> {
      const failures = new Map<string, string>();
      for (const chunk of chunksOf(messages)) {
        const { Failed: failed = [] } = await sqs.send(
          new DeleteMessageBatchCommand({
            QueueUrl: queueUrl,
            Entries: chunk.map(({ receiptHandle }, index) => ({
              Id: `${index}`,
              ReceiptHandle: receiptHandle,
            })),
          }),
        );
        const codes = new Map(failed.map(({ Id: id, Code: code = "" }) => [id, code]));
        for (const [index, { id }] of chunk.entries()) {
          const code = codes.get(`${index}`);
          if (code === undefined) {
            inFlight.delete(id);
          } else {
            failures.set(id, code);
          }
        }
      }
      return failures;
    },

    /** Makes messages in flight visible again, so that the next run receives them immediately. */
    async release(): Promise<void> {
      const messages = [...inFlight.values()];
      inFlight.clear();
      await changeVisibility(messages, 0);
    },
  };
}

export type DeadLetterQueue = ReturnType<typeof createDeadLetterQueue>;
