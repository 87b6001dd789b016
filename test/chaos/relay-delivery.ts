import * as z from "zod";

import type { PlatformResponse } from "../../local/freshworks-platform/requests.ts";
import type { PlatformRequest } from "../../local/freshworks-platform/templates.ts";
import type { Delivery } from "./delivery.ts";

const bodySchema = z.looseObject({ events: z.array(z.looseObject({})).optional() });
const responseSchema = z.object({
  results: z.array(z.object({ outcome: z.string(), version: z.number() })),
});
const timeSchema = z.object({
  data: z.object({ agent_availability: z.object({ updated_at: z.string() }) }),
});

/** Returns the time of a change in epoch milliseconds. */
export function timeOf(payload: object): number {
  return Date.parse(timeSchema.parse(payload).data.agent_availability.updated_at);
}

/** Converts a request of the relay app and the hub's response for the verifier. */
export function relayDelivery(
  { headers, body }: PlatformRequest,
  { status, body: responseBody }: PlatformResponse,
  milliseconds: number,
): Delivery {
  const content = bodySchema.parse(JSON.parse(body));
  const results = status === 200 ? responseSchema.parse(JSON.parse(responseBody)).results : [];
  return {
    id: headers["webhook-id"] ?? "",
    payloads: content.events ?? [content],
    isBatch: content.events !== undefined,
    attempts: [{ status, milliseconds, results }],
  };
}
