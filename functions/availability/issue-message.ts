import type * as z from "zod";

function typeOf(value: unknown): string {
  if (value === undefined) {
    return "nothing";
  }
  if (value === null) {
    return "null";
  }
  return Array.isArray(value) ? "array" : typeof value;
}

/** Returns the message of an issue whose schema has none. Never quotes a value, which may be personal data. */
export const issueMessage: z.core.$ZodErrorMap = (issue) => {
  if (issue.code === "invalid_type") {
    return `must be of type ${issue.expected} (got ${typeOf(issue.input)})`;
  }
  if (issue.code === "too_small") {
    return `must be ${issue.inclusive === false ? "more than" : "at least"} ${issue.minimum}`;
  }
  return issue.code === "invalid_value" ? `must be ${issue.values.join(" or ")}` : undefined;
};
