import * as z from "zod";

import { checkCount, id } from "../availability/fields.ts";
import { RejectedError } from "./problem.ts";

const MAX_EVENTS = 50;

/** The events of a request, which contains a single event or a batch. */
export interface Batch {
  readonly events: readonly BatchedEvent[];
  /** Whether the request contains a single event. An invalid single event makes the request invalid. */
  readonly isSingle: boolean;
  /** The account ID in a ping. */
  readonly accountId: string | undefined;
}

export interface BatchedEvent {
  readonly index: number;
  /** The request's `webhook-id`; for an event in a batch, `{webhook-id}#{index}`. */
  readonly webhookId: string;
  readonly payload: unknown;
}

const batchSchema = z.object({ events: z.unknown(), accountId: id, data: z.null().optional() });
const eventsSchema = z
  .array(z.unknown(), "must be a list of events")
  .superRefine(checkCount(MAX_EVENTS, "events"));

/**
 * Parses the body of a request: a batch has `events`, a single event has `data`. A body with both is a single
 * event, in case Freshworks adds `events` to its payloads.
 *
 * @throws RejectedError if `events` is not a list of at most 50 events.
 */
export function parseBatch(body: unknown, webhookId: string): Batch {
  const batch = batchSchema.safeParse(body).data;
  if (batch?.events === undefined) {
    const event = { index: 0, webhookId, payload: body };
    return { events: [event], isSingle: true, accountId: undefined };
  }
  const payloads = eventsSchema.safeParse(batch.events);
  if (!payloads.success) {
    const issues = payloads.error.issues.map(({ message }) => ({ path: "events", message }));
    throw new RejectedError("Malformed", { issues });
  }
  return {
    events: payloads.data.map((payload, index) => ({
      index,
      webhookId: `${webhookId}#${index}`,
      payload,
    })),
    isSingle: false,
    accountId: batch.accountId,
  };
}
