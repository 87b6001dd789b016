import * as z from "zod";

import type { AvailabilityChange } from "./change.ts";
import { limits, requiredId, tooLong } from "./fields.ts";
import { changeOf } from "./payload-change.ts";
import { payloadSchema } from "./payload-schema.ts";

/** What is wrong with a payload, and where: `data.agent_availability.updated_at`. Never quotes a value. */
export interface Issue {
  readonly path: string;
  readonly message: string;
}

const MIN_TIME = "2010";
const MAX_AHEAD_MS = 15 * 60_000;

function timeIssues({ updatedAt }: AvailabilityChange, receivedAt: Date): Issue[] {
  const path = "data.agent_availability.updated_at";
  if (updatedAt < MIN_TIME) {
    return [{ path, message: `must be in ${MIN_TIME} or later` }];
  }
  return Date.parse(updatedAt) > receivedAt.getTime() + MAX_AHEAD_MS
    ? [{ path, message: "must be at most 15 minutes in the future" }]
    : [];
}

const accountIdSchema = z.object({
  data: z.object({ agent_availability: z.object({ account_id: requiredId }) }),
});

/** Returns the account of an invalid payload, if it can be read. */
function accountIdIn(payload: unknown): string | undefined {
  return accountIdSchema.safeParse(payload).data?.data.agent_availability.account_id;
}

function issuesOf(error: z.ZodError): Issue[] {
  return error.issues.map(({ path, message }) => ({
    path: path.length === 0 ? "body" : path.join("."),
    message,
  }));
}

/** A parsed payload, or what is wrong with it. `accountId` is given whenever it can be read. */
export type ParsedPayload =
  | { readonly ok: true; readonly change: AvailabilityChange; readonly accountId: string }
  | {
      readonly ok: false;
      readonly issues: readonly Issue[];
      readonly accountId?: string | undefined;
    };

/**
 * Parses one payload of `onAgentAvailabilityUpdate`, as the FDK passes it to its handler. Never throws.
 *
 * Only `id`, `account_id`, `updated_at` and `channel_availability` of `data.agent_availability` are required,
 * and only what is stored must be within the limits.
 *
 * @param receivedAt the hub's clock. An event from the future would make every later event stale.
 */
export function parsePayload(payload: unknown, receivedAt: Date): ParsedPayload {
  const parsed = payloadSchema.safeParse(payload);
  if (!parsed.success) {
    return { ok: false, issues: issuesOf(parsed.error), accountId: accountIdIn(payload) };
  }
  const issues: Issue[] = [];
  const change = changeOf(parsed.data, (path, value, max = limits.text) => {
    const message = value === undefined ? undefined : tooLong(value, max);
    if (message !== undefined) {
      issues.push({ path, message });
    }
    return value;
  });
  issues.push(...timeIssues(change, receivedAt));
  return issues.length > 0
    ? { ok: false, issues, accountId: change.accountId }
    : { ok: true, change, accountId: change.accountId };
}
