import type { FreshdeskAgent } from "../../../local/freshdesk-api/state.ts";
import { differencesFromFreshdesk } from "../../../local/freshdesk-api/shown-facts.ts";
import { agentDifferences } from "../../../local/sample-day/differences.ts";
import { joinedAgents } from "../../../local/sample-day/expected-agents.ts";
import type { StreamChange } from "../stream-reader.ts";
import {
  type Evidence,
  isBefore,
  isTombstone,
  type Json,
  asObject,
  toJsonValue,
  positionOf,
  type Violations,
} from "./evidence.ts";
import { expectedEventsOf } from "./expected-events.ts";
import { verifyEvents } from "./published-events.ts";
import { verifyItems } from "./table-writes.ts";
import type { Verification } from "./verify.ts";

/** The agents in Freshdesk, and the differences found earlier in the scenario. */
export interface ShownState {
  readonly agents: readonly FreshdeskAgent[];
  readonly earlierDifferences: readonly string[];
}

/** The attributes that a sweep may change without counting a version. */
const NOT_COUNTED = ["userId", "reconciledAt", "reportedPrevious"] as const;

function countedContent(item: Json): unknown {
  return toJsonValue({
    ...item,
    ...Object.fromEntries(NOT_COUNTED.map((name) => [name, undefined])),
  });
}

/** Returns whether a write changes nothing that is counted and published. */
const isQuiet = ({ before, after }: StreamChange) =>
  before !== undefined &&
  after !== undefined &&
  JSON.stringify(countedContent(before)) === JSON.stringify(countedContent(after));

const sinceIn = (item: Json) => Date.parse(String(asObject(item["status"])["since"]));

/** Verifies that the writes of an item increase the version, and that no older status replaces a newer one. */
function verifyOrder(chain: readonly StreamChange[], violations: Violations): void {
  for (const { agent, before, after } of chain) {
    if (before === undefined || after === undefined) {
      continue;
    }
    if (!isBefore(positionOf(before), positionOf(after))) {
      violations.regressed.push(
        `agent ${agent} changed from epoch and version ${positionOf(before).join()} to ${positionOf(after).join()}`,
      );
    }
    if (!isTombstone(before) && !isTombstone(after) && sinceIn(after) < sinceIn(before)) {
      violations.regressed.push(
        `an older status replaced a newer one of agent ${agent}: ${JSON.stringify(after)}`,
      );
    }
  }
}

/** Verifies that the login state of each person is the one that Freshdesk shows. */
function loginDifferences({ agents: found }: Evidence, { agents }: ShownState): string[] {
  const byUserId = new Map(found.map((agent) => [agent.userId, agent]));
  return agents.flatMap(({ userId, loggedIn }) => {
    const stored = byUserId.get(String(userId))?.loggedIn;
    return stored === loggedIn
      ? []
      : [`login state of agent ${userId} must be ${loggedIn} (got ${String(stored)})`];
  });
}

/**
 * Verifies an account that reconcile repairs. Its writes are not derived from the sent events: the table must
 * agree with Freshdesk, no item may go back in time, and every counted write, and no other, has its events.
 */
export function verifyReconciledAccount(evidence: Evidence, shownState: ShownState): Verification {
  const { changes, items, agents } = evidence;
  const violations: Violations = { lost: [], unexpected: [], regressed: [], outOfOrder: [] };
  const counted = changes.filter((change) => !isQuiet(change));
  const live = items.filter((item) => !isTombstone(item));
  for (const chain of Map.groupBy(counted, ({ agent }) => agent).values()) {
    verifyOrder(chain, violations);
  }
  verifyItems(
    items,
    Map.groupBy(changes, ({ agent }) => agent),
    violations,
  );
  verifyEvents(evidence, new Map(counted.flatMap(expectedEventsOf)), violations);
  violations.unexpected.push(...agentDifferences("the lookup", joinedAgents(live), agents));
  violations.lost.push(
    ...shownState.earlierDifferences,
    ...differencesFromFreshdesk(shownState.agents, items),
    ...loginDifferences(evidence, shownState),
  );
  return { applied: counted.length, ...violations };
}
