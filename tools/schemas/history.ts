import { createHash } from "node:crypto";

import { type AttributeValue, ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import * as z from "zod";

import { eventsOf } from "../../functions/availability/events.ts";
import { parsePayload } from "../../functions/availability/payload.ts";
import { entryOf } from "../../functions/bus/entry.ts";
import { tombstoneOf } from "../../commands/agent/tombstone.ts";
import { readItem } from "../../functions/store/read-item.ts";
import { writeOf } from "../../functions/store/write.ts";
import { aTable } from "../fakes/table.ts";

/** One step in the history of an agent. */
export type Step =
  | { readonly kind: "delivery"; readonly payload: unknown; readonly receivedAt: string }
  /** The agent's item is deleted manually. */
  | { readonly kind: "deletion"; readonly at: string }
  /** An operator forgets the agent. */
  | { readonly kind: "forgetting"; readonly at: string };

const envelopeSchema = z.object({
  version: z.literal("0"),
  id: z.uuid(),
  "detail-type": z.string(),
  source: z.string(),
  account: z.string(),
  time: z.string(),
  region: z.string(),
  resources: z.array(z.string()),
  detail: z.looseObject({ metadata: z.looseObject({ id: z.string(), version: z.number() }) }),
});

/** An event that the hub produced, in the envelope that EventBridge adds. */
export type ProducedEvent = z.infer<typeof envelopeSchema>;

type Item = Record<string, AttributeValue>;

/** One write, and its time. */
interface Written {
  readonly before: Item | undefined;
  readonly after: Item | undefined;
  readonly at: string;
}

/** Milliseconds from a request to the call that publishes its events. */
const PUBLISHING_MS = 120;

const digestOf = (text: string, encoding: "hex" | "base64url") =>
  createHash("sha256").update(text).digest(encoding);

/** Returns a stand-in for EventBridge's random ID that does not change between runs. */
function deliveryId(eventId: string): string {
  return digestOf(eventId, "hex").replace(
    /^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/,
    "$1-$2-4$3-8$4-$5",
  );
}

function inEnvelope(entry: ReturnType<typeof entryOf>, publishedAt: Date): ProducedEvent {
  const { DetailType: detailType, Source: source, Detail: text = "" } = entry.request;
  const detail: unknown = JSON.parse(text);
  return envelopeSchema.parse({
    version: "0",
    id: deliveryId(entry.id),
    "detail-type": detailType,
    source,
    account: "123456789012",
    time: publishedAt.toISOString().replace(/\.\d+Z$/, "Z"),
    region: "eu-central-1",
    resources: [],
    detail,
  });
}

/** Creates an in-memory table that evaluates the store's own expressions. */
function createMemory() {
  const table = aTable();

  function deliver(payload: unknown, receivedAt: string): Written | undefined {
    const parsed = parsePayload(payload, new Date(receivedAt));
    if (!parsed.ok) {
      throw new Error(`the payload must be valid: ${JSON.stringify(parsed.issues)}`);
    }
    const webhookId = `availability_${digestOf(JSON.stringify(payload), "base64url")}`;
    const delivery = { receivedAt, webhookId, origin: "relay" } as const;
    try {
      table.update({ TableName: "agents", ...writeOf(parsed.change, delivery).input });
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) {
        return undefined;
      }
      throw error;
    }
    const written = table.images.at(-1);
    return written && { ...written, at: receivedAt };
  }

  function remove(
    at: string,
    replacementOf: (item: Item) => Item | undefined,
  ): Written | undefined {
    const [found] = table.items;
    if (found === undefined) {
      return undefined;
    }
    const [key, before] = found;
    const after = replacementOf(before);
    table.items.delete(key);
    if (after) {
      table.items.set(key, after);
    }
    return { before, after, at };
  }

  return {
    /** Returns the write of a step; `undefined` if a delivery is stale or nothing is stored. */
    apply(step: Step): Written | undefined {
      if (step.kind === "delivery") {
        return deliver(step.payload, step.receivedAt);
      }
      return remove(step.at, (item) =>
        step.kind === "forgetting" ? tombstoneOf(item, new Date(step.at)) : undefined,
      );
    },
  };
}

/**
 * Returns the events that the hub publishes for each step of a history. The payloads go through the same code
 * as on AWS (parser, write expression, stream images, differences, entries), with a table in memory.
 */
export function play(
  steps: readonly Step[],
  options: { readonly personalData: boolean },
): ProducedEvent[][] {
  const memory = createMemory();
  return steps.map((step) => {
    const written = memory.apply(step);
    if (written === undefined) {
      return [];
    }
    const { before, after, at } = written;
    const publishedAt = new Date(Date.parse(at) + PUBLISHING_MS);
    const transition = {
      before: before && readItem(before),
      after: after && readItem(after),
      recordedAt: at,
    };
    return eventsOf(transition, options).map((event) =>
      inEnvelope(entryOf(event, "agent-availability", publishedAt), publishedAt),
    );
  });
}
