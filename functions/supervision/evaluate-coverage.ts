import type { SupervisionEvent } from "../availability/typed-event.ts";
import type { CountAvailable } from "./count-available.ts";
import { coverageChange } from "./coverage-change.ts";
import { type CoverageRule, coverageRuleOf } from "./coverage-rules.ts";
import type { CoverageKey, CoverageTable, StoredCoverage } from "./coverage-table.ts";
import { openingPeriodAt } from "./opening-hours.ts";

export interface CoverageDependencies {
  readonly rules: readonly CoverageRule[];
  readonly table: CoverageTable;
  readonly countAvailable: CountAvailable;
  /** Resolves after the bus has accepted the event. */
  readonly publish: (event: SupervisionEvent) => Promise<void>;
  /** The clock, in epoch milliseconds. @default Date.now */
  readonly now?: () => number;
}

/** Creates the function that evaluates the coverage of a channel and publishes its changes. */
export function createEvaluateCoverage(dependencies: CoverageDependencies) {
  const { rules, table, countAvailable, publish, now = Date.now } = dependencies;

  /**
   * Publishes a stored event. If two evaluations both publish it, the events are identical. The next change cannot be
   * stored before the bus has accepted this event.
   */
  async function publishStored(stored: StoredCoverage): Promise<void> {
    await publish(stored.event);
    await table.markPublished(stored);
  }

  /** Stores whether a channel is closed, for the board. */
  async function storeClosed(known: StoredCoverage | undefined, closed: boolean): Promise<void> {
    if (known !== undefined && known.closed !== closed) {
      await table.setClosed(known, closed);
    }
  }

  // Evaluations of a channel can run at the same time. If one fails at any point, the next one completes its work.
  return async (key: CoverageKey): Promise<void> => {
    const known = await table.get(key);
    if (known?.published === false) {
      await publishStored(known);
    }
    const rule = coverageRuleOf(rules, key.accountId, key.channel);
    const at = now();
    if (rule === undefined) {
      await storeClosed(known, true);
      return;
    }
    const period = openingPeriodAt(rule.hours, at);
    if (period === undefined) {
      await storeClosed(known, true);
      if (known === undefined) {
        // Otherwise a channel that changes only while it is closed would not be evaluated when it opens.
        await table.addKey(key);
      }
      return;
    }
    const available = await countAvailable(key.accountId, rule);
    const { minimum } = rule;
    const change = coverageChange(known, { ...key, available, minimum, period, at });
    if (change === undefined) {
      await storeClosed(known, false);
      return;
    }
    const stored = await table.change(known, change, period);
    if (stored !== undefined) {
      await publishStored(stored);
    }
  };
}

export type EvaluateCoverage = ReturnType<typeof createEvaluateCoverage>;
