import type { DetailOf, DetailType } from "./catalogue.ts";
import { changeEvents } from "./change-events.ts";
import type { EventMetadata } from "./event-metadata.ts";
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

/** `source` of every event on the bus. */
export const SOURCE = "freshworks.agent-availability";

/** The types of the events that supervision publishes. */
export type SupervisionType = "Agent Status Overrun" | "Channel Coverage Changed";

/** A typed event before it is sent: its detail without `publishedAt`. */
type UnsentEvent<Types extends DetailType> = {
  readonly [Type in Types]: {
    readonly detailType: Type;
    readonly detail: Omit<DetailOf<Type>, "metadata"> & {
      readonly metadata: EventMetadata;
    };
  };
}[Types];

/** An event of a write of the table. */
export type AvailabilityEvent = UnsentEvent<Exclude<DetailType, SupervisionType>>;

/** An event that supervision derives from the table and the time. */
export type SupervisionEvent<Type extends SupervisionType = SupervisionType> = UnsentEvent<Type>;

/** One write of an agent's item: its old and new image, and the time of the stream record. */
export interface Transition {
  readonly before: StoredItem | undefined;
  readonly after: StoredItem | undefined;
  /** ISO 8601 UTC. */
  readonly recordedAt: string;
  /** Whether name or email address differ, if both images omit them. */
  readonly profileChanged?: boolean;
}

/** The stage settings that affect events. */
export interface EventOptions {
  /** Whether events include names and email addresses. */
  readonly personalData: boolean;
}

function asAgent(stored: StoredItem | undefined): AgentState | undefined {
  return stored && isAgent(stored) ? stored : undefined;
}

function asSession(stored: StoredItem | undefined): SessionState | undefined {
  return stored && isSession(stored) ? stored : undefined;
}

/** Whether the write was counted as a version: an applied change or a removal. */
export function isCounted(before: StoredItem | undefined, after: StoredItem): boolean {
  return before?.version !== after.version || before.epoch !== after.epoch;
}

/**
 * Returns the typed events of a write, in the order in which they must be sent.
 *
 * The expiry of a tombstone has no events, and neither has the removal of a session. A manual edit that does
 * not increase the version has none either: they would have the IDs of other events.
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
