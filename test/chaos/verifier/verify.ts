import { agentDifferences } from "../../../local/sample-day/differences.ts";
import { joinedAgents } from "../../../local/sample-day/expected-agents.ts";
import type { Delivery } from "../delivery.ts";
import { type Evidence, isTombstone, type Json, type Violations } from "./evidence.ts";
import { expectedEventsOf } from "./expected-events.ts";
import { verifyEvents } from "./published-events.ts";
import { verifyResponses } from "./responses.ts";
import { verifyDeleted, verifyForgotten } from "./removals.ts";
import { type SentPayloads, verifyChain, verifyItems } from "./table-writes.ts";

/** The violations that were found; all lists are empty if the hub kept its guarantees. */
export interface Verification extends Readonly<Record<keyof Violations, readonly string[]>> {
  /** Number of changes that were written. */
  readonly applied: number;
}

function payloadsIn(deliveries: readonly Delivery[]): SentPayloads {
  return new Map(
    deliveries.flatMap(({ id, isBatch, payloads }) =>
      payloads.map((payload, index): [string, object] => [
        isBatch ? `${id}#${index}` : id,
        payload,
      ]),
    ),
  );
}

/**
 * Verifies the hub against its public documentation. Shares no code with the hub: agreement proves something
 * only if neither side copied from the other.
 */
export function verify(evidence: Evidence): Verification {
  const { changes, deliveries, items, agents } = evidence;
  const violations: Violations = { lost: [], unexpected: [], regressed: [], outOfOrder: [] };
  const payloads = payloadsIn(deliveries);
  const chains = Map.groupBy(changes, ({ agent }) => agent);
  for (const chain of chains.values()) {
    verifyChain(chain, { evidence, payloads }, violations);
  }
  const states = new Map(
    [...chains].map(([agent, chain]): [string, Json[]] => [
      agent,
      chain.flatMap(({ after }): Json[] => (after ? [after] : [])),
    ]),
  );
  verifyForgotten(evidence.forgottenKeys, chains, violations);
  verifyDeleted(evidence, violations);
  verifyResponses(evidence, states, violations);
  verifyItems(items, chains, violations);
  const live = items.filter((item) => !isTombstone(item));
  violations.unexpected.push(...agentDifferences("the lookup", joinedAgents(live), agents));
  verifyEvents(evidence, new Map(changes.flatMap(expectedEventsOf)), violations);
  const applied = changes.filter(({ after }) => after && !isTombstone(after)).length;
  return { applied, ...violations };
}
