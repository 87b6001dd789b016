import type { AttributeValue } from "@aws-sdk/client-dynamodb";

import { LookupError } from "./lookup-error.ts";

type Key = Record<string, AttributeValue>;

/** What a cursor belongs to: it continues this question and no other. */
export interface Question {
  readonly accountId: string;
  /** The index; none for the table itself. */
  readonly index?: string | undefined;
}

function textsIn(key: Key, names: readonly string[]): string[] {
  return names.map((name) => key[name]?.S ?? "");
}

function namesOf(question: Question, sortKey: string | undefined): string[] {
  return ["availabilityId", ...(question.index === undefined || !sortKey ? [] : [sortKey])];
}

/** Where a list goes on, as text that can be handed over HTTP. */
export function cursorOf(question: Question, key: Key, sortKey?: string): string {
  const texts = [
    question.accountId,
    question.index ?? "",
    ...textsIn(key, namesOf(question, sortKey)),
  ];
  return Buffer.from(JSON.stringify(texts)).toString("base64url");
}

function parsed(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, "base64url").toString());
  } catch {
    return undefined;
  }
}

const isText = (value: unknown): value is string => typeof value === "string";

/**
 * The key that a cursor stands for.
 *
 * @throws LookupError for a cursor that is none, or of another question.
 */
export function keyIn(question: Question, cursor: string, sortKey?: string): Key {
  const texts = parsed(cursor);
  const names = namesOf(question, sortKey);
  if (!Array.isArray(texts) || !texts.every(isText) || texts.length !== names.length + 2) {
    throw new LookupError(
      `${JSON.stringify(cursor)} is no cursor: only one that a page came with is allowed`,
    );
  }
  const [accountId, index, ...values] = texts;
  if (accountId !== question.accountId || index !== (question.index ?? "")) {
    throw new LookupError(
      "the cursor belongs to another question: only one that a page of this same question came with is allowed",
    );
  }
  const entries = names.map((name, at) => [name, { S: values[at] ?? "" }] as const);
  return { accountId: { S: question.accountId }, ...Object.fromEntries(entries) };
}
