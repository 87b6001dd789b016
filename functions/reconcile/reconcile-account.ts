import type { MetricsWriter } from "../metrics/write-metrics.ts";
import type { AccountConnection } from "./api-keys.ts";
import { FreshdeskError } from "./freshdesk-error.ts";
import type { Message } from "./message.ts";
import { BudgetExhaustedError } from "./request-budget.ts";
import { countFailure, countFindings, countWrites } from "./report-sweep.ts";
import { compareOneAgent, type RunDependencies, sweepOptions } from "./run-options.ts";
import { differencesIn } from "./sweep-differences.ts";
import {
  compareAccount,
  sweep,
  type SweepFindings,
  type SweepOptions,
  type SweepReport,
  type UnfinishedSweep,
} from "./sweep.ts";
import type { SweepRequest, SweepResult } from "./sweep-result.ts";
import type { SweepLease, SweepState } from "./sweep-state.ts";

/** The response of a function holds at most 6 MB; a difference takes less than 500 bytes. */
const MAX_DIFFERENCES = 5000;

interface Dependencies extends RunDependencies {
  readonly state: SweepState;
  /** Sends the message that continues a sweep of an account. */
  readonly continueSweep: (accountId: string) => Promise<void>;
  readonly metrics: MetricsWriter<"reconcile">;
}

type AccountMessage = Exclude<Message, { readonly kind: "start" }>;

/** Returns the result for the operator. */
function resultOf(
  { reconciliation, isComplete }: SweepFindings,
  written?: SweepReport["written"],
): SweepResult {
  const differences = differencesIn(reconciliation);
  const { checked, recent } = reconciliation.counts;
  return {
    outcome: "swept",
    isComplete,
    checked,
    recent,
    differences: differences.slice(0, MAX_DIFFERENCES),
    omitted: Math.max(0, differences.length - MAX_DIFFERENCES),
    ...(written && { written }),
  };
}

/** Creates the functions that process messages about accounts. */
export function createReconcileAccount(dependencies: Dependencies) {
  const { state, continueSweep, metrics, now = Date.now } = dependencies;

  async function count(
    report: SweepReport,
    { accountId }: SweepOptions,
    lease: SweepLease,
  ): Promise<void> {
    const { reconciliation, written, unreadable, isComplete } = report;
    const { counts } = reconciliation;
    countFindings(metrics, counts);
    countWrites(metrics, written);
    metrics.count("Unreadable", unreadable.rows + unreadable.items);
    metrics.count("SweepsCompleted");
    console.info({ message: "swept", accountId, isComplete, counts, written, unreadable });
    await state.complete(lease, now());
  }

  /** Runs a sweep. If the sweep ran out of time, starts the next one. */
  async function sweepAndCount(
    options: SweepOptions,
    lease: SweepLease,
  ): Promise<SweepReport | UnfinishedSweep> {
    const { accountId } = options;
    const report = await sweep(options);
    if (report.outcome === "swept") {
      await count(report, options, lease);
      return report;
    }
    const { pagesRead } = report;
    console.info({ message: "the sweep continues in another invocation", accountId, pagesRead });
    await state.release(lease);
    await continueSweep(accountId);
    return report;
  }

  /**
   * Runs a sweep. Returns `undefined` if another sweep of the account is running.
   *
   * @param end epoch milliseconds at which the function times out.
   * @param run releases the lease before it returns.
   */
  async function exclusively<Result>(
    { accountId }: SweepOptions,
    end: number,
    run: (lease: SweepLease) => Promise<Result>,
  ): Promise<Result | undefined> {
    const lease = await state.acquire(accountId, now(), end);
    if (lease === undefined) {
      console.info({ message: "another sweep of the account is running", accountId });
      return undefined;
    }
    try {
      return await run(lease);
    } catch (error) {
      await state.release(lease);
      throw error;
    }
  }

  /** Counts and logs a failure of Freshdesk, and returns its message. Throws any other error again. */
  function recordFailure(error: unknown, accountId: string): string {
    if (error instanceof FreshdeskError) {
      countFailure(metrics, error.reason);
    } else if (error instanceof BudgetExhaustedError) {
      countFailure(metrics, "Throttled");
    } else {
      throw error;
    }
    console.error({ message: "the sweep failed", accountId, error: error.message });
    return error.message;
  }

  /** Returns the result of a sweep, or of a comparison, for the operator. */
  async function resultFor(
    isDryRun: boolean,
    options: SweepOptions,
    lease: SweepLease,
  ): Promise<SweepResult> {
    if (isDryRun) {
      const findings = await compareAccount(options);
      await state.release(lease);
      return findings.outcome === "unfinished" ? findings : resultOf(findings);
    }
    const report = await sweepAndCount(options, lease);
    return report.outcome === "unfinished" ? report : resultOf(report, report.written);
  }

  return {
    /**
     * Processes a message. Counts and logs a failure of Freshdesk; the next sweep tries again.
     *
     * @param end epoch milliseconds at which the function times out.
     * @throws the SDK's error if AWS failed.
     */
    async process(
      message: AccountMessage,
      connection: AccountConnection,
      end: number,
    ): Promise<void> {
      const { accountId } = message;
      try {
        if (message.kind === "agent") {
          await compareOneAgent(message, connection, dependencies);
          return;
        }
        const options = sweepOptions({ accountId, connection, end }, dependencies);
        await exclusively(options, end, async (lease) => await sweepAndCount(options, lease));
      } catch (error) {
        recordFailure(error, accountId);
      }
    },

    /**
     * Sweeps an account, or only compares it, for an operator who waits for the result.
     *
     * @param end epoch milliseconds at which the function times out.
     * @throws the SDK's error if AWS failed.
     */
    async sweepNow(
      { accountId, isDryRun }: SweepRequest,
      connection: AccountConnection,
      end: number,
    ): Promise<SweepResult> {
      const options = sweepOptions({ accountId, connection, end }, dependencies);
      try {
        const result = await exclusively(
          options,
          end,
          async (lease) => await resultFor(isDryRun, options, lease),
        );
        return result ?? { outcome: "running" };
      } catch (error) {
        return { outcome: "failed", error: recordFailure(error, accountId) };
      }
    },
  };
}
