import { type ExpectedEvent, eventsOf } from "./expected-events.ts";
import { compareWithItem, type ExpectedItem, itemAfter, keyOf } from "./expected-item.ts";

/** What becomes of an event. */
export type ExpectedOutcome = "applied" | "duplicate" | "stale";

/**
 * Creates a reference model of the hub: events in, items and published events out. It follows the documents
 * (docs/use/api.md, docs/use/table.md, docs/use/events.md) and shares no code with the hub, so that it does
 * not repeat the hub's faults.
 */
export function createReferenceModel() {
  const items = new Map<string, ExpectedItem>();
  const events = new Map<string, ExpectedEvent>();
  return {
    /** The expected items by `{accountId}/{availabilityId}`. */
    items,
    /** The expected events by ID. */
    events,
    /** Applies one event as the hub must. */
    apply(payload: object, webhookId: string): { outcome: ExpectedOutcome; version: number } {
      const { accountId, availabilityId } = keyOf(payload);
      const key = `${accountId}/${availabilityId}`;
      const before = items.get(key);
      const comparison = before === undefined ? 1 : compareWithItem(payload, before);
      if (comparison <= 0) {
        const outcome = comparison === 0 ? "duplicate" : "stale";
        return { outcome, version: Number(before?.["version"]) };
      }
      const after = itemAfter(before, payload, webhookId);
      items.set(key, after);
      for (const event of eventsOf(before, after)) {
        events.set(event.id, event);
      }
      return { outcome: "applied", version: Number(after["version"]) };
    },
  };
}

/** @see createReferenceModel */
export type ReferenceModel = ReturnType<typeof createReferenceModel>;
