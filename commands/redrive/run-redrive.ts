import { createHash } from "node:crypto";

import type { DynamoDBRecord } from "aws-lambda";

import { agentKeyOf } from "../../functions/store/outbox-record.ts";
import {
  type DeadLetterMessage,
  type DeadLetterQueue,
  isRecognized,
  type UnrecognizedMessage,
} from "./dead-letter-queue.ts";
import type { ListedObject, OnFailureDestination } from "./on-failure-destination.ts";
import { groupByRecord } from "./pending-records.ts";
import { remainingMessages, removePublishedMessages } from "./published-messages.ts";
import { readRecords, remainingRecords, removePublishedRecords } from "./published-objects.ts";
import {
  findHistoryFailures,
  type HistoryDependencies,
  type HistoryReport,
  redriveHistory,
} from "./redrive-history.ts";
import { type Remaining, unrecognizedAt } from "./remaining.ts";
import type { Republish } from "./republish.ts";
import { identityOf } from "./stream-record.ts";

/**
 * Maximum total size of the objects that are held in memory at the same time. If there are more, they are read
 * several times, each time for other agents: all records of an agent are published together, in their order.
 */
const MAX_BYTES = 32 * 1024 * 1024;

/** Numbers of messages in the dead-letter queue and of objects in the publisher's on-failure destination. */
export interface Counts {
  readonly messages: number;
  readonly objects: number;
}

/** The numbers of messages and objects found. */
export interface FoundCounts extends Counts {
  /** Number of objects in the history's on-failure destination; absent if the stage keeps no history. */
  readonly historyObjects?: number | undefined;
}

export interface Report {
  readonly found: Counts;
  /** Number of events that the bus accepted. */
  readonly published: number;
  readonly removed: Counts;
  /** Absent if the stage keeps no history. */
  readonly history?: HistoryReport | undefined;
  /**
   * Everything that was not published or stored. After an interruption, objects that were not read are
   * omitted.
   */
  readonly remaining: readonly Remaining[];
  readonly interrupted: boolean;
}

export interface Progress {
  readonly onFound: (found: FoundCounts) => void;
  /** Called after each batch with the number of events published so far. */
  readonly onPublished: (events: number) => void;
  /** Called after each of the history's objects with the number of records stored so far. */
  readonly onStored: (records: number) => void;
}

export interface RedriveDependencies {
  readonly queue: DeadLetterQueue;
  readonly destination: OnFailureDestination;
  readonly republish: Republish;
  /** @default - the stage keeps no history */
  readonly history?: HistoryDependencies | undefined;
  /** Interrupts the redrive between two calls. */
  readonly signal: AbortSignal;
  readonly progress: Progress;
  /** @default - 32 MiB */
  readonly maxBytes?: number;
}

function partOf(record: DynamoDBRecord, parts: number): number {
  return createHash("sha256").update(agentKeyOf(record)).digest().readUInt32BE() % parts;
}

async function publishAll(
  dependencies: RedriveDependencies,
  received: readonly (DeadLetterMessage | UnrecognizedMessage)[],
  objects: readonly ListedObject[],
): Promise<Omit<Report, "history">> {
  const { queue, destination, republish, signal, progress, maxBytes = MAX_BYTES } = dependencies;
  const found = { messages: received.length, objects: objects.length };
  const messages = received.filter(isRecognized);
  const remaining = received.flatMap((message) =>
    isRecognized(message)
      ? []
      : [unrecognizedAt({ place: "dead-letter-queue", ...message }, message.problem)],
  );
  const publishedRecords = new Set<string>();
  const removed = { messages: 0, objects: 0 };
  let published = 0;

  const parts = Math.ceil(objects.reduce((sum, { bytes }) => sum + bytes, 1) / maxBytes);
  for (let part = 0; part < parts; part += 1) {
    const isInPart = (record: DynamoDBRecord) => partOf(record, parts) === part;
    const records = groupByRecord(
      messages.filter(({ record }) => isInPart(record)),
      signal.aborted ? [] : await readRecords(destination, objects, isInPart),
    );
    await republish(records, async (batch, accepted) => {
      published += accepted;
      removed.messages += await removePublishedMessages(queue, batch);
      await queue.extendVisibility();
      progress.onPublished(published);
    });
    for (const pending of records) {
      remaining.push(...remainingMessages(pending), ...remainingRecords(pending));
    }
    for (const { record } of records.filter(({ causes }) => causes.length === 0)) {
      publishedRecords.add(identityOf(record));
    }
  }

  for (const object of objects) {
    const result = await removePublishedRecords(destination, object, publishedRecords);
    removed.objects += Number(result.isRemoved);
    remaining.push(...(result.unrecognized ? [result.unrecognized] : []));
  }
  return { found, published, removed, remaining, interrupted: signal.aborted };
}

async function redriveAll(dependencies: RedriveDependencies): Promise<Report> {
  const { queue, destination, history, signal, progress } = dependencies;
  const received = await queue.receiveAll(signal);
  const objects = await destination.list();
  // Read first, so that a missing permission ends the run before it changes anything.
  const failed = history && (await findHistoryFailures(history));
  progress.onFound({
    messages: received.length,
    objects: objects.length,
    historyObjects: failed?.objects.length,
  });

  const published = await publishAll(dependencies, received, objects);
  if (history === undefined || failed === undefined) {
    return published;
  }
  const { remaining, ...report } = await redriveHistory(history, failed, {
    signal,
    onStored: progress.onStored,
  });
  return {
    ...published,
    history: report,
    remaining: [...published.remaining, ...remaining],
    interrupted: signal.aborted,
  };
}

/**
 * Publishes dead-lettered events and failed records again, and removes those that the bus accepted: messages
 * after each batch, objects at the end. Then stores the history's failed records. Nothing is removed before it is
 * published or stored, even if the run ends early.
 */
export async function runRedrive(dependencies: RedriveDependencies): Promise<Report> {
  try {
    return await redriveAll(dependencies);
  } finally {
    await dependencies.queue.release();
  }
}
