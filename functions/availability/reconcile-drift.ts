import type { AgentStatus, Channels } from "./change.ts";
import type { AgentSnapshot } from "./snapshot.ts";

/** The facts that a snapshot and an item can differ in. */
export type DriftedField = "status" | "since" | "tickets" | "loggedIn";

/** The facts of a snapshot that an item must adopt. */
export interface RepairedFacts {
  readonly status?: AgentStatus | undefined;
  readonly tickets?: { readonly available: boolean; readonly since: string } | undefined;
}

/** The facts of an item that a snapshot is compared with. */
interface ComparedFacts {
  readonly status?: AgentStatus | undefined;
  readonly channels: Channels;
}

/** The result of a comparison. */
export interface Drift {
  readonly fields: readonly DriftedField[];
  readonly facts: RepairedFacts;
}

/** Freshdesk's times are exact to the second. */
export const secondOf = (time: string): number => Math.floor(Date.parse(time) / 1000);

/** Returns the newest time at which a fact of the snapshot changed; `undefined` if it contains no time. */
export function newestTimeOf({ statusSince, ticketsSince }: AgentSnapshot): string | undefined {
  return [statusSince, ticketsSince]
    .filter((time) => time !== undefined)
    .toSorted()
    .at(-1);
}

/** Returns whether two times differ, to the second. An unknown time is not a difference. */
export function isOtherSecond(first: string | undefined, second: string | undefined): boolean {
  return first !== undefined && second !== undefined && secondOf(first) !== secondOf(second);
}

const noDrift: Drift = { fields: [], facts: {} };

function statusDrift(
  stored: AgentStatus | undefined,
  { statusId: id, statusSince: since }: AgentSnapshot,
  names: ReadonlyMap<string, string>,
): Drift {
  if (id === undefined || since === undefined) {
    return noDrift;
  }
  if (stored?.id !== id) {
    return { fields: ["status"], facts: { status: { id, name: names.get(id), since } } };
  }
  return isOtherSecond(stored.since, since)
    ? { fields: ["since"], facts: { status: { ...stored, since } } }
    : noDrift;
}

function ticketsDrift(channels: Channels, snapshot: AgentSnapshot): Drift {
  const { ticketsAvailable: available, ticketsSince: since } = snapshot;
  return available === undefined ||
    since === undefined ||
    available === channels["freshdesk"]?.available
    ? noDrift
    : { fields: ["tickets"], facts: { tickets: { available, since } } };
}

/**
 * Returns the differences between an item and a snapshot. A fact without a time in the snapshot is not compared.
 *
 * @param names status ID to name, which the API does not show.
 */
export function driftBetween(
  stored: ComparedFacts,
  snapshot: AgentSnapshot,
  names: ReadonlyMap<string, string>,
): Drift {
  const status = statusDrift(stored.status, snapshot, names);
  const tickets = ticketsDrift(stored.channels, snapshot);
  return {
    fields: [...status.fields, ...tickets.fields],
    facts: { ...status.facts, ...tickets.facts },
  };
}
