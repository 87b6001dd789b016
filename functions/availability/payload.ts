import type { AvailabilityChange } from "./change.ts";
import {
  createLengthCheck,
  invalidPayload,
  type Issue,
  type Parsed,
  timeIssues,
} from "./issues.ts";
import { kindOf } from "./item-kind.ts";
import { changeOf } from "./payload-change.ts";
import { payloadSchema } from "./payload-schema.ts";

/** Returns an issue if the availability ID is the key of a `user:` or session item. No event may write such an item. */
function keyIssues({ availabilityId }: AvailabilityChange): Issue[] {
  return kindOf(availabilityId) === "availability"
    ? []
    : [{ path: "data.agent_availability.id", message: "must not begin with user: or session:" }];
}

/**
 * Parses one payload of `onAgentAvailabilityUpdate`, as the FDK passes it to its handler. Never throws.
 *
 * Only `id`, `account_id`, `updated_at` and `channel_availability` of `data.agent_availability` are required,
 * and only stored values must be within the limits.
 *
 * @param receivedAt the hub's clock.
 */
export function parsePayload(
  payload: unknown,
  receivedAt: Date,
): Parsed<{ change: AvailabilityChange }> {
  const parsed = payloadSchema.safeParse(payload);
  if (!parsed.success) {
    return invalidPayload(parsed.error, payload, "agent_availability");
  }
  const issues: Issue[] = [];
  const change = changeOf(parsed.data, createLengthCheck(issues));
  const { accountId, updatedAt } = change;
  issues.push(...keyIssues(change));
  issues.push(...timeIssues("data.agent_availability.updated_at", updatedAt, receivedAt));
  return issues.length > 0 ? { ok: false, issues, accountId } : { ok: true, change, accountId };
}
