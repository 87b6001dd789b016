import type * as z from "zod";

import { issuesOf } from "./issues.ts";

/** A message that a function does not recognize. It goes to the dead-letter queue. */
class UnrecognizedMessageError extends Error {
  override readonly name = "UnrecognizedMessageError";
}

/** Returns the text of an issue whose schema has none. Never quotes a value, which may be personal data. */
const textOf: z.core.$ZodErrorMap = (issue) => {
  if (issue.code === "invalid_type") {
    return `must be of type ${issue.expected}`;
  }
  return issue.code === "invalid_value" ? `must be ${issue.values.join(" or ")}` : undefined;
};

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // The parser's error quotes the message, which may contain personal data.
    throw new UnrecognizedMessageError("the message must be JSON");
  }
}

/**
 * Parses the body of a message.
 *
 * @throws UnrecognizedMessageError that names the invalid fields.
 */
export function parseQueueMessage<Schema extends z.ZodType>(
  body: string,
  schema: Schema,
): z.output<Schema> {
  const { data, error } = schema.safeParse(parseJson(body), { error: textOf });
  if (error) {
    const issues = issuesOf(error).map(({ path, message }) => `${path} ${message}`);
    throw new UnrecognizedMessageError(`the message is not recognized: ${issues.join(", ")}`, {
      cause: error,
    });
  }
  return data;
}
