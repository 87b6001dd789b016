import * as z from "zod";

import { parseTime } from "./time.ts";

/**
 * Fields as they arrive from Freshdesk: any of them may be absent, null, or of a different type than documented. A
 * value that cannot be parsed is unknown, and an unknown value is absent.
 */

/** Maximum lengths of stored texts, in UTF-16 code units, and the maximum number of channels. */
export const limits = { text: 256, id: 128, channelName: 64, channels: 20 } as const;

/** Replaces lone surrogates, which have no UTF-8 form: neither a hash nor DynamoDB can hold one. */
function parseText(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value.toWellFormed() : undefined;
}

/** Parses an ID: text, or a safe integer. A larger number has lost digits in transit. */
export function parseId(value: unknown): string | undefined {
  return Number.isSafeInteger(value) ? String(value) : parseText(value);
}

/** Returns the message for a text that is too long to be stored, or `undefined` if it is not. */
export function tooLongMessage(value: string, max: number): string | undefined {
  return value.length > max
    ? `must be at most ${max} characters long (got ${value.length})`
    : undefined;
}

/** Returns the check that a list contains at most `max` elements. */
export function checkCount(max: number, elements: string) {
  return ({ length }: readonly unknown[], context: z.RefinementCtx) => {
    if (length > max) {
      context.addIssue(`must contain at most ${max} ${elements} (got ${length})`);
    }
  };
}

/** Any value, or none. */
export const anything = z.unknown().optional();

/** A text of any length. */
export const text = anything.transform(parseText);

/** An ID of any length. */
export const id = anything.transform(parseId);

/** An ID that identifies an account or an agent. */
export const requiredId = id.transform((value, context) => {
  const message =
    value === undefined
      ? "must be a non-empty string or a safe integer"
      : tooLongMessage(value, limits.id);
  if (value === undefined || message !== undefined) {
    context.addIssue(message ?? "");
    return z.NEVER;
  }
  return value;
});

/** A boolean. The documentation also lists "freshcaller" as a value, which is unknown. */
export const boolean = anything.transform((value) => {
  if (value === true || value === "true") {
    return true;
  }
  return value === false || value === "false" ? false : undefined;
});

/** A time, as ISO 8601 UTC with milliseconds. */
export const time = anything.transform(parseTime);

/** An object; anything else is read as an empty one. */
export const objectOf = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.preprocess(
    (value) => (typeof value === "object" && !Array.isArray(value) ? (value ?? {}) : {}),
    z.object(shape),
  );

const unknownList = z.array(z.unknown());

/** A list; anything else is read as an empty one. */
export const list = anything.transform((value) => unknownList.safeParse(value).data ?? []);
