import type { AuditEntry } from "./audit-log.ts";
import type { CommandError } from "./command-error.ts";

/** The recorded reason of an `agent forget` that found no agent. */
const NOT_FOUND = "CommandError" satisfies CommandError["name"];

const keyOf = (accountId = "", availabilityId = "") => JSON.stringify([accountId, availabilityId]);

/**
 * Returns whether an agent was forgotten after a state was received, by the audit log. A backup does not
 * know what was forgotten after it.
 *
 * An action without a recorded outcome counts, since it may have taken effect. So does a failed one, whose
 * response may have been lost. The only exception is a run that found no agent. A finished action counts
 * from its final entry, since the agent may have changed while it ran. A state received just after that is
 * kept out too, rather than letting in one that was forgotten.
 *
 * Times are CloudWatch Logs' times of receipt, since the state's time is by AWS's clock, too.
 */
export function forgottenAgents(entries: readonly AuditEntry[]) {
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
