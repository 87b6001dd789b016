import { type KnownChannel, knownChannels } from "../functions/availability/change.ts";
import { LookupError } from "./lookup-error.ts";

/** Whether the latest write has to be seen. Costs twice as much, and indexes cannot do it. */
export interface Consistency {
  /** @default false - an answer may be behind by what DynamoDB needs to copy a write, usually under a second */
  readonly consistent?: boolean | undefined;
}

/** How much of a list, and from where. */
export interface Paging {
  /**
   * The most that the iterator yields.
   *
   * @default - all there is
   */
  readonly limit?: number | undefined;
  /** Where an earlier page ended: its `cursor`. */
  readonly cursor?: string | undefined;
}

/** Who is available now. */
export interface AvailableAgent {
  readonly accountId: string;
  readonly availabilityId: string;
  readonly channel: KnownChannel;
  /** The agent's id in this channel, to route to. */
  readonly agentId?: string | undefined;
  /** ISO 8601 UTC. */
  readonly availableSince: string;
}

/** A part of a list. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  /** To go on after this page, now or in a later request; absent at the end. */
  readonly cursor?: string | undefined;
}

/** DynamoDB takes 100 keys in one BatchGetItem. */
const MOST_IDS = 100;

/** A page of a list when nothing else is asked for. */
const PAGE = 100;

function quote(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

/** Checks an id. */
export function anId(name: string, value: unknown): string {
  if (typeof value !== "string" || value === "") {
    throw new LookupError(`${quote(value)} is no ${name}: a non-empty string is allowed`);
  }
  return value;
}

/** Checks up to 100 ids, and leaves out those asked for twice. */
export function someIds(ids: readonly string[]): string[] {
  if (ids.length > MOST_IDS) {
    throw new LookupError(`${ids.length} ids are too many: up to ${MOST_IDS} at once are allowed`);
  }
  return [...new Set(ids.map((id) => anId("availability id", id)))];
}

/** Checks an e-mail address as far as to tell it from another kind of id; in lower case, as it is stored. */
export function anEmail(email: string): string {
  if (typeof email !== "string" || !/^[^\s@]+@[^\s@]+$/.test(email)) {
    throw new LookupError(
      `${quote(email)} is no e-mail address: for example rachel@acme.com is allowed`,
    );
  }
  return email.toLowerCase();
}

/** Checks that a channel has an index. */
export function aChannel(channel: string): KnownChannel {
  const known = knownChannels.find((name) => name === channel);
  if (known === undefined) {
    throw new LookupError(
      `channel ${quote(channel)} has no index: ${knownChannels.join(", ")} are allowed; other channels are found in an agent's channels`,
    );
  }
  return known;
}

/** Checks how many are wanted; `undefined` for all. */
export function aLimit(limit: number | undefined): number {
  if (limit === undefined) {
    return Number.POSITIVE_INFINITY;
  }
  if (!Number.isSafeInteger(limit) || limit < 1) {
    throw new LookupError(`${quote(limit)} is no limit: a whole number from 1 is allowed`);
  }
  return limit;
}

/** The size of one page, which a single Query may be asked for. */
export function aPageSize(limit: number | undefined): number {
  const size = limit === undefined ? PAGE : aLimit(limit);
  if (size > 1000) {
    throw new LookupError(`${size} is too large a page: up to 1000 are allowed`);
  }
  return size;
}
