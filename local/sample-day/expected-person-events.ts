import { msBetween, eventOf, type ExpectedEvent } from "./expected-events.ts";
import type { ExpectedItem } from "./expected-item.ts";
import { compact } from "./json.ts";

/** Returns the event of a login or logout. `before` is the session, unless it was removed. */
export function loginEventsOf(
  before: ExpectedItem | undefined,
  after: ExpectedItem,
): ExpectedEvent[] {
  const { userId, loggedIn, since, updatedAt } = after;
  if (before?.["loggedIn"] === loggedIn) {
    return [];
  }
  const durationMs = msBetween(before?.["since"], since);
  const previous = before && compact({ loggedIn: before["loggedIn"], durationMs });
  return [
    eventOf(after, "Agent Login Changed", {
      metadata: { occurredAt: since ?? updatedAt, gap: false },
      agent: { userId },
      loggedIn,
      since,
      previous,
    }),
  ];
}

/** Returns the event of a removal: none for a session, or if nothing was stored. */
export function removalEventsOf(
  before: ExpectedItem | undefined,
  after: ExpectedItem,
): ExpectedEvent[] {
  const { availabilityId, removedAt, removedBecause } = after;
  if (before === undefined || String(availabilityId).startsWith("session:")) {
    return [];
  }
  return [
    eventOf(after, "Agent Removed", {
      metadata: { occurredAt: removedAt, origin: "relay", gap: false },
      agent: compact({ availabilityId, userId: before["userId"] }),
      reason: removedBecause,
    }),
  ];
}
