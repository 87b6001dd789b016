import * as z from "zod";

import type {
  PlatformRequest,
  PlatformResponse,
} from "../../local/freshworks-platform/platform.ts";
import type { Delivery } from "./history.ts";

const bodySchema = z.looseObject({ events: z.array(z.looseObject({})).optional() });
const answerSchema = z.object({
  results: z.array(z.object({ outcome: z.string(), version: z.number() })),
});
const timeSchema = z.object({
  data: z.object({ agent_availability: z.object({ updated_at: z.string() }) }),
});

/** When a change happened: epoch milliseconds. */
export function timeOf(payload: object): number {
  return Date.parse(timeSchema.parse(payload).data.agent_availability.updated_at);
}

/** A request of the relay app, and what the hub answered, as the verifier wants it. */
export function deliveryOf(
  { headers, body }: PlatformRequest,
  { status, body: answer }: PlatformResponse,
  milliseconds: number,
): Delivery {
  const content = bodySchema.parse(JSON.parse(body));
  const results = status === 200 ? answerSchema.parse(JSON.parse(answer)).results : [];
  return {
    id: headers["webhook-id"] ?? "",
    payloads: content.events ?? [content],
    isList: content.events !== undefined,
    attempts: [{ status, milliseconds, results }],
  };
}
