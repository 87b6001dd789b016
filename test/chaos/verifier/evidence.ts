import type { ExpectedAgent } from "../../../local/sample-day/expected-agents.ts";
import type { ReceivedEvent } from "../../../local/sample-day/listener.ts";
import type { Delivery } from "../delivery.ts";
import type { StreamChange } from "../stream-reader.ts";

/** A JSON object of unknown content. */
export type Json = Readonly<Record<string, unknown>>;

/** Effects of operator actions and faults that the verifier has to allow. */
export interface Interventions {
  /** Keys of the items that were forgotten with `agent forget`. */
  readonly forgottenKeys: Set<string>;
  /** Agents whose item was deleted manually. */
  readonly deletedAgents: Set<string>;
  /** IDs of events that were dead-lettered and published later, out of order. */
  readonly deadLetteredEventIds: Set<string>;
  /** Agents with dead-lettered records. The order of their events is not verified. */
  readonly unorderedAgents: Set<string>;
}

/** Everything that was sent to the hub and observed from outside for one account. */
export interface Evidence extends Readonly<Interventions> {
  readonly accountId: string;
  /** Whether availability events, and not agent updates, contain the availability for tickets. */
  readonly hasCustomStatuses: boolean;
  readonly deliveries: readonly Delivery[];
  /** All writes to the table, from its stream, in order. */
  readonly changes: readonly StreamChange[];
  /** The items in the table at the end. */
  readonly items: readonly Json[];
  /** The agents that a lookup of the whole account returns at the end. */
  readonly agents: readonly ExpectedAgent[];
  /** The events that a rule's queue received, in the order of their arrival. */
  readonly events: readonly ReceivedEvent[];
}

/** Descriptions of violated guarantees. */
export interface Violations {
  /** Changes, items and events that are missing. */
  readonly lost: string[];
  /** Writes, items, events and responses that do not result from a delivery. */
  readonly unexpected: string[];
  /** Writes that are not newer than the item that they replaced. */
  readonly regressed: string[];
  /** Events that arrived before those of an older version of the agent. */
  readonly outOfOrder: string[];
}

/** ISO 8601 in UTC with milliseconds. */
export const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** Returns a value's properties, or an empty object if it is not an object. */
export function asObject(value: unknown): Json {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

/** Removes everything that JSON cannot represent, such as `undefined`. */
export function toJsonValue(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

/** The position of a write or event in the order of its agent. */
export type Position = readonly [epoch: number, version: number];

export const positionOf = (item: Json): Position => [
  Number(item["epoch"]),
  Number(item["version"]),
];

/** Returns whether one position precedes another. */
export const isBefore = (first: Position, second: Position): boolean =>
  first[0] < second[0] || (first[0] === second[0] && first[1] < second[1]);

export const isTombstone = (item: Json | undefined): boolean => item?.["removedAt"] !== undefined;
