import * as z from "zod";

import type { AvailabilityChange } from "./change.ts";
import { requiredId } from "./fields.ts";
import {
  type InvalidPayload,
  type Issue,
  issuesOf,
  createLengthCheck,
  timeIssues,
} from "./issues.ts";
import { kindOf } from "./item-kind.ts";
import { changeOf } from "./payload-change.ts";
import { payloadSchema } from "./payload-schema.ts";

const accountIdSchema = z.object({
  data: z.object({ agent_availability: z.object({ account_id: requiredId }) }),
});

/** Returns the account of an invalid payload, if it can be parsed. */
function parseAccountId(payload: unknown): string | undefined {
  return accountIdSchema.safeParse(payload).data?.data.agent_availability.account_id;
}

/** Returns an issue if the availability ID is the key of a `user:` or session item. No event may write such an item. */
function keyIssues({ availabilityId }: AvailabilityChange): Issue[] {
  return kindOf(availabilityId) === "availability"
    ? []
    : [{ path: "data.agent_availability.id", message: "must not begin with user: or session:" }];
}

/** A parsed payload, or its issues. */
export type ParsedPayload =
  | { readonly ok: true; readonly change: AvailabilityChange; readonly accountId: string }
  | InvalidPayload;

/**
 * Parses one payload of `onAgentAvailabilityUpdate`, as the FDK passes it to its handler. Never throws.
 *
 * Only `id`, `account_id`, `updated_at` and `channel_availability` of `data.agent_availability` are required,
 * and only stored values must be within the limits.
 *
 * @param receivedAt the hub's clock.
 */
export function parsePayload(payload: unknown, receivedAt: Date): ParsedPayload {
  const parsed = payloadSchema.safeParse(payload);
  if (!parsed.success) {
    return { ok: false, issues: issuesOf(parsed.error), accountId: parseAccountId(payload) };
  }
  const issues: Issue[] = [];
  const change = changeOf(parsed.data, createLengthCheck(issues));
  const { accountId, updatedAt } = change;
  issues.push(...keyIssues(change));
  issues.push(...timeIssues("data.agent_availability.updated_at", updatedAt, receivedAt));
  return issues.length > 0 ? { ok: false, issues, accountId } : { ok: true, change, accountId };
}
