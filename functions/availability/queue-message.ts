import type * as z from "zod";

import { issueMessage } from "./issue-message.ts";
import { issuesOf } from "./issues.ts";

/** A message that a function does not recognize. It goes to the dead-letter queue. */
class UnrecognizedMessageError extends Error {
  override readonly name = "UnrecognizedMessageError";
}

export function parseBody(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // The parser's error quotes the message, which may contain personal data.
    throw new UnrecognizedMessageError("the message must be JSON");
  }
}

/**
 * Parses a message, whose body `parseBody` has parsed.
 *
 * @throws UnrecognizedMessageError that names the invalid fields.
 */
export function parseQueueMessage<Schema extends z.ZodType>(
  parsedBody: unknown,
  schema: Schema,
): z.output<Schema> {
  const { data, error } = schema.safeParse(parsedBody, { error: issueMessage });
  if (error) {
    const issues = issuesOf(error).map(({ path, message }) => `${path} ${message}`);
    throw new UnrecognizedMessageError(`the message is not recognized: ${issues.join(", ")}`, {
      cause: error,
    });
  }
  return data;
}
