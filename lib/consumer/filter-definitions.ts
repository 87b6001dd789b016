import { changedParts, eventNames, removalReasons } from "./event-names.ts";
import {
  matchAccountIds,
  matchChannels,
  matchFlag,
  type Matcher,
  matchMinutes,
  matchOneOf,
  matchStatuses,
  matchTexts,
} from "./filter-values.ts";
import type { EventName, FilterName } from "./filters.ts";

/** Defines how a filter is added to an event pattern. */
export interface FilterDefinition {
  /** The events that have the filter. */
  readonly events: readonly EventName[];
  /** Path of the field in the event's `detail`. */
  readonly path: readonly string[];
  readonly match: Matcher;
}

const agentEvents = eventNames.filter(
  (name) => name !== "Agent Login Changed" && name !== "Channel Coverage Changed",
);
const availabilityEvents: readonly EventName[] = ["Agent Availability Changed"];
const statusEvents: readonly EventName[] = ["Agent Status Changed"];
const overrunEvents: readonly EventName[] = ["Agent Status Overrun"];
const coverageEvents: readonly EventName[] = ["Channel Coverage Changed"];
const channelEvents: readonly EventName[] = ["Agent Channel Availability Changed"];
const loginEvents: readonly EventName[] = ["Agent Login Changed"];
const removalEvents: readonly EventName[] = ["Agent Removed"];

/** Every filter. A new one needs an entry here and a field in `filters.ts`. */
export const filterDefinitions: Readonly<Record<FilterName, FilterDefinition>> = {
  accounts: { events: eventNames, path: ["accountId"], match: matchAccountIds },
  agents: { events: agentEvents, path: ["agent", "availabilityId"], match: matchTexts },
  changed: { events: availabilityEvents, path: ["changed"], match: matchOneOf(changedParts) },
  inStatus: {
    events: [...availabilityEvents, ...overrunEvents],
    path: ["status"],
    match: matchStatuses,
  },
  toStatus: { events: statusEvents, path: ["status"], match: matchStatuses },
  fromStatus: { events: statusEvents, path: ["previous", "status"], match: matchStatuses },
  channels: {
    events: [...channelEvents, ...coverageEvents],
    path: ["channel"],
    match: matchChannels,
  },
  available: { events: channelEvents, path: ["available"], match: matchFlag },
  wasAvailable: { events: channelEvents, path: ["previous", "available"], match: matchFlag },
  users: { events: loginEvents, path: ["agent", "userId"], match: matchTexts },
  loggedIn: { events: loginEvents, path: ["loggedIn"], match: matchFlag },
  reason: { events: removalEvents, path: ["reason"], match: matchOneOf(removalReasons) },
  limitMinutes: { events: overrunEvents, path: ["limitMinutes"], match: matchMinutes },
  covered: { events: coverageEvents, path: ["covered"], match: matchFlag },
  wasCovered: { events: coverageEvents, path: ["previous", "covered"], match: matchFlag },
};
