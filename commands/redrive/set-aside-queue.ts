import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import type { DynamoDBRecord } from "aws-lambda";
import * as z from "zod";

import type { Cause } from "../../functions/publisher/set-aside.ts";
import { recordSchema } from "./stream-record.ts";

/** For how long a message is nobody else's. A command that was killed keeps it from the next for as long. */
const HELD_SECONDS = 300;

/** Held messages are held on well before their time is over. */
const RENEWED_MS = (HELD_SECONDS * 1000) / 3;

/** What SQS takes in one call. */
const MOST_ENTRIES = 10;

/** A standard queue lets 120,000 be on their way; more than this is for another run. */
const MOST_MESSAGES = 20_000;

/** What the publisher put there. */
const bodySchema = z.object({
  cause: z.object({
    code: z.string(),
    message: z.string(),
    eventId: z.string().optional(),
  }),
  record: recordSchema,
  profileChanged: z.boolean().default(false),
});

interface Held {
  readonly id: string;
  readonly handle: string;
  /** When the queue itself removes it. */
  readonly keptUntil: Date | undefined;
}

/** A message, held. */
export interface SetAsideMessage extends Held {
  readonly cause: Cause;
  readonly record: DynamoDBRecord;
  /** Whether names or e-mail addresses, left out of the record, differed. */
  readonly profileChanged: boolean;
}

/** A message that the publisher did not put there, or another version of it. */
export interface StrangeMessage extends Held {
  readonly problem: string;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function chunksOf<Item>(items: readonly Item[]): Item[][] {
  return Array.from({ length: Math.ceil(items.length / MOST_ENTRIES) }, (_, index) =>
    items.slice(index * MOST_ENTRIES, (index + 1) * MOST_ENTRIES),
  );
}

function read(message: Message, retention: number): SetAsideMessage | StrangeMessage {
  const { MessageId: id = "", ReceiptHandle: handle = "", Body: body = "" } = message;
  const keptUntil = new Date(Number(message.Attributes?.SentTimestamp) + retention);
  const place = {
    id,
    handle,
    keptUntil: Number.isNaN(keptUntil.getTime()) ? undefined : keptUntil,
  };
  const { data, error } = bodySchema.safeParse(parse(body));
  return data
    ? { ...place, ...data }
    : { ...place, problem: z.prettifyError(error).replaceAll("\n", " ") };
}

/** The stage's queue of what was set aside, to take from. */
export function createSetAsideQueue(sqs: SQSClient, queueUrl: string) {
  const held = new Map<string, Held>();
  let renewedAt = Date.now();

  async function retentionMs(): Promise<number> {
    const { Attributes: attributes } = await sqs.send(
      new GetQueueAttributesCommand({
        QueueUrl: queueUrl,
        AttributeNames: ["MessageRetentionPeriod"],
      }),
    );
    return Number(attributes?.MessageRetentionPeriod) * 1000;
  }

  async function holdFor(messages: readonly Held[], seconds: number): Promise<void> {
    for (const chunk of chunksOf(messages)) {
      await sqs.send(
        new ChangeMessageVisibilityBatchCommand({
          QueueUrl: queueUrl,
          Entries: chunk.map(({ handle }, index) => ({
            Id: `${index}`,
            ReceiptHandle: handle,
            VisibilityTimeout: seconds,
          })),
        }),
      );
    }
  }

  async function keep(): Promise<void> {
    if (Date.now() - renewedAt > RENEWED_MS) {
      renewedAt = Date.now();
      await holdFor([...held.values()], HELD_SECONDS);
    }
  }

  return {
    /** All that can be had now, each held for this command; nothing more when `signal` is aborted. */
    async receiveAll(signal: AbortSignal): Promise<(SetAsideMessage | StrangeMessage)[]> {
      const retention = await retentionMs();
      const received = new Map<string, SetAsideMessage | StrangeMessage>();
      while (received.size < MOST_MESSAGES && !signal.aborted) {
        const { Messages: messages = [] } = await sqs.send(
          new ReceiveMessageCommand({
            QueueUrl: queueUrl,
            MaxNumberOfMessages: MOST_ENTRIES,
            VisibilityTimeout: HELD_SECONDS,
            // Long enough that all of the queue's servers are asked: an empty answer means an empty queue.
            WaitTimeSeconds: 1,
            MessageSystemAttributeNames: ["SentTimestamp"],
          }),
        );
        if (messages.length === 0) {
          break;
        }
        for (const message of messages.map((each) => read(each, retention))) {
          received.set(message.id, message);
          held.set(message.id, message);
        }
        await keep();
      }
      return [...received.values()];
    },

    /** Holds on, when it is time, to what is held. */
    keep,

    /** Removes messages. Returns why, by their ids, for those that the queue did not remove. */
    async remove(messages: readonly Held[]): Promise<ReadonlyMap<string, string>> {
      const failures = new Map<string, string>();
      for (const chunk of chunksOf(messages)) {
        const { Failed: failed = [] } = await sqs.send(
          new DeleteMessageBatchCommand({
            QueueUrl: queueUrl,
            Entries: chunk.map(({ handle }, index) => ({ Id: `${index}`, ReceiptHandle: handle })),
          }),
        );
        const codes = new Map(failed.map(({ Id: id, Code: code = "" }) => [id, code]));
        for (const [index, { id }] of chunk.entries()) {
          const code = codes.get(`${index}`);
          if (code === undefined) {
            held.delete(id);
          } else {
            failures.set(id, code);
          }
        }
      }
      return failures;
    },

    /** Lets go of what is still held, so that the next run finds it at once. */
    async release(): Promise<void> {
      const messages = [...held.values()];
      held.clear();
      await holdFor(messages, 0);
    },
  };
}

/** @see createSetAsideQueue */
export type SetAsideQueue = ReturnType<typeof createSetAsideQueue>;
