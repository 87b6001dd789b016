import * as z from "zod";

import { requiredId } from "../availability/fields.ts";

/** The ID of a Freshdesk account. */
export const accountId = z.string().regex(/^\d{1,20}$/);

/** A message of the queue. */
const messageSchema = z.discriminatedUnion("kind", [
  /** The schedule: send one `sweep` message per connected account. */
  z.object({ kind: z.literal("start") }),
  /** Compare all agents of an account. */
  z.object({ kind: z.literal("sweep"), accountId }),
  /** Compare one agent, because an event was missed. */
  z.object({ kind: z.literal("agent"), accountId, availabilityId: requiredId, userId: requiredId }),
]);

/** @see messageSchema */
export type Message = z.output<typeof messageSchema>;

/** A message that this function does not recognize. It goes to the dead-letter queue. */
class UnrecognizedMessageError extends Error {
  override readonly name = "UnrecognizedMessageError";
}

/**
 * Parses the body of a message.
 *
 * @throws UnrecognizedMessageError
 */
export function parseMessage(body: string): Message {
  try {
    return messageSchema.parse(JSON.parse(body));
  } catch {
    throw new UnrecognizedMessageError("the message must be a start, sweep or agent message");
  }
}
