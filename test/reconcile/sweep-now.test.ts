import { DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";

import { createMetrics } from "../../functions/metrics/write-metrics.ts";
import { createReconcileAccount } from "../../functions/reconcile/reconcile-account.ts";
import { createRequestSlots } from "../../functions/reconcile/request-slots.ts";
import { sweepResultSchema } from "../../functions/reconcile/sweep-result.ts";
import { createSweepState } from "../../functions/reconcile/sweep-state.ts";
import { throttlingFault } from "../../local/freshdesk-api/fault.ts";
import { ADMIN_KEY, aFreshdesk, aFreshdeskAgent, DOMAIN } from "../builders/freshdesk.ts";
import { aReconciledTable } from "../builders/reconciled-table.ts";

const ACCOUNT = "11010177632";
const RACHEL = 72025350026;

let freshdesk: Awaited<ReturnType<typeof aFreshdesk>>;
let stored: ReturnType<typeof aReconciledTable>;

beforeEach(async () => {
  jest.spyOn(console, "info").mockReturnValue();
  jest.spyOn(console, "error").mockReturnValue();
  freshdesk = await aFreshdesk([aFreshdeskAgent(RACHEL)]);
  stored = aReconciledTable();
});

afterEach(async () => {
  await freshdesk.api.close();
  jest.restoreAllMocks();
});

function anAccount() {
  const { api, clock } = freshdesk;
  const state = createSweepState(new DynamoDBClient(), "state");
  const metrics = createMetrics("reconcile", "blue");
  const account = createReconcileAccount({
    store: stored.store,
    state,
    slots: createRequestSlots(new DynamoDBClient(), "state"),
    savedPages: stored.savedPages,
    continueSweep: async () => {
      await Promise.reject(new Error("the sweep should not continue"));
    },
    metrics,
    localOrigin: api.origin,
    ...clock,
    writePauseMs: 0,
  });
  const sweepNow = async (isDryRun: boolean) => {
    const request = { kind: "sweep now" as const, accountId: ACCOUNT, isDryRun };
    const connection = { domain: DOMAIN, apiKey: ADMIN_KEY };
    return await account.sweepNow(request, connection, clock.now() + 60_000);
  };
  return { sweepNow, state };
}

/** Rachel changes her status and becomes unavailable for tickets, and the event is lost. */
async function loseEvent(): Promise<void> {
  const at = freshdesk.clock.now() + 60_000;
  freshdesk.api.state.agents.set(
    RACHEL,
    aFreshdeskAgent(RACHEL, {
      available: false,
      availabilityUpdatedAt: at,
      statusId: 9,
      statusUpdatedAt: at,
      loggedIn: false,
    }),
  );
  await freshdesk.clock.pause(600_000);
}

const itemsWritten = () =>
  stored.client
    .commandCalls(UpdateItemCommand)
    .filter(({ args: [{ input }] }) => input.TableName === "agents").length;

describe("a sweep that an operator waits for", () => {
  it("returns the items that it created", async () => {
    const { sweepNow } = anAccount();

    const result = await sweepNow(false);

    expect(result).toMatchObject({
      outcome: "swept",
      isComplete: true,
      checked: 1,
      recent: 0,
      omitted: 0,
      differences: [
        { action: "create", availabilityId: `user:${RACHEL}`, userId: String(RACHEL) },
        {
          action: "create",
          availabilityId: `session:${RACHEL}`,
          userId: String(RACHEL),
          field: "login",
          stored: "unknown",
          freshdesk: "logged in",
        },
      ],
      written: { created: 1, session: 1 },
    });
    expect(sweepResultSchema.parse(JSON.parse(JSON.stringify(result)))).toEqual(result);
  });

  it("returns each fact that differs, and the next one returns none", async () => {
    const { sweepNow } = anAccount();
    await sweepNow(false);
    await loseEvent();

    const result = await sweepNow(false);

    const common = { action: "repair", availabilityId: `user:${RACHEL}`, userId: String(RACHEL) };
    expect(result).toMatchObject({
      differences: [
        { ...common, field: "status", stored: "1302477", freshdesk: "9" },
        { ...common, field: "tickets", stored: "available", freshdesk: "unavailable" },
        { field: "login", stored: "logged in", freshdesk: "logged out" },
      ],
    });
    await freshdesk.clock.pause(600_000);
    expect(await sweepNow(false)).toMatchObject({ outcome: "swept", differences: [] });
  });

  it("returns no name and no email address", async () => {
    const { sweepNow } = anAccount();

    const result = await sweepNow(false);

    expect(JSON.stringify(result)).not.toMatch(/acme|Agent \d/);
  });

  it("returns the items of agents whose removal Freshdesk must confirm", async () => {
    const { sweepNow } = anAccount();
    await sweepNow(false);
    freshdesk.api.state.agents.clear();
    await freshdesk.clock.pause(600_000);

    expect(await sweepNow(true)).toMatchObject({
      differences: [
        { action: "remove", availabilityId: `session:${RACHEL}` },
        { action: "remove", availabilityId: `user:${RACHEL}` },
      ],
    });
    expect(stored.item(`user:${RACHEL}`)).not.toHaveProperty("removedAt");
  });

  it("writes no item in a dry run, and does not block the next sweep", async () => {
    const { sweepNow } = anAccount();

    const dryRun = await sweepNow(true);
    const written = itemsWritten();
    const realRun = await sweepNow(false);

    expect(written).toBe(0);
    expect(dryRun).not.toHaveProperty("written");
    expect(realRun).toMatchObject({ written: { created: 1 } });
  });

  it("does not run while another sweep of the account is running", async () => {
    const { sweepNow, state } = anAccount();
    await state.acquire(ACCOUNT, freshdesk.clock.now(), freshdesk.clock.now() + 60_000);

    expect(await sweepNow(false)).toEqual({ outcome: "running" });
    expect(itemsWritten()).toBe(0);
  });

  it("returns when to try again if the rate limit does not allow a request in time", async () => {
    const { sweepNow } = anAccount();
    freshdesk.api.nextFaults.push(throttlingFault(3600));

    expect(await sweepNow(false)).toEqual({
      outcome: "failed",
      error:
        "reconcile has used up its share of the account's rate limit. Try again in 3600 seconds.",
    });
  });

  it("returns the reason that Freshdesk failed, and does not block the next sweep", async () => {
    const { sweepNow } = anAccount();
    freshdesk.api.state.apiKeys.clear();

    const failed = await sweepNow(false);
    freshdesk.api.state.apiKeys.set(ADMIN_KEY, "admin");

    expect(failed).toEqual({
      outcome: "failed",
      error:
        "acme.freshdesk.com rejected the API key (status 401 invalid_credentials). Copy the key again from an administrator's profile settings.",
    });
    expect(await sweepNow(false)).toMatchObject({ outcome: "swept" });
  });
});
