import type { MetricsWriter } from "../metrics/write-metrics.ts";
import type { ReconcileStore } from "../store/reconcile-store.ts";
import type { AccountConnection } from "./api-keys.ts";
import { createFreshdeskClient } from "./freshdesk-client.ts";
import { FreshdeskError } from "./freshdesk-error.ts";
import type { Message } from "./message.ts";
import { BudgetExhaustedError, createRequestBudget } from "./request-budget.ts";
import { countFailure, countFindings, countWrites } from "./report-sweep.ts";
import { sweep, type SweepOptions } from "./sweep.ts";
import { sweepAgent } from "./sweep-agent.ts";
import type { SweepState } from "./sweep-state.ts";

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

  async function sweepAll(options: SweepOptions, deadline: number): Promise<void> {
    const { accountId } = options;
    if (!(await state.acquire(accountId, now(), deadline))) {
      console.info({ message: "another sweep of the account is running", accountId });
      return;
    }
    try {
      const { reconciliation, written, unreadable, isComplete } = await sweep(options);
      const { counts } = reconciliation;
      countFindings(metrics, counts);
      countWrites(metrics, written);
      metrics.count("Unreadable", unreadable.rows + unreadable.items);
      metrics.count("SweepsCompleted");
      console.info({ message: "swept", accountId, isComplete, counts, written, unreadable });
    } catch (error) {
      await state.release(accountId);
      throw error;
    }
    await state.complete(accountId, now());
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
          ? sweepAll(options, deadline)
          : sweepAgent(message, options));
      } catch (error) {
        if (error instanceof FreshdeskError) {
          countFailure(metrics, error.reason);
        } else if (error instanceof BudgetExhaustedError) {
          metrics.count("SweepsFailed");
        } else {
          throw error;
        }
        console.error({ message: "the sweep failed", accountId, error: error.message });
      }
    },
  };
}
