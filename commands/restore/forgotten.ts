import type { CommandError } from "../command-error.ts";
import type { Line } from "../operators-log.ts";

/** The reason on record of a forgetting that found nobody. */
const NOBODY_THERE = "CommandError" satisfies CommandError["name"];

const keyOf = (accountId = "", availabilityId = "") => JSON.stringify([accountId, availabilityId]);

/**
 * Who was forgotten, by the record of operators: a backup knows nothing of what was forgotten after it.
 *
 * A forgetting that was begun and of which no end is recorded counts: it may have been done. So does one
 * that failed, for AWS may have done what its answer was lost of, and who cannot read an item is told to
 * delete it; only where nobody was there, nothing was done. One that was done counts from its end, for the
 * agent may have changed between; a state of just after it, which may be a first-seen event, is kept out too
 * rather than one that was forgotten be let in.
 *
 * Times are those at which AWS took the lines, since a state's is by AWS's clock too.
 */
export function forgottenSince(lines: readonly Line[]) {
  const inVain = new Set(
    lines.flatMap(({ id, outcome, reason }) =>
      outcome === "failed" && reason === NOBODY_THERE ? [id] : [],
    ),
  );
  const times = new Map<string, string>();
  for (const { id, recordedAt, accountId, availabilityId } of lines) {
    if (!inVain.has(id)) {
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
