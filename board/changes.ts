import type { BoardAgent } from "../functions/board/board-data.ts";
import { channelLabel, displayName, statusLabel } from "./format.ts";

/** One line of the list of recent changes. */
export interface Change {
  /** Unique while the page is open. */
  readonly key: string;
  readonly agent: string;
  /** What happened, such as "is now in Lunch". */
  readonly text: string;
  /** When it happened, or when the page noticed it: epoch milliseconds. */
  readonly time: number;
}

const MAX_CHANGES = 50;

function channelChanges(before: BoardAgent, after: BoardAgent): [string, string | undefined][] {
  return Object.entries(after.channels).flatMap(([channel, { available, since }]) => {
    const previous = Object.hasOwn(before.channels, channel)
      ? before.channels[channel]?.available
      : undefined;
    if (available === undefined || available === previous) {
      return [];
    }
    const text = `is ${available ? "available" : "unavailable"} on ${channelLabel(channel)}`;
    return [[text, since] satisfies [string, string | undefined]];
  });
}

function agentChanges(before: BoardAgent, after: BoardAgent): [string, string | undefined][] {
  const changes = channelChanges(before, after);
  if (after.status !== undefined && after.status.id !== before.status?.id) {
    changes.unshift([`is now in ${statusLabel(after)}`, after.status.since]);
  }
  if (after.loggedIn !== undefined && after.loggedIn !== before.loggedIn) {
    changes.push([after.loggedIn ? "logged in" : "logged out", undefined]);
  }
  return changes;
}

function changesOf(
  before: BoardAgent | undefined,
  after: BoardAgent,
): [string, string | undefined][] {
  return before === undefined ? [["appeared", undefined]] : agentChanges(before, after);
}

/** Returns what differs between two readings of the same account, newest first. */
export function compareReadings(
  before: readonly BoardAgent[],
  after: readonly BoardAgent[],
  now: number,
): Change[] {
  const known = new Map(before.map((agent) => [agent.id, agent]));
  const remaining = new Set(after.map(({ id }) => id));
  const changed = after.flatMap((agent) =>
    changesOf(known.get(agent.id), agent).map(([text, since]) => ({
      key: `${agent.id} ${text} ${now}`,
      agent: displayName(agent),
      text,
      time: since === undefined ? now : Math.min(Date.parse(since), now),
    })),
  );
  const removed = before
    .filter(({ id }) => !remaining.has(id))
    .map((agent) => ({
      key: `${agent.id} removed ${now}`,
      agent: displayName(agent),
      text: "was removed",
      time: now,
    }));
  return [...changed, ...removed].toSorted((first, second) => second.time - first.time);
}

/** Adds new changes to the list, which keeps the newest. */
export function addChanges(list: readonly Change[], added: readonly Change[]): readonly Change[] {
  return added.length === 0
    ? list
    : [...added, ...list]
        .toSorted((first, second) => second.time - first.time)
        .slice(0, MAX_CHANGES);
}
