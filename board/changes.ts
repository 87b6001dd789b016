import type { BoardAgent, BoardChange } from "../functions/board/board-data.ts";
import { channelLabel, displayName, statusLabel } from "./format.ts";

/** One entry in the list of recent changes. */
export interface Change {
  /** Unique while the page is open. */
  readonly key: string;
  readonly agentId: string;
  /** The agent's name. */
  readonly agent: string;
  /** The change in words, such as "switched to Lunch". */
  readonly text: string;
  /** Epoch milliseconds of the change, or of when the page noticed it. */
  readonly time: number;
}

const MAX_CHANGES = 50;

const statusText = (agent: Pick<BoardAgent, "status">) => `switched to ${statusLabel(agent)}`;
const channelText = (channel: string, available: boolean) =>
  `is ${available ? "available" : "unavailable"} on ${channelLabel(channel)}`;
const loginText = (loggedIn: boolean) => (loggedIn ? "logged in" : "logged out");

function channelChanges(before: BoardAgent, after: BoardAgent): [string, string | undefined][] {
  return Object.entries(after.channels).flatMap(([channel, { available, since }]) => {
    const previous = Object.hasOwn(before.channels, channel)
      ? before.channels[channel]?.available
      : undefined;
    if (available === undefined || available === previous) {
      return [];
    }
    return [[channelText(channel, available), since] satisfies [string, string | undefined]];
  });
}

function agentChanges(before: BoardAgent, after: BoardAgent): [string, string | undefined][] {
  const changes = channelChanges(before, after);
  if (after.status !== undefined && after.status.id !== before.status?.id) {
    changes.unshift([statusText(after), after.status.since]);
  }
  if (after.loggedIn !== undefined && after.loggedIn !== before.loggedIn) {
    changes.push([loginText(after.loggedIn), undefined]);
  }
  return changes;
}

function changesOf(
  before: BoardAgent | undefined,
  after: BoardAgent,
): [string, string | undefined][] {
  return before === undefined ? [["appeared", undefined]] : agentChanges(before, after);
}

/** Returns the changes between two readings of the same account, newest first. */
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
      agentId: agent.id,
      agent: displayName(agent),
      text,
      time: since === undefined ? now : Math.min(Date.parse(since), now),
    })),
  );
  const removed = before
    .filter(({ id }) => !remaining.has(id))
    .map((agent) => ({
      key: `${agent.id} removed ${now}`,
      agentId: agent.id,
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

/** A change during the page's start appears both in the page's readings and in the history, at about the same time. */
const SAME_CHANGE_MS = 60_000;

function textsOf({ status, channels, loggedIn }: BoardChange): string[] {
  return [
    ...(status === undefined ? [] : [statusText({ status })]),
    ...Object.entries(channels).map(([channel, available]) => channelText(channel, available)),
    ...(loggedIn === undefined ? [] : [loginText(loggedIn)]),
  ];
}

/** Adds the history's changes from before the page was opened, except those of unknown agents. */
export function addEarlierChanges(
  list: readonly Change[],
  earlier: readonly BoardChange[],
  agents: readonly BoardAgent[],
): readonly Change[] {
  const names = new Map(agents.map((agent) => [agent.id, displayName(agent)]));
  const added = earlier.flatMap((change) => {
    const { agentId } = change;
    const agent = names.get(agentId);
    const time = Date.parse(change.time);
    return agent === undefined
      ? []
      : textsOf(change).map((text) => ({
          key: `${agentId} ${text} ${change.time}`,
          agentId,
          agent,
          text,
          time,
        }));
  });
  const isListed = ({ agentId, text, time }: Change) =>
    list.some(
      (each) =>
        each.agentId === agentId &&
        each.text === text &&
        Math.abs(each.time - time) < SAME_CHANGE_MS,
    );
  return addChanges(
    list,
    added.filter((change) => !isListed(change)),
  );
}
