import type { AgentDeletion, AgentUpdate } from "./agent-event.ts";
import { parseAgentDeletion, parseAgentUpdate } from "./agent-payload.ts";
import type { AvailabilityChange } from "./change.ts";
import { anything, objectOf, text } from "./fields.ts";
import type { InvalidPayload } from "./issues.ts";
import { parsePayload } from "./payload.ts";

/** The product events that the hub stores. */
export type ProductEventName = "onAgentAvailabilityUpdate" | "onAgentUpdate" | "onAgentDelete";

/** A parsed product event of any type. */
export type ProductEvent =
  | { readonly name: "onAgentAvailabilityUpdate"; readonly change: AvailabilityChange }
  | { readonly name: "onAgentUpdate"; readonly update: AgentUpdate }
  | { readonly name: "onAgentDelete"; readonly deletion: AgentDeletion };

/** A parsed product event, or its issues; `name` is absent if the hub does not recognize the event. */
export type ParsedProductEvent =
  | (ProductEvent & { readonly ok: true; readonly accountId: string })
  | (InvalidPayload & { readonly name?: ProductEventName });

const nameSchema = objectOf({
  event: text,
  data: objectOf({ agent_availability: anything, agent: anything }),
});

/** Returns the name of an event; without one, the data determines it. */
function nameOf(payload: unknown): string {
  const { event, data } = nameSchema.parse(payload);
  const isAgent = data.agent_availability === undefined && data.agent !== undefined;
  return event ?? (isAgent ? "onAgentUpdate" : "onAgentAvailabilityUpdate");
}

/**
 * Parses the payload of a product event by its type. Never throws.
 *
 * @param receivedAt the hub's clock.
 */
export function parseProductEvent(payload: unknown, receivedAt: Date): ParsedProductEvent {
  const name = nameOf(payload);
  switch (name) {
    case "onAgentAvailabilityUpdate":
      return { name, ...parsePayload(payload, receivedAt) };
    case "onAgentUpdate":
      return { name, ...parseAgentUpdate(payload, receivedAt) };
    case "onAgentDelete":
      return { name, ...parseAgentDeletion(payload, receivedAt) };
    default: {
      const message = "must be onAgentAvailabilityUpdate, onAgentUpdate or onAgentDelete";
      return { ok: false, issues: [{ path: "event", message }] };
    }
  }
}
