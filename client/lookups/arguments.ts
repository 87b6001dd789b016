import { type KnownChannel, knownChannels } from "../../functions/availability/change.ts";
import { LookupError } from "./lookup-error.ts";

/** Whether the result must include the latest write. Costs twice as much; indexes do not support it. */
export interface Consistency {
  /** @default false - the result may miss writes of the last moment, usually under a second */
  readonly consistent?: boolean | undefined;
}

/** Options for reading one agent. */
export interface AgentOptions extends Consistency {
  /**
   * Returns the agent that the item belongs to, joined from all items of that person, with the effective
   * login state. The agent may have a newer availability item, with another availability ID. Indexes are
   * read in addition, never consistently.
   *
   * @default false - returns the item as it is stored
   */
  readonly joined?: boolean | undefined;
}

/** Selects a page of a list. */
export interface Paging {
  /**
   * The maximum number of rows; for a page at most 1000. A page of available agents reads that many items of
   * the index, and may have fewer rows.
   *
   * @default - an iterator yields all rows; a page has at most 100
   */
  readonly limit?: number | undefined;
  /** Continues after an earlier page: that page's `cursor`. */
  readonly cursor?: string | undefined;
}

/** Selects the available agents to return. */
export interface AvailableOptions extends Paging {
  /**
   * Returns only agents whose last event was received within this many milliseconds, and who are still
   * available according to the table. Reads each agent in addition to the index.
   *
   * @default - all agents in the index
   */
  readonly heardWithinMs?: number | undefined;
}

/** An agent who is available now. */
export interface AvailableAgent {
  readonly accountId: string;
  /** The key of the agent's item: an availability ID, or `user:` and the user ID. */
  readonly availabilityId: string;
  /** The agent's user ID in Freshdesk, once known. */
  readonly userId?: string | undefined;
  readonly channel: KnownChannel;
  /** The agent's ID in this channel, to route to. */
  readonly agentId?: string | undefined;
  /** ISO 8601 UTC. */
  readonly availableSince: string;
}

/** One page of a list. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  /** Continues after this page, now or in a later request; absent on the last page. */
  readonly cursor?: string | undefined;
}

/** DynamoDB accepts 100 keys in one BatchGetItem. */
const MAX_IDS = 100;

/** Longest partition and sort keys that DynamoDB accepts, in bytes of UTF-8. */
const MAX_ACCOUNT_ID_BYTES = 2048;
const MAX_KEY_BYTES = 1024;

export const MAX_PAGE_SIZE = 1000;

/** Items that are read for a page if the caller sets no limit. */
export const DEFAULT_PAGE_SIZE = 100;

const MAX_QUOTE_LENGTH = 80;

/** Formats a rejected value for an error message. */
export function quote(value: unknown): string {
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > MAX_QUOTE_LENGTH ? `${text.slice(0, MAX_QUOTE_LENGTH)}…` : text;
}

function mustBe(name: string, allowed: string, value: unknown): LookupError {
  return new LookupError(`${name} must be ${allowed} (got ${quote(value)})`);
}

const isTooLong = (text: string, maxBytes: number) => Buffer.byteLength(text) > maxBytes;

function parseText(name: string, value: unknown, maxBytes: number): string {
  if (typeof value !== "string" || value === "") {
    throw mustBe(name, "a non-empty string", value);
  }
  if (isTooLong(value, maxBytes)) {
    throw new LookupError(
      `${name} must be at most ${maxBytes} bytes long (got ${Buffer.byteLength(value)})`,
    );
  }
  return value;
}

export function parseAccountId(value: unknown): string {
  return parseText("accountId", value, MAX_ACCOUNT_ID_BYTES);
}

/** Parses the ID of an agent, of any kind. */
export function parseId(name: "availabilityId" | "agentId" | "userId", value: unknown): string {
  return parseText(name, value, MAX_KEY_BYTES);
}

/**
 * Parses up to 100 availability IDs, without repetitions. An ID that is too long for DynamoDB is left
 * out: no agent has it.
 */
