import { agentOf, compareWithItem } from "../../../local/sample-day/expected-item.ts";
import type { Attempt, Delivery, Result } from "../history.ts";
import type { Findings, Json } from "./evidence.ts";

/** What was written of each agent, in order. */
export type States = ReadonlyMap<string, readonly Json[]>;

const SAYS: Readonly<Record<string, (place: number) => boolean>> = {
  applied: (place) => place === 0,
  duplicate: (place) => place === 0,
  stale: (place) => place < 0,
};

/** Holds one answer of 200 against what was written: it names a stored version, and how it compares. */
function judge(
  payload: object,
  { outcome, version }: Result,
  states: readonly Json[],
): "right" | "lost" | "false" {
  const places = states.map((state) => ({
    version: state["version"],
    place: compareWithItem(payload, { ...state }),
  }));
  if (!places.some(({ place }) => place <= 0)) {
    return "lost";
  }
  const isSo = places.some((each) => each.version === version && SAYS[outcome]?.(each.place));
  return isSo ? "right" : "false";
}

function judgeAttempt(
  { id, payloads }: Delivery,
  { results }: Attempt,
  states: States,
  findings: Findings,
): void {
  for (const [index, payload] of payloads.entries()) {
    const agent = agentOf(payload);
    const result = results[index] ?? { outcome: "nothing", version: 0 };
    const judged = judge(payload, result, states.get(agent) ?? []);
    if (judged !== "right") {
      const { outcome, version } = result;
      const said = `${id} was answered ${outcome}, version ${version} of agent ${agent}`;
      findings[judged === "lost" ? "lost" : "invented"].push(said);
    }
  }
}

/** After these answers the relay drops what it sent. */
const DROPPED = new Set([400, 404, 413]);

/** Judges every answer: what was answered 200 is accounted for, and nothing valid is refused for good. */
export function judgeAnswers(
  deliveries: readonly Delivery[],
  states: States,
  findings: Findings,
): void {
  for (const delivery of deliveries) {
    for (const attempt of delivery.attempts) {
      if (attempt.status === 200) {
        judgeAttempt(delivery, attempt, states, findings);
      }
      if (DROPPED.has(attempt.status)) {
        findings.lost.push(`${delivery.id} was answered ${attempt.status}: the relay drops it`);
      }
    }
  }
}
