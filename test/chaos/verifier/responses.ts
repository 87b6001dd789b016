import { agentOf, compareWithItem } from "../../../local/sample-day/expected-item.ts";
import type { Attempt, Delivery, Result } from "../delivery.ts";
import type { Json, Violations } from "./evidence.ts";

/** The states that were written for each agent, in order. */
export type States = ReadonlyMap<string, readonly Json[]>;

/** For each outcome, whether it is correct for a payload that compares so with the named version. */
const IS_CORRECT: Readonly<Record<string, (comparison: number) => boolean>> = {
  applied: (comparison) => comparison === 0,
  duplicate: (comparison) => comparison === 0,
  stale: (comparison) => comparison < 0,
};

/** Verifies one result: it must name a stored version and how the payload compares with it. */
function violationOf(
  payload: object,
  { outcome, version }: Result,
  states: readonly Json[],
): "lost" | "unexpected" | undefined {
  const comparisons = states.map((state) => ({
    version: state["version"],
    comparison: compareWithItem(payload, { ...state }),
  }));
  if (!comparisons.some(({ comparison }) => comparison <= 0)) {
    return "lost";
  }
  const isCorrect = comparisons.some(
    (each) => each.version === version && IS_CORRECT[outcome]?.(each.comparison),
  );
  return isCorrect ? undefined : "unexpected";
}

function verifyAttempt(
  { id, payloads }: Delivery,
  { results }: Attempt,
  states: States,
  violations: Violations,
): void {
  for (const [index, payload] of payloads.entries()) {
    const agent = agentOf(payload);
    const result = results[index] ?? { outcome: "missing", version: 0 };
    const violation = violationOf(payload, result, states.get(agent) ?? []);
    if (violation) {
      const { outcome, version } = result;
      violations[violation].push(
        `the response to ${id} was ${outcome}, version ${version} of agent ${agent}`,
      );
    }
  }
}

/** Statuses after which the relay drops an event. */
const DROPPED = new Set([400, 404, 413]);

/** Verifies that events with a 200 response are stored, and that no valid event was rejected permanently. */
export function verifyResponses(
  deliveries: readonly Delivery[],
  states: States,
  violations: Violations,
): void {
  for (const delivery of deliveries) {
    for (const attempt of delivery.attempts) {
      if (attempt.status === 200) {
        verifyAttempt(delivery, attempt, states, violations);
      }
      if (DROPPED.has(attempt.status)) {
        violations.lost.push(
          `the response to ${delivery.id} was ${attempt.status}, after which the relay drops it`,
        );
      }
    }
  }
}
