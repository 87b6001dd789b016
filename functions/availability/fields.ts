import * as z from "zod";

import { parseTime } from "./time.ts";

/**
 * Fields as they really arrive from Freshdesk: any of them may be absent, null, or of another type
 * than its page says. What cannot be understood is unknown, and unknown is absent; only what is
 * longer than we are willing to keep makes an event invalid.
 */

/** The longest text that is kept, in UTF-16 code units; an id and a channel's name are shorter. */
export const limits = { text: 256, id: 128, channelName: 64, channels: 20 } as const;

interface Refinement {
  addIssue(message: string): void;
}

function within(text: string, most: number, context: Refinement): string | undefined {
  if (text.length > most) {
    context.addIssue(`is ${text.length} characters long; at most ${most} are allowed`);
  }
  // A lone surrogate has no UTF-8 form: neither a hash nor DynamoDB could hold it.
  return text === "" ? undefined : text.toWellFormed();
}

function idIn(value: unknown): string | undefined {
  if (typeof value === "number") {
    return Number.isSafeInteger(value) ? String(value) : undefined;
  }
  return typeof value === "string" ? value : undefined;
}

/** Text of up to `most` characters. */
export const text = (most: number = limits.text) =>
  z
    .unknown()
    .optional()
    .transform((value, context) =>
      typeof value === "string" ? within(value, most, context) : undefined,
    );

/** An id: text, or a safe integer. A larger number has lost digits on its way and is nobody's id. */
export const id = z
  .unknown()
  .optional()
  .transform((value, context) => within(idIn(value) ?? "", limits.id, context));

/** An id on which identity hangs. */
export const requiredId = z
  .unknown()
  .optional()
  .transform((value, context) => {
    const known = within(idIn(value) ?? "", limits.id, context);
    if (known === undefined) {
      context.addIssue("is missing or no id; a non-empty string or a safe integer is allowed");
      return z.NEVER;
    }
    return known;
  });

/** A boolean. The documents also list "freshcaller" as a value, which says nothing. */
export const boolean = z
  .unknown()
  .optional()
  .transform((value) => {
    if (value === true || value === "true") {
      return true;
    }
    return value === false || value === "false" ? false : undefined;
  });

/** A time, as ISO 8601 UTC with milliseconds. */
export const time = z.unknown().optional().transform(parseTime);

/** An object, or nothing at all if it is none. */
export const objectOf = <Shape extends z.ZodRawShape>(shape: Shape) =>
  z.preprocess(
    (value) => (typeof value === "object" && !Array.isArray(value) ? (value ?? {}) : {}),
    z.object(shape),
  );

const unknowns = z.array(z.unknown());

/** A list, or an empty one if it is none. */
export const list = z
  .unknown()
  .optional()
  .transform((value) => unknowns.safeParse(value).data ?? []);
