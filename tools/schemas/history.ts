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

/** One thing that happens to an agent. */
export type Step =
  | { readonly kind: "delivery"; readonly payload: unknown; readonly receivedAt: string }
  /** Somebody deletes the agent's item. */
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

/** An event as the hub made it, in the envelope in which EventBridge brings it. */
export type ProducedEvent = z.infer<typeof envelopeSchema>;

type Item = Record<string, AttributeValue>;

interface Happening {
  readonly before: Item | undefined;
  readonly after: Item | undefined;
  readonly at: string;
}

/** How long the hub takes from a request to the call that publishes, in milliseconds. */
const PUBLISHING_MS = 120;

const digestOf = (text: string, encoding: "hex" | "base64url") =>
  createHash("sha256").update(text).digest(encoding);

/** EventBridge's own id, which is random, but the same each time that examples are made. */
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

/** The table of one agent, in memory, written by the store's own expressions. */
function createMemory() {
  const table = aTable();

  function deliver(payload: unknown, receivedAt: string): Happening | undefined {
    const parsed = parsePayload(payload, new Date(receivedAt));
    if (!parsed.ok) {
      throw new Error(`the hub refuses this payload: ${JSON.stringify(parsed.issues)}`);
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

  function remove(at: string, leave: (item: Item) => Item | undefined): Happening | undefined {
    const [found] = table.items;
    if (found === undefined) {
      return undefined;
    }
    const [key, before] = found;
    const after = leave(before);
    table.items.delete(key);
    if (after) {
      table.items.set(key, after);
    }
    return { before, after, at };
  }

  return {
    /** @returns what became of the item; nothing where a delivery was old, or there is no agent. */
    take(step: Step): Happening | undefined {
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
 * What the hub publishes of one agent's history, step by step: the payloads go through the same code as on
 * AWS (parser, write expression, stream images, differences, entries), on a table in memory.
 */
export function play(
  steps: readonly Step[],
  options: { readonly personalData: boolean },
): ProducedEvent[][] {
  const memory = createMemory();
  return steps.map((step) => {
    const happening = memory.take(step);
    if (happening === undefined) {
      return [];
    }
    const { before, after, at } = happening;
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
