import { changeEvents } from "./change-events.ts";
import { loginEvents } from "./login-events.ts";
import { deletionEvents, tombstoneEvents } from "./removal-events.ts";
import {
  type AgentState,
  isAgent,
  isSession,
  isTombstone,
  type SessionState,
  type StoredItem,
} from "./state.ts";
import type { AvailabilityEvent, EventOptions, Transition } from "./typed-event.ts";

function asAgent(stored: StoredItem | undefined): AgentState | undefined {
  return stored && isAgent(stored) ? stored : undefined;
}

function asSession(stored: StoredItem | undefined): SessionState | undefined {
  return stored && isSession(stored) ? stored : undefined;
}

/** Returns whether the write was counted as a version: an applied change or a removal. */
export function isCounted(before: StoredItem | undefined, after: StoredItem): boolean {
  return before?.version !== after.version || before.epoch !== after.epoch;
}

/**
 * Returns the typed events of a write, in the order in which they must be sent.
 *
 * The expiry of a tombstone, the removal of a session, and a manual edit that does not increase the version have
 * no events. Events of such an edit would have the IDs of other events.
 */
export function eventsOf(transition: Transition, options: EventOptions): AvailabilityEvent[] {
  const { before, after, recordedAt, profileChanged } = transition;
  if (after === undefined) {
    return deletionEvents(asAgent(before), recordedAt, options);
  }
  if (!isCounted(before, after)) {
    return [];
  }
  if (isTombstone(after)) {
    return tombstoneEvents(asAgent(before), after);
  }
  if (isSession(after)) {
    return loginEvents(asSession(before), after, options);
  }
  return changeEvents(asAgent(before), after, { ...options, profileChanged });
}
