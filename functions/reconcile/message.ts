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

/** A message that this function does not know. It goes to the dead-letter queue. */
class UnknownMessageError extends Error {
  override readonly name = "UnknownMessageError";
}

/**
 * Parses the body of a message.
 *
 * @throws UnknownMessageError
 */
export function parseMessage(body: string): Message {
  try {
    return messageSchema.parse(JSON.parse(body));
  } catch {
    throw new UnknownMessageError("the message is not one that reconcile knows");
  }
}
