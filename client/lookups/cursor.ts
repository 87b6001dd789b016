import type { PersonKeys } from "../../functions/availability/new-person.ts";
import { quote } from "./arguments.ts";
import type { Index } from "./by-key.ts";
import { LookupError } from "./lookup-error.ts";
import type { Item, Table } from "./table.ts";

/** The list that a cursor belongs to: it cannot continue another one. */
export interface ListKey {
  readonly accountId: string;
  /** @default - the table itself */
  readonly index?: Index | undefined;
}

/** A list: a partition of an index, and how its items become rows. */
export interface List<Row extends PersonKeys> extends ListKey {
  readonly index: Index;
  /** Returns the rows of the items; an item may have none. */
  rowsOf(table: Table, items: readonly Item[]): Promise<readonly Row[]> | readonly Row[];
}

function attributesOf({ index }: ListKey): string[] {
  return ["availabilityId", ...(index ? [index.sortKey] : [])];
}

/** Returns the position after a key, as text that can be passed over HTTP. */
export function cursorOf(list: ListKey, key: Item): string {
  const { accountId, index } = list;
  const values = attributesOf(list).map((name) => key[name]?.S ?? "");
  return Buffer.from(JSON.stringify([accountId, index?.name ?? "", ...values])).toString(
    "base64url",
  );
}

function decode(cursor: unknown): unknown {
  try {
    return typeof cursor === "string"
      ? JSON.parse(Buffer.from(cursor, "base64url").toString())
      : undefined;
  } catch {
    return undefined;
  }
}

function invalidCursor(cursor: unknown): LookupError {
  return new LookupError(`cursor must be the cursor of an earlier page (got ${quote(cursor)})`);
}

function decodeTexts(cursor: unknown): readonly [string, string, ...string[]] {
  const texts = decode(cursor);
  if (Array.isArray(texts) && texts.every((text) => typeof text === "string")) {
    const [accountId, index, ...key] = texts;
    if (accountId && index !== undefined && key.length > 0 && key.every(Boolean)) {
      return [accountId, index, ...key];
    }
  }
  throw invalidCursor(cursor);
}

const describeList = (accountId: string, index: string) =>
  `${index === "" ? "all agents" : index} of account ${accountId}`;

/**
 * @returns the key to continue after.
 * @throws LookupError if the text is not a cursor, or belongs to another list.
 */
export function parseCursor(list: ListKey, cursor: unknown): Item {
  const [accountId, index, ...values] = decodeTexts(cursor);
  const expected = describeList(list.accountId, list.index?.name ?? "");
  const actual = describeList(accountId, index);
  if (actual !== expected) {
    throw new LookupError(
      `cursor must belong to the same list, ${expected} (got a cursor of ${quote(actual)})`,
    );
  }
  const names = attributesOf(list);
  if (names.length !== values.length) {
    throw invalidCursor(cursor);
  }
  const entries = names.map((name, at) => [name, { S: values[at] ?? "" }] as const);
  return { accountId: { S: accountId }, ...Object.fromEntries(entries) };
}
