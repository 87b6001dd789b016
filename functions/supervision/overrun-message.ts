import * as z from "zod";

import { requiredId } from "../availability/fields.ts";
import type { DueTime } from "../availability/overrun.ts";
import { parseBody, parseQueueMessage } from "../availability/queue-message.ts";
import type { AgentState } from "../availability/state.ts";

const time = z.iso.datetime({
  precision: 3,
  error: "must be an ISO 8601 UTC time with milliseconds",
});

const positiveInteger = z.int().positive("must be a positive integer");

/** The message that the rule sends: an event that reports a change of status. */
const changeSchema = z.object({
  "detail-type": z.literal("Agent Availability Changed"),
  detail: z.object({
    accountId: z.string(),
    agent: z.object({ availabilityId: requiredId }),
    status: z
      .object({ id: z.string(), name: z.string().optional(), since: time.optional() })
      .optional(),
  }),
});

/** The message that a schedule sends. */
const dueSchema = z.object({
  kind: z.literal("due"),
  due: z.object({
    accountId: z.string(),
    availabilityId: requiredId,
    statusId: z.string(),
    since: time,
    limitMinutes: positiveInteger,
  }),
  attempt: positiveInteger,
});

/** The dead letter of a schedule. It contains the failed call. */
const failedCallSchema = z.object({ MessageBody: z.string() });

/** A status that an agent has entered, or a due time at which to check whether the agent is still in the status. */
export type OverrunMessage =
  | {
      readonly kind: "change";
      readonly agent: Pick<AgentState, "accountId" | "availabilityId" | "status">;
    }
  | { readonly kind: "due"; readonly due: DueTime; readonly attempt: number };

/** Formats the message that a schedule sends at a due time. */
export function dueMessage(due: DueTime, attempt: number): string {
  return JSON.stringify({ kind: "due", due, attempt } satisfies OverrunMessage);
}

const anyMessageSchema = z.looseObject({});

/**
 * Parses the body of a message.
 *
 * @throws UnrecognizedMessageError
 */
export function parseOverrunMessage(body: string): OverrunMessage {
  const message = parseQueueMessage(parseBody(body), anyMessageSchema);
  if ("MessageBody" in message) {
    return parseOverrunMessage(parseQueueMessage(message, failedCallSchema).MessageBody);
  }
  if ("kind" in message) {
    return parseQueueMessage(message, dueSchema);
  }
  const { accountId, agent, status } = parseQueueMessage(message, changeSchema).detail;
  return { kind: "change", agent: { accountId, availabilityId: agent.availabilityId, status } };
}
