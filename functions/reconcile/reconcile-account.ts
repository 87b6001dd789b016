import type { MetricsWriter } from "../metrics/write-metrics.ts";
import type { ReconcileStore } from "../store/reconcile-store.ts";
import type { AccountConnection } from "./api-keys.ts";
import { createFreshdeskClient } from "./freshdesk-client.ts";
import { FreshdeskError } from "./freshdesk-error.ts";
import type { Message } from "./message.ts";
import { BudgetExhaustedError, createRequestBudget } from "./request-budget.ts";
import { countFailure, countFindings, countWrites } from "./report-sweep.ts";
import { differencesIn } from "./differences.ts";
import {
  compareAccount,
  sweep,
  type SweepFindings,
  type SweepOptions,
  type SweepReport,
} from "./sweep.ts";
import { sweepAgent } from "./sweep-agent.ts";
import type { SweepRequest, SweepResult } from "./sweep-result.ts";
import type { SweepLock, SweepState } from "./sweep-state.ts";

/** The response of a function holds at most 6 MB; a difference takes less than 500 bytes. */
const MAX_DIFFERENCES = 5000;

/** What reconciling accounts needs. */
interface Dependencies {
  readonly store: ReconcileStore;
  readonly state: SweepState;
  readonly metrics: MetricsWriter<"reconcile">;
  /** The local cloud's fake of Freshdesk. */
  readonly localOrigin: string | undefined;
  /** The clock, in epoch milliseconds. @default Date.now */
  readonly now?: () => number;
}

/** A message about one account. */
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

/** Creates what processes the messages about accounts. */
export function createReconcileAccount({
  store,
  state,
  metrics,
  localOrigin,
  now = Date.now,
}: Dependencies) {
  function optionsFor(
    accountId: string,
    { domain, apiKey }: AccountConnection,
    deadline: number,
  ): SweepOptions {
    const budget = createRequestBudget({ deadline, now });
    const client = createFreshdeskClient({ domain, apiKey, budget, localOrigin, now });
    return { accountId, domain, client, store, now };
  }

  async function sweepAndCount(options: SweepOptions, lock: SweepLock): Promise<SweepReport> {
    const report = await sweep(options);
    const { reconciliation, written, unreadable, isComplete } = report;
    const { counts } = reconciliation;
    const { accountId } = options;
    countFindings(metrics, counts);
    countWrites(metrics, written);
    metrics.count("Unreadable", unreadable.rows + unreadable.items);
    metrics.count("SweepsCompleted");
    console.info({ message: "swept", accountId, isComplete, counts, written, unreadable });
    await state.complete(lock, now());
    return report;
  }

  /**
   * Runs a sweep unless another one of the account is running; then it returns nothing.
   *
   * @param run releases the exclusive right before it returns.
   */
  async function exclusively<Result>(
    { accountId }: SweepOptions,
    deadline: number,
    run: (lock: SweepLock) => Promise<Result>,
  ): Promise<Result | undefined> {
    const lock = await state.acquire(accountId, now(), deadline);
    if (lock === undefined) {
      console.info({ message: "another sweep of the account is running", accountId });
      return undefined;
    }
    try {
      return await run(lock);
    } catch (error) {
      await state.release(lock);
      throw error;
    }
  }

  /** Counts and logs a failure of Freshdesk, and returns its message. Any other error is thrown again. */
  function recordFailure(error: unknown, accountId: string): string {
    if (error instanceof FreshdeskError) {
      countFailure(metrics, error.reason);
    } else if (error instanceof BudgetExhaustedError) {
      metrics.count("SweepsFailed");
    } else {
      throw error;
    }
    console.error({ message: "the sweep failed", accountId, error: error.message });
    return error.message;
  }

  return {
    /**
     * Processes a message. A failure of Freshdesk is counted and logged, and the next sweep tries again.
     *
     * @param deadline epoch milliseconds until which requests to Freshdesk may wait.
     * @throws the SDK's error if AWS failed.
     */
    async process(
      message: AccountMessage,
      connection: AccountConnection,
      deadline: number,
    ): Promise<void> {
      const { accountId } = message;
      const options = optionsFor(accountId, connection, deadline);
      try {
        await (message.kind === "sweep"
          ? exclusively(options, deadline, async (lock) => await sweepAndCount(options, lock))
          : sweepAgent(message, options));
      } catch (error) {
        recordFailure(error, accountId);
      }
    },

    /**
     * Sweeps an account, or only compares it, for an operator who waits for the result.
     *
     * @param deadline epoch milliseconds until which requests to Freshdesk may wait.
     * @throws the SDK's error if AWS failed.
     */
    async sweepNow(
      { accountId, isDryRun }: SweepRequest,
      connection: AccountConnection,
      deadline: number,
    ): Promise<SweepResult> {
      const options = optionsFor(accountId, connection, deadline);
      try {
        const result = await exclusively(options, deadline, async (lock) => {
          if (isDryRun) {
            const findings = await compareAccount(options);
            await state.release(lock);
            return resultOf(findings);
          }
          const report = await sweepAndCount(options, lock);
          return resultOf(report, report.written);
        });
        return result ?? { outcome: "running" };
      } catch (error) {
        return { outcome: "failed", error: recordFailure(error, accountId) };
      }
    },
  };
}