export function parseAvailabilityIds(ids: unknown): { requested: string[]; valid: string[] } {
  if (!Array.isArray(ids)) {
    throw mustBe("availabilityIds", "an array", ids);
  }
  if (ids.length > MAX_IDS) {
    throw new LookupError(
      `availabilityIds must contain at most ${MAX_IDS} IDs (got ${ids.length})`,
    );
  }
  const requested = [
    ...new Set(
      ids.map((id, index) => parseText(`availabilityIds[${index}]`, id, Number.POSITIVE_INFINITY)),
    ),
  ];
  return { requested, valid: requested.filter((id) => !isTooLong(id, MAX_KEY_BYTES)) };
}

/** Parses an email address, in lower case as it is stored. Other kinds of IDs are rejected. */
export function parseEmail(email: unknown): string {
  const allowed = "email must be an email address such as rachel@acme.com";
  if (typeof email !== "string") {
    throw new LookupError(`${allowed} (got ${quote(email)})`);
  }
  if (!/^[^\s@]+@[^\s@]+$/.test(email)) {
    // The text can be personal data, such as a name.
    throw new LookupError(`${allowed} (got a text of ${email.length} characters)`);
  }
  return parseText("email", email.toLowerCase(), MAX_KEY_BYTES);
}

export function parseChannel(channel: unknown): KnownChannel {
  const known = knownChannels.find((name) => name === channel);
  if (known === undefined) {
    throw new LookupError(
      `channel must be one of ${knownChannels.join(", ")} (got ${quote(channel)}). Other channels have no index; read them from an agent's channels.`,
    );
  }
  return known;
}

/** Parses the name of a stage, with the same rule as the stack. */
export function parseStageName(stage: unknown): string {
  if (typeof stage !== "string" || !/^[a-z][a-z0-9-]{0,19}$/.test(stage)) {
    throw new LookupError(
      `stage must start with a lowercase letter and contain at most 20 lowercase letters, digits and hyphens (got ${quote(stage)})`,
    );
  }
  return stage;
}

/** Parses the maximum number of rows; without a limit, all. */
export function parseLimit(limit: number | undefined): number {
  if (limit === undefined) {
    return Number.POSITIVE_INFINITY;
  }
  if (!Number.isSafeInteger(limit) || limit < 1) {
    throw mustBe("limit", "a positive whole number", limit);
  }
  return limit;
}

export function parsePageLimit(limit: number): number {
  if (parseLimit(limit) > MAX_PAGE_SIZE) {
    throw mustBe("limit", `at most ${MAX_PAGE_SIZE} for one page`, limit);
  }
  return limit;
}

export function parseDuration(
  name: string,
  milliseconds: number | undefined,
  max = Number.POSITIVE_INFINITY,
): number | undefined {
  if (milliseconds !== undefined && !(milliseconds > 0 && milliseconds <= max)) {
    const allowed = max === Number.POSITIVE_INFINITY ? "" : ` up to ${max}`;
    throw mustBe(name, `a positive number of milliseconds${allowed}`, milliseconds);
  }
  return milliseconds;
}

/**
 * Rejects options that do not exist: a misspelled option would otherwise have no effect. Callers that
 * use JavaScript have no types that would find it.
 */
export function rejectUnknownOptions(options: unknown, allowed: readonly string[]): void {
  if (typeof options !== "object" || options === null) {
    throw mustBe("options", "an object", options);
  }
  const unknown = Object.keys(options).find((name) => !allowed.includes(name));
  if (unknown !== undefined) {
    throw new LookupError(
      `option ${quote(unknown)} does not exist; the options are ${allowed.join(", ")}`,
    );
  }
}

/** Rejects a consistent read of an index, which DynamoDB does not support. */
export function rejectConsistent(options: object): void {
  if ("consistent" in options && options.consistent === true) {
    throw new LookupError(
      "consistent cannot be used with an index; byAvailabilityId, byAvailabilityIds and all support it",
    );
  }
}
