import { occurredAtOf } from "./change-events.ts";
import type { Actor, AgentStatus } from "./change.ts";
import { differencesBetween } from "./differences.ts";
import { isCounted } from "./events.ts";
import type { Transition } from "./typed-event.ts";
import { removalOriginOf } from "./removal-events.ts";
import {
  type AgentState,
  isAgent,
  isSession,
  isTombstone,
  type RemovalReason,
  type SessionState,
  type StoredItem,
} from "./state.ts";

/** The facts of an item at one point in time, without names or email addresses. Unknown values are absent. */
export interface HistoryFacts {
  readonly status?: AgentStatus | undefined;
  readonly loggedIn?: boolean | undefined;
  /** When the event that reports `loggedIn` was raised, in epoch microseconds. */
  readonly statedAt: number;
  /** Whether the agent is available, by channel name. A channel of unknown availability is absent. */
  readonly channels: Readonly<Record<string, boolean>>;
}

/** The position of a change: its time (ISO 8601 UTC with milliseconds), epoch and version. */
export interface HistoryPosition {
  readonly occurredAt: string;
  readonly epoch: number;
  readonly version: number;
}

/** The facts of an item before a change, and the position of the change that set them. */
export interface PositionedFacts extends HistoryFacts, HistoryPosition {}

/** One applied change to an item of any kind, as the history stores it. */
export interface HistoryRow extends HistoryPosition {
  readonly accountId: string;
  /** The sort key of the item that changed. */
  readonly availabilityId: string;
  /** The agent's user ID in Freshdesk, once known. */
  readonly userId?: string | undefined;
  /** Absent in the item's first change, and in the first after a removal. */
  readonly before?: PositionedFacts | undefined;
  /** Absent if the item was removed. */
  readonly after?: HistoryFacts | undefined;
  /** Why the item was removed; `item-deleted` if an operator deleted it from the table. */
  readonly removedBecause?: RemovalReason | "item-deleted" | undefined;
  /** Whether changes between `before` and this change were missed. */
  readonly gap: boolean;
  readonly origin?: string | undefined;
  readonly actorType?: Actor["type"] | undefined;
}

type LiveItem = AgentState | SessionState;

function channelsOf({ channels }: AgentState): Record<string, boolean> {
  return Object.fromEntries(
    Object.entries(channels).flatMap(([name, { available }]) =>
      available === undefined ? [] : [[name, available] as const],
    ),
  );
}

function factsOf(item: LiveItem): HistoryFacts {
  const { loggedIn, eventTimestamp: statedAt } = item;
  return isAgent(item)
    ? { status: item.status, loggedIn, statedAt, channels: channelsOf(item) }
    : { loggedIn, statedAt, channels: {} };
}

/** Returns the time of an item's newest change. A confirmed session keeps `since`, so its `updatedAt` counts. */
const timeOf = (item: LiveItem) => (isAgent(item) ? occurredAtOf(item) : item.updatedAt);

/** Returns the facts of an item and the position of the change that set them. */
export function positionedFactsOf(item: LiveItem): PositionedFacts {
  const { epoch, version } = item;
  return { occurredAt: timeOf(item), epoch, version, ...factsOf(item) };
}

const liveItemOf = (item: StoredItem | undefined): LiveItem | undefined =>
  item === undefined || isTombstone(item) ? undefined : item;

/** Returns whether the status or a channel differs. */
function factsDiffer(before: HistoryFacts, after: HistoryFacts): boolean {
  const names = new Set([...Object.keys(before.channels), ...Object.keys(after.channels)]);
  return (
    before.status?.id !== after.status?.id ||
    before.status?.since !== after.status?.since ||
    [...names].some((name) => before.channels[name] !== after.channels[name])
  );
}

/** Returns whether a change was missed before this one. A repair of only a name or email address reveals none. */
function isGap(before: LiveItem | undefined, after: LiveItem): boolean {
  if (before === undefined || isSession(before) || isSession(after)) {
    return false;
  }
  const isRepair = after.origin === "reconcile";
  return (
    differencesBetween(before, after).gap &&
    (!isRepair || factsDiffer(factsOf(before), factsOf(after)))
  );
}

function changeRow(before: LiveItem | undefined, after: LiveItem): HistoryRow {
  const { accountId, availabilityId, userId, epoch, version, origin } = after;
  return {
    accountId,
    availabilityId,
    userId,
    occurredAt: timeOf(after),
    epoch,
    version,
    before: before && positionedFactsOf(before),
    after: factsOf(after),
    gap: isGap(before, after),
    origin,
    actorType: isAgent(after) ? after.actor?.type : undefined,
  };
}

type Removal = HistoryPosition & Pick<HistoryRow, "removedBecause" | "origin">;

/** Returns a time after the previous change: a removal's time may be rounded down or come from another clock. */
function timeAfter(occurredAt: string, before: HistoryPosition): string {
  const earliest = Date.parse(before.occurredAt) + 1;
  return Date.parse(occurredAt) < earliest ? new Date(earliest).toISOString() : occurredAt;
}

function removalRow(item: LiveItem, removal: Removal): HistoryRow {
  const { accountId, availabilityId, userId } = item;
  const before = positionedFactsOf(item);
  const occurredAt = timeAfter(removal.occurredAt, before);
  return { accountId, availabilityId, userId, ...removal, occurredAt, before, gap: false };
}

/**
 * Returns the row that the history stores for a write; `undefined` if the write is not counted as a version, or
 * affects only a tombstone.
 */
export function historyRowOf(transition: Transition): HistoryRow | undefined {
  const { after, recordedAt } = transition;
  const before = liveItemOf(transition.before);
  if (after === undefined) {
    return (
      before &&
      removalRow(before, {
        occurredAt: recordedAt,
        epoch: before.epoch,
        // A deleted item has no new version, so the row uses the version after the last one.
        version: before.version + 1,
        removedBecause: "item-deleted",
        origin: "operator",
      })
    );
  }
  if (!isCounted(transition.before, after)) {
    return undefined;
  }
  if (isTombstone(after)) {
    const { removedAt: occurredAt, epoch, version, removedBecause } = after;
    const origin = removalOriginOf(after);
    return before && removalRow(before, { occurredAt, epoch, version, removedBecause, origin });
  }
  return changeRow(before, after);
}
