import {
  accountIds,
  channels,
  flag,
  type Matcher,
  minutes,
  oneOf,
  statuses,
  texts,
} from "./filter-values.ts";
import type { ChangedPart, EventName, FilterName, RemovalReasonFilter } from "./filters.ts";

/** Defines how a filter is added to an event pattern. */
export interface FilterDefinition {
  /** The events that have the filter. */
  readonly events: readonly EventName[];
  /** Path of the field in the event's `detail`. */
  readonly path: readonly string[];
  readonly match: Matcher;
}

/** All events that a rule can select. */
export const eventNames: readonly EventName[] = [
  "Agent Availability Changed",
  "Agent Status Changed",
  "Agent Channel Availability Changed",
  "Agent Login Changed",
  "Agent Removed",
  "Agent Status Overrun",
  "Channel Coverage Changed",
];

const changedParts: readonly ChangedPart[] = ["status", "loggedIn", "channels", "profile"];

const removalReasons: readonly RemovalReasonFilter[] = [
  "item-deleted",
  "forgotten",
  "deleted",
  "merged",
];

const withoutAvailabilityId: ReadonlySet<EventName> = new Set([
  "Agent Login Changed",
  "Channel Coverage Changed",
]);
const agent = eventNames.filter((name) => !withoutAvailabilityId.has(name));
const availability: readonly EventName[] = ["Agent Availability Changed"];
const status: readonly EventName[] = ["Agent Status Changed"];
const overrun: readonly EventName[] = ["Agent Status Overrun"];
const coverage: readonly EventName[] = ["Channel Coverage Changed"];
const channel: readonly EventName[] = ["Agent Channel Availability Changed"];
const login: readonly EventName[] = ["Agent Login Changed"];
const removal: readonly EventName[] = ["Agent Removed"];

/** Every filter. A new one needs an entry here and a field in `filters.ts`. */
export const filterDefinitions: Readonly<Record<FilterName, FilterDefinition>> = {
  accounts: { events: eventNames, path: ["accountId"], match: accountIds },
  agents: { events: agent, path: ["agent", "availabilityId"], match: texts },
  changed: { events: availability, path: ["changed"], match: oneOf(changedParts) },
  inStatus: { events: [...availability, ...overrun], path: ["status"], match: statuses },
  toStatus: { events: status, path: ["status"], match: statuses },
  fromStatus: { events: status, path: ["previous", "status"], match: statuses },
  channels: { events: [...channel, ...coverage], path: ["channel"], match: channels },
  available: { events: channel, path: ["available"], match: flag },
  wasAvailable: { events: channel, path: ["previous", "available"], match: flag },
  users: { events: login, path: ["agent", "userId"], match: texts },
  loggedIn: { events: login, path: ["loggedIn"], match: flag },
  reason: { events: removal, path: ["reason"], match: oneOf(removalReasons) },
  limitMinutes: { events: overrun, path: ["limitMinutes"], match: minutes },
  covered: { events: coverage, path: ["covered"], match: flag },
  wasCovered: { events: coverage, path: ["previous", "covered"], match: flag },
};
