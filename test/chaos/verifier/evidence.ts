import type { ReceivedEvent } from "../../../local/sample-day/listener.ts";
import type { Delivery } from "../history.ts";
import type { StreamChange } from "../stream-reader.ts";

/** JSON that came from outside. */
export type Json = Readonly<Record<string, unknown>>;

/** All that was seen of an account, from outside. */
export interface Evidence {
  readonly accountId: string;
  readonly deliveries: readonly Delivery[];
  /** What the table's own stream says was written, in its order. */
  readonly changes: readonly StreamChange[];
  /** What lies in the table at the end. */
  readonly items: readonly Json[];
  /** What a rule's queue received, in the order in which it came. */
  readonly events: readonly ReceivedEvent[];
  /** Agents that an operator has forgotten, with the command for it. */
  readonly forgotten: ReadonlySet<string>;
  /** Agents whose item somebody deleted by hand. */
  readonly deleted: ReadonlySet<string>;
  /** IDs of events that were dead-lettered and published later, out of order. */
  readonly deadLettered: ReadonlySet<string>;
  /** Agents of which whole records were: of theirs nothing is said about the order. */
  readonly unordered: ReadonlySet<string>;
}

/** What is found to be wrong, in words. */
export type Findings = Record<"lost" | "invented" | "olderOnTop" | "outOfOrder", string[]>;

/** Times as the documents have them: ISO 8601 UTC with milliseconds. */
export const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** What is no object is an empty one. */
export function object(value: unknown): Json {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

/** Without what JSON cannot say. */
export function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

/** To order an agent's writes and events by: first the epoch, then the version. */
export type Place = readonly [epoch: number, version: number];

/** Where an item stands in the order of its agent. */
export const placeOf = (item: Json): Place => [Number(item["epoch"]), Number(item["version"])];

/** Whether the one came before the other. */
export const isBefore = (first: Place, second: Place): boolean =>
  first[0] < second[0] || (first[0] === second[0] && first[1] < second[1]);

/** What is left of a forgotten agent. */
export const isTombstone = (item: Json | undefined): boolean => item?.["removedAt"] !== undefined;
