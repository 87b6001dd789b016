import {
  type AgentStatus,
  type ChannelAvailability,
  type Channels,
  knownChannels,
  type ReportedPrevious,
} from "./change.ts";
import type { AgentState, ChannelSince, SessionState } from "./state.ts";

/** The groups of values that a change can affect; `profile` is name and email address. */
export type ChangedGroup = "status" | "loggedIn" | "channels" | "profile";

/** The value before a change, and its duration in milliseconds. */
export interface PreviousValue<Value> {
  readonly value: Value;
  readonly durationMs: number | undefined;
}

export interface StatusDifference {
  readonly status: AgentStatus;
  /** Absent in the item's first change, and in the first after a removal. */
  readonly before: PreviousValue<AgentStatus | undefined> | undefined;
}

export interface ChannelDifference {
  readonly channel: string;
  readonly available: boolean;
  /** Absent in the item's first change, and in the first after a removal. */
  readonly before: PreviousValue<boolean | undefined> | undefined;
}

export interface LoginDifference {
  readonly loggedIn: boolean;
  /** Absent in the first known login state, and in the first after a removal. */
  readonly before: PreviousValue<boolean> | undefined;
}

/** The differences between two states of one agent. */
export interface Differences {
  readonly changed: readonly ChangedGroup[];
  /** Whether changes between the two states were missed. */
  readonly gap: boolean;
  readonly status: StatusDifference | undefined;
  readonly channels: readonly ChannelDifference[];
}

const unknownState = { channels: {}, since: {} } as const;

function elapsedMs(from: string | undefined, to: string | undefined): number | undefined {
  if (from === undefined || to === undefined) {
    return undefined;
  }
  const milliseconds = Date.parse(to) - Date.parse(from);
  return milliseconds < 0 ? undefined : milliseconds;
}

function areEqual<Facts>(
  names: readonly (keyof Facts)[],
  first: Facts | undefined,
  second: Facts | undefined,
): boolean {
  return names.every((name) => first?.[name] === second?.[name]);
}

const statusFacts = ["id", "name", "since"] as const;
const channelFacts = ["available", "agentId", "channelAccountId"] as const;

function areChannelsEqual(first: Channels, second: Channels): boolean {
  const names = Object.keys(first);
  return (
    names.length === Object.keys(second).length &&
    names.every(
      (name) =>
        Object.hasOwn(second, name) &&
        areEqual<ChannelAvailability>(channelFacts, first[name], second[name]),
    )
  );
}

/**
 * Returns whether changes between two states were missed: the previous values that the event reports differ from the
 * stored ones, or reconcile has repaired the item. A restored or republished item keeps the origin of its last
 * change, but has a later epoch.
 */
function isGap(before: AgentState | undefined, now: AgentState): boolean {
  if (before === undefined) {
    return false;
  }
  const isRepair = now.origin === "reconcile" && now.epoch === before.epoch;
  return isRepair || differsFrom(before, now.reportedPrevious);
}

function differsFrom({ status }: AgentState, reported: ReportedPrevious = {}): boolean {
  const { statusId, statusSince } = reported;
  return (
    (statusId !== undefined && statusId !== status?.id) ||
    (statusSince !== undefined && statusSince !== status?.since)
  );
}

function changedGroups(
  before: AgentState | undefined,
  now: AgentState,
  hasProfileChanged: boolean,
): ChangedGroup[] {
  const previous: Partial<AgentState> & Pick<AgentState, "channels"> = before ?? unknownState;
  const isChanged: Record<ChangedGroup, boolean> = {
    status: !areEqual<AgentStatus>(statusFacts, previous.status, now.status),
    loggedIn: previous.loggedIn !== now.loggedIn,
    channels: !areChannelsEqual(previous.channels, now.channels),
    profile: hasProfileChanged || previous.name !== now.name || previous.email !== now.email,
  };
  const groups: readonly ChangedGroup[] = ["status", "loggedIn", "channels", "profile"];
  return groups.filter((group) => isChanged[group]);
}

function statusDifference(
  before: AgentState | undefined,
  now: AgentState,
  gap: boolean,
): StatusDifference | undefined {
  const { status } = now;
  const value = before?.status;
  if (status === undefined || status.id === value?.id) {
    return undefined;
  }
  const durationMs = gap ? undefined : elapsedMs(value?.since, status.since);
  return { status, before: before && { value, durationMs } };
}

function sinceOf(state: AgentState, channel: string): string | undefined {
  const known = knownChannels.find((name) => name === channel);
  const since: ChannelSince | undefined = known && state.since[known];
  return since?.availableSince ?? since?.unavailableSince;
}

/** Reads own properties only: a channel may be named `constructor`. */
function availableIn(state: AgentState | undefined, channel: string): boolean | undefined {
  return state && Object.hasOwn(state.channels, channel)
    ? state.channels[channel]?.available
    : undefined;
}

function channelDifference(
  channel: string,
  before: AgentState | undefined,
  now: AgentState,
  gap: boolean,
): ChannelDifference | undefined {
  const value = availableIn(before, channel);
  const available = availableIn(now, channel);
  if (available === undefined || available === value) {
    return undefined;
  }
  const isMeasured = before !== undefined && value !== undefined && !gap;
  const durationMs = isMeasured
    ? elapsedMs(sinceOf(before, channel), sinceOf(now, channel))
    : undefined;
  return { channel, available, before: before && { value, durationMs } };
}

/**
 * Returns the differences between two stored states of one agent.
 *
 * @param before absent in the item's first change, and in the first after a removal.
 * @param hasProfileChanged whether the name or email address differs, if both states omit them.
 */
export function differencesBetween(
  before: AgentState | undefined,
  now: AgentState,
  hasProfileChanged = false,
): Differences {
  const gap = isGap(before, now);
  const channels = Object.keys(now.channels)
    .toSorted()
    .flatMap((channel) => channelDifference(channel, before, now, gap) ?? []);
  return {
    changed: changedGroups(before, now, hasProfileChanged),
    gap,
    status: statusDifference(before, now, gap),
    channels,
  };
}

/**
 * Returns the login or logout between two stored sessions of one person; `undefined` if the newer one only
 * confirms the login state.
 *
 * @param before absent in the first known login state, and in the first after a removal.
 */
export function loginDifference(
  before: SessionState | undefined,
  now: SessionState,
): LoginDifference | undefined {
  const { loggedIn, since } = now;
  if (before?.loggedIn === loggedIn) {
    return undefined;
  }
  const durationMs = elapsedMs(before?.since, since);
  return { loggedIn, before: before && { value: before.loggedIn, durationMs } };
}
