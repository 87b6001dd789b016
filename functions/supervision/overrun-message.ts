import * as z from "zod";

import { requiredId } from "../availability/fields.ts";
import type { DueTime } from "../availability/overrun.ts";
import type { AgentState } from "../availability/state.ts";

const time = z.iso.datetime({ precision: 3 });

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
    limitMinutes: z.int().positive(),
  }),
  attempt: z.int().positive(),
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

/** A message that this function does not recognize. It goes to the dead-letter queue. */
class UnrecognizedMessageError extends Error {
  override readonly name = "UnrecognizedMessageError";
}

/** Formats the message that a schedule sends at a due time. */
export function dueMessage(due: DueTime, attempt: number): string {
  return JSON.stringify({ kind: "due", due, attempt } satisfies OverrunMessage);
}

const objectSchema = z.looseObject({});

function parseObject(body: string): object {
  try {
    return objectSchema.parse(JSON.parse(body));
  } catch {
    return {};
  }
}

function parseInput(input: object): OverrunMessage {
  if ("MessageBody" in input) {
    return parseInput(parseObject(failedCallSchema.parse(input).MessageBody));
  }
  if ("kind" in input) {
    return dueSchema.parse(input);
  }
  const { accountId, agent, status } = changeSchema.parse(input).detail;
  return { kind: "change", agent: { accountId, availabilityId: agent.availabilityId, status } };
}

/**
 * Parses the body of a message.
 *
 * @throws UnrecognizedMessageError
 */
export function parseOverrunMessage(body: string): OverrunMessage {
  try {
    return parseInput(parseObject(body));
  } catch (error) {
    throw new UnrecognizedMessageError(
      "the message must be an Agent Availability Changed event or a due time",
      { cause: error },
    );
  }
}
