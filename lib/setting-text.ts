import * as z from "zod";

/** Returns the schema of a text setting. `allowed` completes the error "SETTING ...". */
export const text = (allowed: string, pattern: RegExp) => z.string(allowed).regex(pattern, allowed);

/** Any text that is not blank. */
export const nonEmpty = text("must be a non-empty string", /\S/);

/** The ID of a Freshdesk account. */
export const freshdeskAccountId = text(
  "must be a Freshdesk account ID: a string of digits",
  /^\d+$/,
);
