import type { BoardAgent } from "../functions/board/board-data.ts";
import { displayName, mainChannels, statusLabel } from "./format.ts";

/** Filters of the agents to show. An empty value matches every agent. */
export interface Filters {
  /** Part of a name or email address. */
  readonly text: string;
  readonly status: string;
  readonly channel: string;
}

/** A column to sort by. A channel's column sorts available agents first, longest available first. */
export type SortColumn = "name" | "status" | `channel:${string}`;

/** The column to sort the agents by, and the direction. */
export interface Sort {
  readonly column: SortColumn;
  readonly descending: boolean;
}

const collator = new Intl.Collator(undefined, { sensitivity: "base", numeric: true });
const normalizeText = (text: string) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

function isAvailableOn(agent: BoardAgent, channel: string): boolean {
  return Object.hasOwn(agent.channels, channel) && agent.channels[channel]?.available === true;
}

/** Returns the main channels, and every other channel that an agent has. */
export function channelsOf(agents: readonly BoardAgent[]): string[] {
  return [...new Set([...mainChannels, ...agents.flatMap((agent) => Object.keys(agent.channels))])];
}

/** Returns how many agents are in each status, the most frequent first. */
export function countStatuses(agents: readonly BoardAgent[]): { status: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const agent of agents) {
    const status = statusLabel(agent);
    counts.set(status, (counts.get(status) ?? 0) + 1);
  }
  return [...counts]
    .map(([status, count]) => ({ status, count }))
    .toSorted(
      (first, second) =>
        second.count - first.count || collator.compare(first.status, second.status),
    );
}

export function filterAgents(agents: readonly BoardAgent[], filters: Filters): BoardAgent[] {
  const text = normalizeText(filters.text.trim());
  return agents.filter(
    (agent) =>
      (filters.status === "" || statusLabel(agent) === filters.status) &&
      (filters.channel === "" || isAvailableOn(agent, filters.channel)) &&
      (text === "" || normalizeText(`${displayName(agent)} ${agent.email ?? ""}`).includes(text)),
  );
}

/** An instant for sorting; an unknown one comes last. */
const instantOf = (time: string | undefined) =>
  time === undefined ? Number.POSITIVE_INFINITY : Date.parse(time);

function byName(first: BoardAgent, second: BoardAgent): number {
  return (
    collator.compare(displayName(first), displayName(second)) ||
    collator.compare(first.id, second.id)
  );
}

function compareInstants(first: string | undefined, second: string | undefined): number {
  const [one, other] = [instantOf(first), instantOf(second)];
  return one === other ? 0 : one - other;
}

function byChannel(channel: string) {
  return (first: BoardAgent, second: BoardAgent): number =>
    Number(isAvailableOn(second, channel)) - Number(isAvailableOn(first, channel)) ||
    compareInstants(first.channels[channel]?.since, second.channels[channel]?.since);
}

function byStatus(first: BoardAgent, second: BoardAgent): number {
  return (
    collator.compare(statusLabel(first), statusLabel(second)) ||
    compareInstants(first.status?.since, second.status?.since)
  );
}

function comparisonOf(column: SortColumn) {
  if (column === "name") {
    return byName;
  }
  return column === "status" ? byStatus : byChannel(column.slice("channel:".length));
}

/** Returns the agents sorted by a column, then by name. */
export function sortAgents(agents: readonly BoardAgent[], sort: Sort): BoardAgent[] {
  const compare = comparisonOf(sort.column);
  const sign = sort.descending ? -1 : 1;
  return agents.toSorted((first, second) => sign * compare(first, second) || byName(first, second));
}

/** Returns the agents available on a channel, longest available first. */
export function availableOn(agents: readonly BoardAgent[], channel: string): BoardAgent[] {
  return sortAgents(
    agents.filter((agent) => isAvailableOn(agent, channel)),
    { column: `channel:${channel}`, descending: false },
  );
}
