import type { Delivery } from "../history.ts";
import { judgeAnswers } from "./answers.ts";
import { type Evidence, type Findings, isTombstone, type Json } from "./evidence.ts";
import { judgeEvents } from "./events.ts";
import { eventsFor } from "./expected.ts";
import { judgeChain, judgeForgotten, judgeItems, type Sent } from "./writes.ts";

/**
 * Judges the hub by its public documents alone. Shares no code with it: what the two agree on is worth
 * something only if neither copied from the other.
 */

/** What is wrong, in words; nothing of it if the hub kept its promises. */
export interface Verdict extends Readonly<Record<keyof Findings, readonly string[]>> {
  /** How many changes were written. */
  readonly applied: number;
}

function sentBy(deliveries: readonly Delivery[]): Sent {
  return new Map(
    deliveries.flatMap(({ id, isList, payloads }) =>
      payloads.map((payload, index): [string, object] => [isList ? `${id}#${index}` : id, payload]),
    ),
  );
}

/** Compares what was seen with what must be. */
export function verdictOn(evidence: Evidence): Verdict {
  const { changes, deliveries, items } = evidence;
  const findings: Findings = { lost: [], invented: [], olderOnTop: [], outOfOrder: [] };
  const sent = sentBy(deliveries);
  const chains = Map.groupBy(changes, ({ agent }) => agent);
  for (const chain of chains.values()) {
    judgeChain(chain, sent, evidence, findings);
  }
  const states = new Map(
    [...chains].map(([agent, chain]): [string, Json[]] => [
      agent,
      chain.flatMap(({ after }): Json[] => (after ? [after] : [])),
    ]),
  );
  judgeForgotten(evidence.forgotten, chains, findings);
  judgeAnswers(deliveries, states, findings);
  judgeItems(items, chains, findings);
  judgeEvents(evidence, new Map(changes.flatMap(eventsFor)), findings);
  const applied = changes.filter(({ after }) => after && !isTombstone(after)).length;
  return { applied, ...findings };
}
