import type { SupervisionEvent } from "../availability/typed-event.ts";
import { entryOf } from "../bus/entry.ts";
import type { EventBus } from "../bus/event-bus.ts";

/** The bus did not accept an event, or its response was lost. Publishing the event again is safe. */
class NotPublishedError extends Error {
  override readonly name = "NotPublishedError";
}

const TIMEOUT_MS = 5000;

/** Creates the function that publishes one event. It rejects unless the bus has accepted the event. */
export function createPublishEvent(bus: EventBus, busName: string) {
  return async (event: SupervisionEvent): Promise<void> => {
    const entry = entryOf(event, busName, new Date());
    const response = (await bus.put([[entry]], AbortSignal.timeout(TIMEOUT_MS))).get(entry);
    if (response?.kind !== "accepted") {
      throw new NotPublishedError(
        `publishing ${entry.id} failed: ${[response?.code ?? "NoResponse", response?.message].filter(Boolean).join(" ")}`,
      );
    }
  };
}
