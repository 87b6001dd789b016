import * as z from "zod";

/** Returns the schema of a text setting. `allowed` completes the error "SETTING ...". */
export const text = (allowed: string, pattern: RegExp) => z.string(allowed).regex(pattern, allowed);

export function wholeNumber(minimum: number, maximum: number) {
  const allowed = `must be a whole number from ${minimum} to ${maximum}`;
  return z.int(allowed).min(minimum, allowed).max(maximum, allowed);
}

/** Any text that is not blank. */
export const nonEmptyText = text("must be a non-empty string", /\S/);

export const freshdeskAccountId = text(
  "must be a Freshdesk account ID: a string of digits",
  /^\d+$/,
);

/** An ARN. If the last word of `resource` is in capitals, it is a placeholder for any name. */
export function arn(service: string, resource: string) {
  const pattern = new RegExp(
    `^arn:aws[\\w-]*:${service}:[a-z0-9-]+:\\d{12}:${resource.replace(/[A-Z]+$/, ".+")}$`,
  );
  return text(`must be an ARN such as arn:aws:${service}:REGION:ACCOUNT:${resource}`, pattern);
}
