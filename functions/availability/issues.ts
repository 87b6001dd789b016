import * as z from "zod";

import { limits, requiredId, tooLongMessage } from "./fields.ts";

/** A problem in a payload, and its path such as `data.agent_availability.updated_at`. Never quotes a value. */
export interface Issue {
  readonly path: string;
  readonly message: string;
}

/** An invalid payload. `accountId` is present if it can be parsed. */
export interface InvalidPayload {
  readonly ok: false;
  readonly issues: readonly Issue[];
  readonly accountId?: string | undefined;
}

/** A parsed payload, or its issues. */
export type Parsed<Content> =
  ({ readonly ok: true; readonly accountId: string } & Readonly<Content>) | InvalidPayload;

/** Creates a function that returns a value that is about to be stored, and records an issue if it is too long. */
export function createLengthCheck(issues: Issue[]) {
  return (path: string, value: string | undefined, max: number = limits.text) => {
    const message = value === undefined ? undefined : tooLongMessage(value, max);
    if (message !== undefined) {
      issues.push({ path, message });
    }
    return value;
  };
}

export type CheckLength = ReturnType<typeof createLengthCheck>;

/** Returns the issues that a schema found. */
export function issuesOf(error: z.ZodError): Issue[] {
  return error.issues.map(({ path, message }) => ({
    path: path.length === 0 ? "body" : path.join("."),
    message,
  }));
}

/** Returns the result for an invalid payload. `subject` is the part of its data that contains the account ID. */
export function invalidPayload(
  error: z.ZodError,
  payload: unknown,
  subject: "agent" | "agent_availability",
): InvalidPayload {
  const accountSchema = z.object({ account_id: requiredId });
  const { data } = z.object({ data: z.object({ [subject]: accountSchema }) }).safeParse(payload);
  return { ok: false, issues: issuesOf(error), accountId: data?.data[subject]?.account_id };
}

const MIN_TIME = "2010";
const MAX_AHEAD_MS = 15 * 60_000;

/**
 * Returns the issues of the time that orders an event. An event from the future would make every later event
 * stale.
 *
 * @param time ISO 8601 UTC.
 * @param receivedAt the hub's clock.
 */
export function timeIssues(path: string, time: string, receivedAt: Date): Issue[] {
  if (time < MIN_TIME) {
    return [{ path, message: `must be in ${MIN_TIME} or later` }];
  }
  return Date.parse(time) > receivedAt.getTime() + MAX_AHEAD_MS
    ? [{ path, message: "must be at most 15 minutes in the future" }]
    : [];
}
