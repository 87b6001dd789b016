import { DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";

import { createMetrics } from "../../functions/metrics/write-metrics.ts";
import { createReconcileAccount } from "../../functions/reconcile/reconcile-account.ts";
import { newSlot } from "../../functions/reconcile/request-budget.ts";
import { createRequestSlots } from "../../functions/reconcile/request-slots.ts";
import { createSweepState } from "../../functions/reconcile/sweep-state.ts";
import { ADMIN_KEY, aFreshdesk, aFreshdeskAgent, DOMAIN } from "../builders/freshdesk.ts";
import { anItem } from "../builders/item.ts";
import { aReconciledTable } from "../builders/reconciled-table.ts";

const ACCOUNT = "11010177632";
const MINUTE = 60_000;

let freshdesk: Awaited<ReturnType<typeof aFreshdesk>>;
let stored: ReturnType<typeof aReconciledTable>;
let lines: unknown[];
let continued: string[];

beforeEach(async () => {
  Object.assign(process.env, { POWERTOOLS_DEV: "true", POWERTOOLS_METRICS_DISABLED: "false" });
  lines = [];
  continued = [];
  for (const level of ["log", "info", "error"] as const) {
    jest.spyOn(console, level).mockImplementation((line: unknown) => {
      lines.push(typeof line === "string" ? JSON.parse(line) : line);
    });
  }
  freshdesk = await aFreshdesk([aFreshdeskAgent(7)]);
  stored = aReconciledTable();
});

afterEach(async () => {
  await freshdesk.api.close();
  jest.restoreAllMocks();
});

/** An invocation of the function, which times out after the given time. */
function anInvocation(minutes = 15) {
  const { api, clock } = freshdesk;
  const client = new DynamoDBClient();
  const metrics = createMetrics("reconcile", "blue");
  const state = createSweepState(client, "state");
  const account = createReconcileAccount({
    store: stored.store,
    state,
    slots: createRequestSlots(client, "state"),
    savedPages: stored.savedPages,
    continueSweep: async (accountId) => {
      continued.push(accountId);
      await Promise.resolve();
    },
    metrics,
    localOrigin: api.origin,
    ...clock,
    writePauseMs: 0,
  });
  const connection = { domain: DOMAIN, apiKey: ADMIN_KEY };
  const end = clock.now() + minutes * MINUTE;
  return {
    state,
    /** Runs a sweep. @returns its metrics */
    sweep: async () => {
      await account.process({ kind: "sweep", accountId: ACCOUNT }, connection, end);
      metrics.flush();
      return lines.find((line) => Object.hasOwn(line as object, "_aws"));
    },
    compare: async () => {
      const agent = { availabilityId: "787096", userId: "7" };
      await account.process({ kind: "agent", accountId: ACCOUNT, ...agent }, connection, end);
    },
    dryRun: async () =>
      await account.sweepNow(
        { kind: "sweep now", accountId: ACCOUNT, isDryRun: true },
        connection,
        end,
      ),
  };
}

/** Makes all requests to Freshdesk wait. */
async function blockRequests(milliseconds: number): Promise<void> {
  const slot = { nextAt: freshdesk.clock.now() + milliseconds, limit: 700 };
  await createRequestSlots(new DynamoDBClient(), "state").of(ACCOUNT).replace(newSlot, slot);
}

/** The stored times of the account's sweeps. */
function sweepTimes(): Readonly<Record<string, number>> {
  const item = [...stored.state.items.values()].find(({ part }) => part?.S === "sweeps") ?? {};
  return Object.fromEntries(
    Object.entries(item).flatMap(([name, { N: number }]) =>
      number === undefined ? [] : [[name, Number(number)]],
    ),
  );
}

describe("a sweep", () => {
  it("counts and logs what it compared, wrote and could not parse, and records its end", async () => {
    stored.put(anItem({ availabilityId: { S: "1" }, status: { S: "Lunch" } }));
    freshdesk.api.state.agents.set(0, { ...aFreshdeskAgent(0), userId: Number.NaN });

    const metrics = await anInvocation().sweep();

    expect(metrics).toMatchObject({
      AgentsChecked: 1,
      ItemsCreated: 1,
      Unreadable: 2,
      SweepsCompleted: 1,
    });
    expect(lines).toContainEqual({
      message: "swept",
      accountId: ACCOUNT,
      isComplete: true,
      counts: expect.objectContaining({ checked: 1 }),
      written: expect.objectContaining({ created: 1, session: 1 }),
      unreadable: { rows: 1, items: 1 },
    });
    expect(sweepTimes()).toEqual({ completedAt: freshdesk.clock.now() });
  });

  it("that runs out of time logs the number of its pages, and is not counted as completed", async () => {
    freshdesk.api.state.requestsPerMinute = 50;
    for (let userId = 1000; userId < 1600; userId += 1) {
      freshdesk.api.state.agents.set(userId, aFreshdeskAgent(userId));
    }

    const metrics = await anInvocation(0.5).sweep();

    expect(metrics).toBeUndefined();
    expect(lines).toEqual([
      {
        message: "the sweep continues in another invocation",
        accountId: ACCOUNT,
        pagesRead: 5,
      },
    ]);
    expect(continued).toEqual([ACCOUNT]);
    expect(sweepTimes()).toEqual({});
  });

  it("logs that another sweep is running, and requests nothing", async () => {
    const { state, sweep } = anInvocation();
    await state.acquire(ACCOUNT, freshdesk.clock.now(), freshdesk.clock.now() + MINUTE);

    await sweep();

    expect(lines).toEqual([
      { message: "another sweep of the account is running", accountId: ACCOUNT },
    ]);
    expect(freshdesk.api.requests).toHaveLength(0);
  });

  it("reserves the account until the function times out", async () => {
    const end = freshdesk.clock.now() + 15 * MINUTE;
    const during: object[] = [];
    freshdesk.api.onRequest = () => during.push(sweepTimes());

    await anInvocation().sweep();

    expect(during).toEqual([{ runningUntil: end }]);
  });

  it("counts and logs the failure if Freshdesk rejects the API key", async () => {
    freshdesk.api.state.apiKeys.clear();

    const metrics = await anInvocation().sweep();

    expect(metrics).toMatchObject({ SweepsFailed: 1, ApiKeysRejected: 1 });
    expect(lines[0]).toEqual({
      message: "the sweep failed",
      accountId: ACCOUNT,
      error: expect.stringContaining("rejected the API key"),
    });
    expect(sweepTimes()).toEqual({});
  });

  it("counts and logs the failure if the rate limit does not allow a request in time", async () => {
    await blockRequests(16 * MINUTE);

    const metrics = await anInvocation().sweep();

    expect(metrics).toMatchObject({ SweepsFailed: 1, SweepsFailedThrottled: 1 });
    expect(lines[0]).toEqual({
      message: "the sweep failed",
      accountId: ACCOUNT,
      error: expect.stringContaining("rate limit"),
    });
  });

  it("fails if AWS fails, so that it is repeated, and does not block the next sweep", async () => {
    const { sweep } = anInvocation();
    stored.onUpdate(() => {
      if (freshdesk.api.requests.length > 0) {
        stored.onUpdate(() => undefined);
        throw new Error("throttled");
      }
    });

    await expect(sweep()).rejects.toThrow("throttled");
    expect(lines).toEqual([]);
    expect(sweepTimes()).toEqual({});
  });
});

describe("the comparison of one agent", () => {
  it("merges the facts from Freshdesk into the availability item, and starts no sweep", async () => {
    stored.put(anItem({ userId: { S: "7" } }));

    await anInvocation().compare();

    expect(stored.item("787096")).toMatchObject({ version: 8, status: { id: "1302477" } });
    expect(freshdesk.api.requests.map(({ path }) => path)).toEqual([
      "/api/v2/agents/7/availability",
    ]);
    expect(sweepTimes()).toEqual({});
  });

  it("also compares the agent's user: and session items with Freshdesk", async () => {
    await anInvocation().sweep();
    await freshdesk.clock.pause(10 * MINUTE);
    const at = freshdesk.clock.now() - 5 * MINUTE;
    const lunch = { statusId: 9, statusUpdatedAt: at, loggedIn: false };
    freshdesk.api.state.agents.set(7, aFreshdeskAgent(7, lunch));

    await anInvocation().compare();

    expect(stored.item("user:7")).toMatchObject({
      version: 2,
      status: { id: "9" },
      domain: DOMAIN,
      receivedAt: new Date(freshdesk.clock.now()).toISOString(),
    });
    expect(stored.item("session:7")).toMatchObject({ version: 2, loggedIn: false });
  });

  it("removes nothing if Freshdesk does not have the agent", async () => {
    stored.put(anItem({ userId: { S: "7" } }));
    freshdesk.api.state.agents.clear();

    await anInvocation().compare();

    expect(stored.item("787096")).toMatchObject({ version: 7 });
  });

  it("logs that the next sweep compares the agent if the rate limit does not allow a request within 5 seconds", async () => {
    await blockRequests(5001);

    await anInvocation().compare();

    expect(freshdesk.api.requests).toHaveLength(0);
    expect(lines).toEqual([
      {
        message: expect.stringContaining("next sweep"),
        accountId: ACCOUNT,
        availabilityId: "787096",
      },
    ]);
  });

  it("waits 5 seconds for the rate limit", async () => {
    await blockRequests(5000);

    await anInvocation().compare();

    expect(freshdesk.api.requests).toHaveLength(1);
    expect(lines).toEqual([]);
  });

  it("counts and logs a failure of Freshdesk like that of a sweep", async () => {
    freshdesk.api.state.apiKeys.clear();

    await anInvocation().compare();

    expect(lines).toEqual([expect.objectContaining({ message: "the sweep failed" })]);
  });
});

describe("the time of a sweep", () => {
  it("allows requests for the list in the first two thirds, and confirmations until 14 fifteenths", async () => {
    freshdesk.api.state.requestsPerMinute = 50;
    for (let userId = 1; userId <= 20; userId += 1) {
      freshdesk.api.state.agents.set(userId, aFreshdeskAgent(userId));
    }
    await anInvocation().sweep();
    await freshdesk.clock.pause(10 * MINUTE);
    freshdesk.api.state.agents.clear();
    const before = freshdesk.api.requests.length;
    const start = freshdesk.clock.now();

    await anInvocation(1).sweep();

    // A request for the list, then a confirmation every 5 seconds up to second 56.
    const sent = freshdesk.api.requests.slice(before).map(({ at }) => (at - start) / 1000);
    expect(sent).toEqual([0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55]);
  });

  it("allows a page exactly after two thirds, and none later", async () => {
    freshdesk.api.state.requestsPerMinute = 50;
    for (let userId = 1; userId <= 1000; userId += 1) {
      freshdesk.api.state.agents.set(userId, aFreshdeskAgent(userId));
    }

    // A page every 5 seconds up to second 20 of 30.
    expect(await anInvocation(0.5).dryRun()).toEqual({ outcome: "unfinished", pagesRead: 5 });
    expect(freshdesk.api.requests).toHaveLength(5);
  });
});

describe("the result for an operator", () => {
  it("contains at most 5,000 differences, and the number of the others", async () => {
    for (let index = 0; index < 5004; index += 1) {
      stored.put(anItem({ availabilityId: { S: String(index) }, userId: { S: "8" } }));
    }

    const result = await anInvocation().dryRun();

    // Freshdesk does not have the agent of these items. Another agent has no user: item and no session item.
    expect(result).toMatchObject({ outcome: "swept", checked: 1, omitted: 6 });
    expect(result).toHaveProperty("differences.length", 5000);
    const written = stored.client
      .commandCalls(UpdateItemCommand)
      .filter(({ args: [{ input }] }) => input.TableName === "agents");
    expect(written).toEqual([]);
  });
});
