import type { AuditEntry } from "./audit-log.ts";
import type { CommandError } from "./command-error.ts";

/** The recorded reason of an `agent forget` that found no agent. */
const NOT_FOUND = "CommandError" satisfies CommandError["name"];

const keyOf = (accountId = "", availabilityId = "") => JSON.stringify([accountId, availabilityId]);

/**
 * Creates the function that returns whether the audit log shows that an agent was forgotten after a state was
 * received. A backup cannot contain later tombstones.
 *
 * An action without a recorded outcome counts, since it may have taken effect. So does a failed one, whose
 * response may have been lost. The only exception is a run that found no agent. A finished action counts from
 * its final entry, since the agent may have changed while it ran. A state received between the removal and that
 * entry counts as forgotten too.
 *
 * Times are those at which CloudWatch Logs received the entries, since the state's time is also from the AWS
 * clock.
 */
export function createForgottenCheck(entries: readonly AuditEntry[]) {
  const withoutEffect = new Set(
    entries.flatMap(({ id, outcome, reason }) =>
      outcome === "failed" && reason === NOT_FOUND ? [id] : [],
    ),
  );
  const times = new Map<string, string>();
  for (const { id, recordedAt, accountId, availabilityId } of entries) {
    if (!withoutEffect.has(id)) {
      const key = keyOf(accountId, availabilityId);
      const last = times.get(key) ?? "";
      times.set(key, last > recordedAt ? last : recordedAt);
    }
  }
  return (agent: {
    readonly accountId: string;
    readonly availabilityId: string;
    readonly receivedAt: string;
  }): boolean => (times.get(keyOf(agent.accountId, agent.availabilityId)) ?? "") > agent.receivedAt;
}
