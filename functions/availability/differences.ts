import {
  type AgentStatus,
  type ChannelAvailability,
  type Channels,
  knownChannels,
} from "./change.ts";
import type { AgentState, ChannelSince } from "./state.ts";

/** The groups of facts that a change may touch; `profile` is name and e-mail address. */
export type ChangedGroup = "status" | "loggedIn" | "channels" | "profile";

/** What was so before, and for how long, in milliseconds. */
export interface Before<Value> {
  readonly value: Value | undefined;
  readonly durationMs: number | undefined;
}

/** A status that is not the one before. */
export interface StatusDifference {
  readonly status: AgentStatus;
  /** Absent when first seen. */
  readonly before: Before<AgentStatus> | undefined;
}

/** A channel that opened or closed. */
export interface ChannelDifference {
  readonly channel: string;
  readonly available: boolean;
  /** Absent when first seen. */
  readonly before: Before<boolean> | undefined;
}

/** What is different between two states of one agent. */
export interface Differences {
  readonly changed: readonly ChangedGroup[];
  /** Whether something in between was never seen, or came too late. */
  readonly gap: boolean;
  readonly status: StatusDifference | undefined;
  readonly channels: readonly ChannelDifference[];
}

const nothing = { channels: {}, since: {} } as const;

function elapsed(from: string | undefined, to: string | undefined): number | undefined {
  if (from === undefined || to === undefined) {
    return undefined;
  }
  const milliseconds = Date.parse(to) - Date.parse(from);
  return milliseconds < 0 ? undefined : milliseconds;
}

function agreeOn<Facts>(
  names: readonly (keyof Facts)[],
  first: Facts | undefined,
  second: Facts | undefined,
): boolean {
  return names.every((name) => first?.[name] === second?.[name]);
}

const statusFacts = ["id", "name", "since"] as const;
const channelFacts = ["available", "agentId", "channelAccountId"] as const;

function isSameChannels(first: Channels, second: Channels): boolean {
  const names = Object.keys(first);
  return (
    names.length === Object.keys(second).length &&
    names.every(
      (name) =>
        Object.hasOwn(second, name) &&
        agreeOn<ChannelAvailability>(channelFacts, first[name], second[name]),
    )
  );
}

/**
 * Whether the change's own account of what was before differs from what was stored.
 *
 * The documents promise neither delivery nor order, so this is the only trace of a change that never came.
 */
function isGap(before: AgentState | undefined, { reportedPrevious }: AgentState): boolean {
  if (before === undefined || reportedPrevious === undefined) {
    return false;
  }
  const { statusId, statusSince } = reportedPrevious;
  return (
    (statusId !== undefined && statusId !== before.status?.id) ||
    (statusSince !== undefined && statusSince !== before.status?.since)
  );
}

function changedGroups(
  before: AgentState | undefined,
  now: AgentState,
  hasProfileChanged: boolean,
): ChangedGroup[] {
  const was: Partial<AgentState> & Pick<AgentState, "channels"> = before ?? nothing;
  const isChanged: Record<ChangedGroup, boolean> = {
    status: !agreeOn<AgentStatus>(statusFacts, was.status, now.status),
    loggedIn: was.loggedIn !== now.loggedIn,
    channels: !isSameChannels(was.channels, now.channels),
    profile: hasProfileChanged || was.name !== now.name || was.email !== now.email,
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
  if (status === undefined || status.id === before?.status?.id) {
    return undefined;
  }
  return { status, before: before && statusBefore(before, status, gap) };
}

function statusBefore(before: AgentState, now: AgentStatus, gap: boolean): Before<AgentStatus> {
  const value = before.status;
  return { value, durationMs: gap ? undefined : elapsed(value?.since, now.since) };
}

function sinceOf(state: AgentState, channel: string): string | undefined {
  const known = knownChannels.find((name) => name === channel);
  const since: ChannelSince | undefined = known && state.since[known];
  return since?.availableSince ?? since?.unavailableSince;
}

/** Own names only: a channel may be called like something that every object has. */
function availableIn(state: AgentState | undefined, channel: string): boolean | undefined {
  return state && Object.hasOwn(state.channels, channel)
    ? state.channels[channel]?.available
    : undefined;
}

function channelDifference(
  before: AgentState | undefined,
  now: AgentState,
  channel: string,
): Omit<ChannelDifference, "before"> | undefined {
  const available = availableIn(now, channel);
  return available === undefined || available === availableIn(before, channel)
    ? undefined
    : { channel, available };
}

function channelBefore(
  before: AgentState,
  now: AgentState,
  { channel, gap }: { readonly channel: string; readonly gap: boolean },
): Before<boolean> {
  const value = availableIn(before, channel);
  const isMeasured = value !== undefined && !gap;
  return {
    value,
    durationMs: isMeasured ? elapsed(sinceOf(before, channel), sinceOf(now, channel)) : undefined,
  };
}

/**
 * Says what is different between two stored states of one agent.
 *
 * @param before absent when first seen: nothing was known, or the agent was forgotten.
 * @param hasProfileChanged that names or e-mail addresses differed, where they were left out of both.
 */
export function differencesBetween(
  before: AgentState | undefined,
  now: AgentState,
  hasProfileChanged = false,
): Differences {
  const gap = isGap(before, now);
  const channels = Object.keys(now.channels)
    .toSorted()
    .flatMap((channel) => channelDifference(before, now, channel) ?? [])
    .map(({ channel, available }) => ({
      channel,
      available,
      before: before && channelBefore(before, now, { channel, gap }),
    }));
  return {
    changed: changedGroups(before, now, hasProfileChanged),
    gap,
    status: statusDifference(before, now, gap),
    channels,
  };
}
