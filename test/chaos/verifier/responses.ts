import { agentEventIn } from "../../../local/sample-day/expected-agent-event.ts";
import type { Attempt, Delivery, Result } from "../delivery.ts";
import type { Evidence, Json, Violations } from "./evidence.ts";
import { isDeletion, type PossibleWrite, possibleWritesOf, removalBy } from "./possible-writes.ts";

/** The states that were written for each agent, in order. */
export type States = ReadonlyMap<string, readonly Json[]>;

/** For each outcome, whether it is correct, by the comparison of the payload with the named version. */
const correctnessChecks: Readonly<Record<string, (comparison: number) => boolean>> = {
  applied: (comparison) => comparison === 0,
  duplicate: (comparison) => comparison === 0,
  stale: (comparison) => comparison < 0,
};

interface Comparison {
  readonly version: unknown;
  readonly comparison: number;
}

function comparisonsOf({ key, compare }: PossibleWrite, states: States): Comparison[] {
  return (states.get(key) ?? []).map((state) => ({
    version: state["version"],
    comparison: compare(state),
  }));
}

/** Returns the comparisons of a deletion with the availability items that it may have removed. */
function removedBy(payload: object, states: States): Comparison[] {
  const keys = isDeletion(payload) ? [...states.keys()].filter((key) => !key.includes(":")) : [];
  return keys
    .flatMap((key) => comparisonsOf(removalBy(agentEventIn(payload), key), states))
    .filter(({ comparison }) => comparison === 0);
}

/** Verifies one result: it must name a stored version of a written item and how the payload compares with it. */
function violationOf(
  payload: object,
  writes: readonly PossibleWrite[],
  { outcome, version }: Result,
  states: States,
): "lost" | "unexpected" | undefined {
  if (writes.length === 0) {
    return outcome === "duplicate" && version === 0 ? undefined : "unexpected";
  }
  const byWrite = writes.map((write) => comparisonsOf(write, states));
  if (!byWrite.every((ofItem) => ofItem.some(({ comparison }) => comparison <= 0))) {
    return "lost";
  }
  const isCorrect = [...byWrite.flat(), ...removedBy(payload, states)].some(
    (each) => each.version === version && correctnessChecks[outcome]?.(each.comparison),
  );
  return isCorrect ? undefined : "unexpected";
}

/** The stored state that the responses of an account are verified against. */
interface StoredState {
  readonly states: States;
  readonly hasCustomStatuses: boolean;
}

function verifyAttempt(
  { id, payloads }: Delivery,
  { results }: Attempt,
  { states, hasCustomStatuses }: StoredState,
  violations: Violations,
): void {
  for (const [index, payload] of payloads.entries()) {
    const writes = possibleWritesOf(payload, hasCustomStatuses);
    const result = results[index] ?? { outcome: "missing", version: 0 };
    const violation = violationOf(payload, writes, result, states);
    if (violation) {
      const { outcome, version } = result;
      const agent = writes.map(({ key }) => key).join(" and ");
      violations[violation].push(
        `the response to ${id} was ${outcome}, version ${version} of agent ${agent}`,
      );
    }
  }
}

/** Statuses after which the relay drops an event. */
const FINAL_STATUSES = new Set([400, 404, 413]);

/** Verifies that events with a 200 response are stored, and that no valid event was rejected permanently. */
export function verifyResponses(
  { deliveries, hasCustomStatuses }: Pick<Evidence, "deliveries" | "hasCustomStatuses">,
  states: States,
  violations: Violations,
): void {
  for (const delivery of deliveries) {
    for (const attempt of delivery.attempts) {
      if (attempt.status === 200) {
        verifyAttempt(delivery, attempt, { states, hasCustomStatuses }, violations);
      }
      if (FINAL_STATUSES.has(attempt.status)) {
        violations.lost.push(
          `the response to ${delivery.id} was ${attempt.status}, after which the relay drops it`,
        );
      }
    }
  }
}
