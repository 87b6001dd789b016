import { createHash } from "node:crypto";

import * as z from "zod";

import { eventsOf } from "../../functions/availability/events.ts";
import type { EventOptions } from "../../functions/availability/typed-event.ts";
import { entryOf } from "../../functions/bus/entry.ts";
import { readItem } from "../../functions/store/read-item.ts";
import { createMemory, type Step, type TableWrite } from "./memory.ts";

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

/** Milliseconds from a request to the call that publishes its events. */
const PUBLISHING_DURATION_MS = 120;

/** Returns a stand-in for EventBridge's random ID that does not change between runs. */
function deliveryId(eventId: string): string {
  return createHash("sha256")
    .update(eventId)
    .digest("hex")
    .replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, "$1-$2-4$3-8$4-$5");
}

/** Returns an entry as EventBridge delivers it. */
export function wrapInEnvelope(
  entry: ReturnType<typeof entryOf>,
  publishedAt: Date,
): ProducedEvent {
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

function publish({ before, after, at }: TableWrite, options: EventOptions): ProducedEvent[] {
  const publishedAt = new Date(Date.parse(at) + PUBLISHING_DURATION_MS);
  const transition = {
    before: before && readItem(before),
    after: after && readItem(after),
    recordedAt: at,
  };
  return eventsOf(transition, options).map((event) =>
    wrapInEnvelope(entryOf(event, "agent-availability", publishedAt), publishedAt),
  );
}

/** The account and the stage of a history. */
export interface PlayOptions extends EventOptions {
  /** @default true */
  readonly hasCustomStatuses?: boolean;
}

/**
 * Returns the events that the hub publishes for each step of a history. The payloads go through the same code
 * as on AWS (parser, write expression, stream images, differences, entries), with a table in memory.
 */
export function play(
  steps: readonly Step[],
  { hasCustomStatuses = true, personalData }: PlayOptions,
): ProducedEvent[][] {
  const memory = createMemory(hasCustomStatuses);
  return steps.map((step) =>
    memory.apply(step).flatMap((written) => publish(written, { personalData })),
  );
}
