import type { AttributeValue } from "@aws-sdk/client-dynamodb";

import type { Index } from "./by-key.ts";
import { LookupError } from "./lookup-error.ts";
import { quote } from "./questions.ts";

type Key = Record<string, AttributeValue>;

/** What a cursor belongs to: it continues this question and no other. */
export interface Question {
  readonly accountId: string;
  /** The index; none for the table itself. */
  readonly index?: Index | undefined;
}

function namesOf({ index }: Question): string[] {
  return ["availabilityId", ...(index ? [index.sortKey] : [])];
}

/** Where a list goes on, as text that can be handed over HTTP. */
export function cursorOf(question: Question, key: Key): string {
  const { accountId, index } = question;
  const texts = namesOf(question).map((name) => key[name]?.S ?? "");
  return Buffer.from(JSON.stringify([accountId, index?.name ?? "", ...texts])).toString(
    "base64url",
  );
}

function parsed(cursor: unknown): unknown {
  try {
    return typeof cursor === "string"
      ? JSON.parse(Buffer.from(cursor, "base64url").toString())
      : undefined;
  } catch {
    return undefined;
  }
}

const isText = (value: unknown): value is string => typeof value === "string";

function textsIn(cursor: unknown): readonly [string, string, ...string[]] {
  const texts = parsed(cursor);
  if (Array.isArray(texts) && texts.every(isText)) {
    const [accountId, index, ...key] = texts;
    if (accountId && index !== undefined && key.length > 0 && key.every(Boolean)) {
      return [accountId, index, ...key];
    }
  }
  throw new LookupError(`${quote(cursor)} is no cursor: only one that a page came with is allowed`);
}

const described = (accountId: string, index: string) =>
  `${index === "" ? "everybody" : index} of account ${accountId}`;

/**
 * The key that a cursor stands for.
 *
 * @throws LookupError for a cursor that is none, or of another question.
 */
export function keyIn(question: Question, cursor: unknown): Key {
  const [accountId, index, ...values] = textsIn(cursor);
  const asked = described(question.accountId, question.index?.name ?? "");
  if (described(accountId, index) !== asked) {
    throw new LookupError(
      `the cursor is of another question, ${quote(described(accountId, index))}: one of ${asked} is allowed`,
    );
  }
  const names = namesOf(question);
  if (names.length !== values.length) {
    throw new LookupError(
      `${quote(cursor)} is no cursor: only one that a page came with is allowed`,
    );
  }
  const entries = names.map((name, at) => [name, { S: values[at] ?? "" }] as const);
  return { accountId: { S: accountId }, ...Object.fromEntries(entries) };
}
