import { effectiveLogin } from "../../functions/availability/effective-login.ts";
import type { HistoryFacts } from "../../functions/availability/history.ts";
import { type ItemHistory, type ItemPoint, itemTimeline } from "./item-timeline.ts";

/** A period in epoch milliseconds. The end is excluded. */
export interface Period {
  readonly from: number;
  readonly to: number;
}

/** A status, identified by its ID. */
export interface HistoryStatus {
  readonly id: string;
  readonly name?: string | undefined;
}

/** The known state of an agent in a period. */
export interface HistoryState {
  /** Absent if the agent had no status, or if the status is unknown. */
  readonly status?: HistoryStatus | undefined;
  /** The effective login state; absent if unknown. */
  readonly loggedIn?: boolean | undefined;
  /** Whether the agent was available, by channel name. A channel of unknown availability is absent. */
  readonly channels: Readonly<Record<string, boolean>>;
  /** True if changes of this period are missing, or the agent did not exist. All other facts are then absent. */
  readonly unknown: boolean;
}

/** A period in which nothing changed. */
export interface TimelineInterval extends Period, HistoryState {}

/** The histories of a person's items. An item that does not exist has no rows. */
export interface PersonHistory {
  readonly availability: ItemHistory;
  readonly user: ItemHistory;
  readonly session: ItemHistory;
}

const UNKNOWN_STATE: HistoryState = { channels: {}, unknown: true };

/** Returns a function that looks up the facts of an item at increasing times. */
function createCursor(points: readonly ItemPoint[]) {
  let index = 0;
  return (at: number): ItemPoint["facts"] => {
    while ((points[index + 1]?.at ?? Number.POSITIVE_INFINITY) <= at) {
      index += 1;
    }
    return points[index]?.facts ?? "none";
  };
}

/** A missing login or logout may be newer than what the availability event reports. */
function loggedInOf(item: HistoryFacts, session: ItemPoint["facts"]): boolean | undefined {
  if (session === "unknown") {
    return undefined;
  }
  const reported =
    session === "none" || session.loggedIn === undefined
      ? undefined
      : { loggedIn: session.loggedIn, eventTimestamp: session.statedAt };
  return effectiveLogin({ loggedIn: item.loggedIn, eventTimestamp: item.statedAt }, reported)
    ?.loggedIn;
}

function stateOf(item: ItemPoint["facts"], session: ItemPoint["facts"]): HistoryState {
  if (item === "unknown" || item === "none") {
    return UNKNOWN_STATE;
  }
  const { status, channels } = item;
  return {
    status: status && { id: status.id, name: status.name },
    loggedIn: loggedInOf(item, session),
    channels,
    unknown: false,
  };
}

function isSameChannels(one: HistoryState["channels"], other: HistoryState["channels"]): boolean {
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && one[name] === other[name])
  );
}

const isSameStatus = (one: HistoryStatus | undefined, other: HistoryStatus | undefined) =>
  one?.id === other?.id && one?.name === other?.name;

function isSame(one: HistoryState, other: HistoryState): boolean {
  return (
    one.unknown === other.unknown &&
    one.loggedIn === other.loggedIn &&
    isSameStatus(one.status, other.status) &&
    isSameChannels(one.channels, other.channels)
  );
}

/**
 * Joins the histories of a person's items, as lookups join the items: the availability item, or the `user:` item
 * if it does not exist, with the effective login state.
 *
 * @returns intervals without overlaps or gaps that cover the period. Adjacent intervals differ.
 */
export function timelineOf(person: PersonHistory, { from, to }: Period): TimelineInterval[] {
  const availability = itemTimeline(person.availability);
  const user = itemTimeline(person.user);
  const session = itemTimeline(person.session);
  const times = [availability, user, session]
    .flat()
    .map(({ at }) => at)
    .filter((at) => at > from && at < to);
  const edges = [...new Set([from, ...times])].toSorted((one, other) => one - other);
  const availabilityAt = createCursor(availability);
  const userAt = createCursor(user);
  const sessionAt = createCursor(session);
  const intervals: TimelineInterval[] = [];
  for (const [index, at] of edges.entries()) {
    const own = availabilityAt(at);
    const state = stateOf(own === "none" ? userAt(at) : own, sessionAt(at));
    const end = edges[index + 1] ?? to;
    const last = intervals.at(-1);
    if (last !== undefined && isSame(last, state)) {
      intervals[intervals.length - 1] = { ...last, to: end };
    } else {
      intervals.push({ from: at, to: end, ...state });
    }
  }
  return intervals;
}
