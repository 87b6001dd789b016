import { type KnownChannel, knownChannels } from "../../functions/availability/change.ts";
import { LookupError } from "./lookup-error.ts";

/** Whether the latest write has to be seen. Costs twice as much, and indexes cannot do it. */
export interface Consistency {
  /** @default false - an answer may be behind by what DynamoDB needs to copy a write, usually under a second */
  readonly consistent?: boolean | undefined;
}

/** How much of a list, and from where. */
export interface Paging {
  /**
   * The most that an iterator yields; of a page, how much is read for it, at most 1000.
   *
   * @default - an iterator yields all there is, a page is of 100
   */
  readonly limit?: number | undefined;
  /** Where an earlier page ended: its `cursor`. */
  readonly cursor?: string | undefined;
}

/** Who is available, and of them only those heard of lately. */
export interface AvailableOptions extends Paging {
  /**
   * Only agents whose last change was received within this many milliseconds, and who are still available
   * by what the table says. Reads each agent besides the index.
   *
   * @default - all whom the index has
   */
  readonly heardWithinMs?: number | undefined;
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

/** The most that one page may hold. */
export const LONGEST_PAGE = 1000;
const LONGEST_QUOTE = 80;

/** What was got, to be read in a sentence. */
export function quote(value: unknown): string {
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text;
}

/** Checks an id. */
export function anId(name: string, value: unknown): string {
  if (typeof value !== "string" || value === "") {
    throw new LookupError(`${quote(value)} is no ${name}: a non-empty string is allowed`);
  }
  return value;
}

/** Checks up to 100 ids, and leaves out those asked for twice. */
export function someIds(ids: unknown): string[] {
  if (!Array.isArray(ids)) {
    throw new LookupError(`${quote(ids)} is no list of availability ids: an array is allowed`);
  }
  if (ids.length > MOST_IDS) {
    throw new LookupError(`${ids.length} ids are too many: up to ${MOST_IDS} at once are allowed`);
  }
  return [...new Set(ids.map((id) => anId("availability id", id)))];
}

/** Checks an e-mail address as far as to tell it from another kind of id; in lower case, as it is stored. */
export function anEmail(email: unknown): string {
  if (typeof email !== "string" || !/^[^\s@]+@[^\s@]+$/.test(email)) {
    throw new LookupError(
      `${quote(email)} is no e-mail address: for example rachel@acme.com is allowed`,
    );
  }
  return email.toLowerCase();
}

/** Checks that a channel has an index. */
export function aChannel(channel: unknown): KnownChannel {
  const known = knownChannels.find((name) => name === channel);
  if (known === undefined) {
    throw new LookupError(
      `channel ${quote(channel)} has no index: ${knownChannels.join(", ")} are allowed; other channels are found in an agent's channels`,
    );
  }
  return known;
}

/** Checks the name of a stage, as the stack does. */
export function aStageName(stage: unknown): string {
  if (typeof stage !== "string" || !/^[a-z][a-z0-9-]{0,19}$/.test(stage)) {
    throw new LookupError(
      `stage ${quote(stage)} is no name: up to 20 lower-case letters, digits and hyphens are allowed, a letter first`,
    );
  }
  return stage;
}

/** Checks how many rows are wanted; without a limit, all. */
export function someRows(limit: number | undefined): number {
  if (limit === undefined) {
    return Number.POSITIVE_INFINITY;
  }
  if (!Number.isSafeInteger(limit) || limit < 1) {
    throw new LookupError(`${quote(limit)} is no limit: a whole number from 1 is allowed`);
  }
  return limit;
}

/** Checks the size of one page. */
export function aPage(limit: number): number {
  if (someRows(limit) > LONGEST_PAGE) {
    throw new LookupError(`${limit} is too large a page: up to ${LONGEST_PAGE} are allowed`);
  }
  return limit;
}

/** Checks a span of time. */
export function aSpan(milliseconds: number | undefined): number | undefined {
  if (milliseconds !== undefined && !(milliseconds > 0)) {
    throw new LookupError(
      `${quote(milliseconds)} is no heardWithinMs: a number of milliseconds above 0 is allowed`,
    );
  }
  return milliseconds;
}

/** Indexes are copies of the table: no answer from one can be certain to hold the latest write. */
export function notConsistent(ask: object): void {
  if ("consistent" in ask && ask.consistent === true) {
    throw new LookupError(
      "consistent is not allowed where an index answers; byAvailabilityId, byAvailabilityIds and all can be asked so",
    );
  }
}
