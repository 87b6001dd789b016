import type { Line } from "../operators-log.ts";

const keyOf = (accountId = "", availabilityId = "") => JSON.stringify([accountId, availabilityId]);

/**
 * Who was forgotten, by the record of operators: a backup knows nothing of what was forgotten after it.
 *
 * A forgetting that was begun and of which no end is recorded counts: it may have been done.
 */
export function forgottenSince(lines: readonly Line[]) {
  const failed = new Set(lines.flatMap(({ id, outcome }) => (outcome === "failed" ? [id] : [])));
  const times = new Map<string, string>();
  for (const { id, outcome, at, accountId, availabilityId } of lines) {
    if (outcome === "begun" && !failed.has(id)) {
      const key = keyOf(accountId, availabilityId);
      times.set(key, [times.get(key) ?? "", at].toSorted().at(-1) ?? at);
    }
  }
  return (agent: {
    readonly accountId: string;
    readonly availabilityId: string;
    readonly receivedAt: string;
  }): boolean => (times.get(keyOf(agent.accountId, agent.availabilityId)) ?? "") > agent.receivedAt;
}
