import { sessionKey, userKey } from "../availability/item-kind.ts";
import { reconcile } from "../availability/reconcile.ts";
import { apply, type WriteCounts, writesOf } from "./apply.ts";
import type { SweepOptions } from "./sweep.ts";

/** An agent with a missed event. */
export interface Agent {
  readonly availabilityId: string;
  readonly userId: string;
}

/** Options for comparing one agent. */
type AgentSweepOptions = Pick<
  SweepOptions,
  "accountId" | "domain" | "client" | "store" | "now" | "writePauseMs"
>;

/**
 * Compares one agent with Freshdesk.
 *
 * @returns `undefined` if Freshdesk does not have the agent: the next sweep decides about the removal.
 * @throws FreshdeskError, BudgetExhaustedError
 */
export async function sweepAgent(
  { availabilityId, userId }: Agent,
  { accountId, domain, client, store, now, writePauseMs }: AgentSweepOptions,
): Promise<WriteCounts | undefined> {
  const snapshot = await client.availability(userId);
  if (snapshot === undefined) {
    return undefined;
  }
  const keys = [availabilityId, userKey(userId), sessionKey(userId)];
  const items = await store.itemsOf(accountId, keys);
  const time = new Date(now());
  const reconciliation = reconcile({ snapshots: [snapshot], isComplete: false, items, now: time });
  const account = { accountId, domain, receivedAt: time.toISOString() };
  return await apply(store, writesOf(reconciliation, account), { writePauseMs });
}
