import * as z from "zod";

import { requiredId } from "../availability/fields.ts";
import { parseBody, parseQueueMessage } from "../availability/queue-message.ts";

export const accountId = z.string().regex(/^\d{1,20}$/, "must be 1 to 20 digits");

const messageSchema = z.discriminatedUnion(
  "kind",
  [
    /** The schedule: send one `sweep` message per connected account. */
    z.object({ kind: z.literal("start") }),
    /** Compare all agents of an account. */
    z.object({ kind: z.literal("sweep"), accountId }),
    /** Compare one agent, because an event was missed. */
    z.object({
      kind: z.literal("agent"),
      accountId,
      availabilityId: requiredId,
      userId: requiredId,
    }),
  ],
  { error: ({ discriminator }) => (discriminator ? "must be start, sweep or agent" : undefined) },
);

export type Message = z.output<typeof messageSchema>;

/**
 * Parses the body of a message.
 *
 * @throws UnrecognizedMessageError
 */
export const parseMessage = (body: string): Message =>
  parseQueueMessage(parseBody(body), messageSchema);
