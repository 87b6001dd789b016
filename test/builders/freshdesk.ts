import type { FreshdeskConnection } from "../../functions/reconcile/freshdesk-http.ts";
import { createFreshdeskClient } from "../../functions/reconcile/freshdesk-client.ts";
import { createRequestBudget } from "../../functions/reconcile/request-budget.ts";
import { type FreshdeskApi, startFreshdeskApi } from "../../local/freshdesk-api/freshdesk-api.ts";
import type { FreshdeskAgent, FreshdeskState } from "../../local/freshdesk-api/state.ts";

export const DOMAIN = "acme.freshdesk.com";
export const ADMIN_KEY = "adminKey0123456789ab";

/** An agent of Freshdesk who is available for tickets. */
export function aFreshdeskAgent(userId: number, differences: Partial<FreshdeskAgent> = {}) {
  return {
    userId,
    name: `Agent ${userId}`,
    email: `agent${userId}@acme.example`,
    loggedIn: true,
    statusId: 1302477,
    statusUpdatedAt: Date.parse("2026-11-28T08:00:00Z"),
    available: true,
    availabilityUpdatedAt: Date.parse("2026-11-28T08:00:00Z"),
    ...differences,
  } satisfies FreshdeskAgent;
}

/** The state of an account that has these agents and one administrator's key. */
export function aFreshdeskState(agents: readonly FreshdeskAgent[] = []): FreshdeskState {
  return {
    accountId: 11010177632,
    domain: DOMAIN,
    agents: new Map(agents.map((agent) => [agent.userId, agent])),
    apiKeys: new Map([[ADMIN_KEY, "admin"]]),
    isSuspended: false,
    hasAvailability: true,
    requestsPerMinute: 700,
  };
}

/** A clock that moves only while something waits for it. */
export function aClock(start = Date.parse("2026-11-28T12:00:00Z")) {
  let time = start;
  return {
    now: () => time,
    pause: async (milliseconds: number) => {
      time += milliseconds;
      await Promise.resolve();
    },
  };
}

/** A running fake Freshdesk on a simulated clock, and a client of it. */
export async function aFreshdesk(agents: readonly FreshdeskAgent[] = []) {
  const clock = aClock();
  const api: FreshdeskApi = await startFreshdeskApi(aFreshdeskState(agents), clock);
  const aClient = (differences: Partial<FreshdeskConnection> & { deadline?: number } = {}) =>
    createFreshdeskClient({
      domain: DOMAIN,
      apiKey: ADMIN_KEY,
      localOrigin: api.origin,
      retryPauseMs: 0,
      now: clock.now,
      budget: createRequestBudget({
        ...clock,
        deadline: differences.deadline ?? Number.POSITIVE_INFINITY,
      }),
      ...differences,
    });
  return { api, clock, aClient };
}
