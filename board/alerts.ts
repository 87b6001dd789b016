import { dueAtOf, dueTimesOf } from "../functions/availability/overrun.ts";
import type { BoardAgent, BoardData, UncoveredChannel } from "../functions/board/board-data.ts";
import { channelLabel, displayName, formatDuration, formatTime, statusLabel } from "./format.ts";

/** The shortest limit of the status that an agent is in. */
export interface Limit {
  readonly agent: BoardAgent;
  readonly minutes: number;
  /** When the agent reaches the limit, in epoch milliseconds. */
  readonly dueAt: number;
}

/** The limits of agents, by agent ID. */
export type Limits = ReadonlyMap<string, Limit>;

/** Returns the limit of each agent whose status has one. */
export function limitsOf({ accountId, agents, statusLimits = [] }: BoardData): Limits {
  const limits = agents.flatMap((agent): [string, Limit][] => {
    const [first] = dueTimesOf(statusLimits, { ...agent, accountId, availabilityId: agent.id })
      .map((due) => ({ agent, minutes: due.limitMinutes, dueAt: dueAtOf(due) }))
      .toSorted((one, other) => one.dueAt - other.dueAt);
    return first === undefined ? [] : [[agent.id, first]];
  });
  return new Map(limits);
}

/** Returns the limits that agents have reached, longest time over the limit first. */
export function overrunsAt(limits: Limits, now: number): Limit[] {
  return [...limits.values()]
    .filter(({ dueAt: due }) => due <= now)
    .toSorted((one, other) => one.dueAt - other.dueAt);
}

/** Returns how long an agent has been over a limit, or an empty text if the limit has not been reached. */
export function overrunText(limit: Limit | undefined, now: number): string {
  return limit === undefined || now < limit.dueAt
    ? ""
    : `${formatDuration(now - limit.dueAt)} over the limit of ${limit.minutes} min`;
}

const shortageText = (minimum: number) =>
  minimum === 1 ? "none available" : `fewer than ${minimum} available`;

/** Formats an uncovered channel: the time since which too few agents are available, and its minimum. */
export function uncoveredText({ minimum, since }: UncoveredChannel, now: number): string {
  return `Uncovered since ${formatTime(Date.parse(since), now)}: ${shortageText(minimum)}`;
}

/** Returns the texts that screen readers announce, by key. A text does not change while its alert lasts. */
export function announcementsOf(
  uncovered: readonly UncoveredChannel[],
  overruns: readonly Limit[],
): { readonly key: string; readonly text: string }[] {
  return [
    ...uncovered.map(({ channel, minimum, since }) => ({
      key: `${channel} ${since}`,
      text: `${channelLabel(channel)} is uncovered: ${shortageText(minimum)}.`,
    })),
    ...overruns.map(({ agent, minutes, dueAt: due }) => ({
      key: `${agent.id} ${due}`,
      text: `${displayName(agent)} is over the limit of ${minutes} min in ${statusLabel(agent)}.`,
    })),
  ];
}
