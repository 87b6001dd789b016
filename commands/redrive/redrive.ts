import { createHash } from "node:crypto";

import type { DynamoDBRecord } from "aws-lambda";

import { agentOf } from "../../functions/publisher/outbox-record.ts";
import type { FailedBucket } from "./failed-bucket.ts";
import type { LeftThere } from "./left.ts";
import type { Republishing } from "./republish.ts";
import type { SetAsideQueue } from "./set-aside-queue.ts";
import { createMessageSettling, isKnown } from "./settle-messages.ts";
import { createObjectSettling } from "./settle-objects.ts";
import { gather } from "./waiting.ts";

/**
 * How much of the bucket is held in memory at once. What is more is gone through several times, each
 * time for other agents: so all that waits of an agent is together, and goes out in its order.
 */
const MOST_BYTES = 32 * 1024 * 1024;

/** What a redrive came to. */
export interface Report {
  readonly found: { readonly messages: number; readonly objects: number };
  /** How many events the bus has accepted. */
  readonly published: number;
  readonly removed: { readonly messages: number; readonly objects: number };
  /** What lies there still; when it was interrupted, without what was not even looked at. */
  readonly left: readonly LeftThere[];
  readonly interrupted: boolean;
}

/** What is told while it goes on. */
export interface Tell {
  readonly found: (found: Report["found"]) => void;
  readonly published: (events: number) => void;
}

/** What is taken from where, and how it is published. */
export interface Stations {
  readonly queue: SetAsideQueue;
  readonly bucket: FailedBucket;
  readonly republishing: Republishing;
  /** Interrupts it, between two calls. */
  readonly signal: AbortSignal;
  readonly tell: Tell;
  /** @default - 32 MiB */
  readonly mostBytes?: number;
}

function partOf(agent: string, parts: number): number {
  return createHash("sha256").update(agent).digest().readUInt32BE() % parts;
}

/**
 * Publishes what was set aside, and removes what got through: from the queue at once, from the bucket at
 * the end. Whatever ends it in between, nothing is removed that is not on the bus.
 */
export async function redrive(stations: Stations): Promise<Report> {
  const { queue, bucket, republishing, signal, tell, mostBytes = MOST_BYTES } = stations;
  const { progress } = republishing;
  try {
    const [received, listed] = [await queue.receiveAll(signal), await bucket.list()];
    const found = { messages: received.length, objects: listed.length };
    tell.found(found);
    const messages = createMessageSettling(queue, progress);
    const objects = createObjectSettling(bucket, progress);
    const parts = Math.ceil(listed.reduce((sum, { bytes }) => sum + bytes, 1) / mostBytes);
    for (let part = 0; part < parts && !signal.aborted; part += 1) {
      const isOfPart = (record: DynamoDBRecord) => partOf(agentOf(record), parts) === part;
      const waiting = gather(
        received.filter(isKnown).filter(({ record }) => isOfPart(record)),
        await objects.recordsOf(listed, isOfPart),
      );
      await republishing.republish(waiting, async (batch) => {
        await messages.removeThrough(batch.flatMap((each) => each.messages));
        await queue.keep();
        tell.published(progress.accepted.size);
      });
      for (const each of waiting) {
        objects.note(each);
      }
    }
    const finished: boolean[] = [];
    for (const object of listed) {
      finished.push(await objects.finish(object));
    }
    return {
      found,
      published: progress.accepted.size,
      removed: { messages: messages.removed(), objects: finished.filter(Boolean).length },
      left: [...received.flatMap((each) => messages.left(each)), ...objects.left],
      interrupted: signal.aborted,
    };
  } finally {
    await queue.release();
  }
}
