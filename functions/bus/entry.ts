import type { PutEventsRequestEntry } from "@aws-sdk/client-eventbridge";

import type { Metadata } from "../availability/catalogue.ts";
import { type AvailabilityEvent, SOURCE } from "../availability/events.ts";

/** A typed event in EventBridge's words, ready to be sent. */
export interface Entry {
  /** `metadata.id` of the event. */
  readonly id: string;
  readonly detailType: AvailabilityEvent["detailType"];
  readonly metadata: Metadata;
  readonly request: PutEventsRequestEntry;
  /** As EventBridge counts it. */
  readonly bytes: number;
}

/** EventBridge counts a time as 14 bytes, text by its UTF-8 form ("Calculating PutEvents event entry size"). */
const TIME_BYTES = 14;

/** An event as an entry of that bus; `publishedAt` becomes part of its metadata and its `Time`. */
export function entryOf(event: AvailabilityEvent, busName: string, publishedAt: Date): Entry {
  const { detailType, detail } = event;
  const metadata = { ...detail.metadata, publishedAt: publishedAt.toISOString() };
  const text = JSON.stringify({ ...detail, metadata });
  const bytes =
    TIME_BYTES + [SOURCE, detailType, text].reduce((sum, part) => sum + Buffer.byteLength(part), 0);
  return {
    id: metadata.id,
    detailType,
    metadata,
    bytes,
    request: {
      EventBusName: busName,
      Source: SOURCE,
      DetailType: detailType,
      Detail: text,
      Time: publishedAt,
    },
  };
}
