import type { PutEventsRequestEntry } from "@aws-sdk/client-eventbridge";

import type { DetailType, Metadata } from "../availability/catalogue.ts";
import {
  type AvailabilityEvent,
  SOURCE,
  type SupervisionEvent,
} from "../availability/typed-event.ts";

/** A typed event as an entry of a PutEvents call. */
export interface Entry {
  /** `metadata.id` of the event. */
  readonly id: string;
  readonly detailType: DetailType;
  readonly metadata: Metadata;
  readonly request: PutEventsRequestEntry;
  /** Size as EventBridge counts it. */
  readonly bytes: number;
}

/** EventBridge counts a time as 14 bytes and text in UTF-8 ("Calculating PutEvents event entry size"). */
const TIME_BYTES = 14;

/** Returns an event as an entry for a bus, with `publishedAt` as its `Time` and in its metadata. */
export function entryOf(
  event: AvailabilityEvent | SupervisionEvent,
  busName: string,
  publishedAt: Date,
): Entry {
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
