import { DynamoDBClient, QueryCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";

import { createMetrics } from "../../functions/metrics/write-metrics.ts";
import { createReconcileAccount } from "../../functions/reconcile/reconcile-account.ts";
import { createRequestSlots } from "../../functions/reconcile/request-slots.ts";
import { createSweepState } from "../../functions/reconcile/sweep-state.ts";
import { throttlingFault } from "../../local/freshdesk-api/fault.ts";
import { ADMIN_KEY, aFreshdesk, aFreshdeskAgent, DOMAIN } from "../builders/freshdesk.ts";
import { aReconciledTable } from "../builders/reconciled-table.ts";

const ACCOUNT = "11010177632";
const MINUTE = 60_000;
const CONNECTION = { domain: DOMAIN, apiKey: ADMIN_KEY };
const SWEEP = { kind: "sweep", accountId: ACCOUNT } as const;

let freshdesk: Awaited<ReturnType<typeof aFreshdesk>>;
let stored: ReturnType<typeof aReconciledTable>;
/** Number of messages that continue a sweep. */
let continuations: number;
let warnings: unknown[];

beforeEach(() => {
  jest.spyOn(console, "info").mockReturnValue();
  jest.spyOn(console, "error").mockReturnValue();
  warnings = [];
  jest.spyOn(console, "warn").mockImplementation((line: unknown) => {
    warnings.push(line);
  });
  stored = aReconciledTable();
  continuations = 0;
});

afterEach(async () => {
  await freshdesk.api.close();
  jest.restoreAllMocks();
});

/** An account with agents whose IDs begin at 1000. */
async function anAccount(agents: number, requestsPerMinute: number) {
  freshdesk = await aFreshdesk(
    Array.from({ length: agents }, (_, index) => aFreshdeskAgent(1000 + index)),
  );
  freshdesk.api.state.requestsPerMinute = requestsPerMinute;
}

/** An invocation of the function, which times out after the given minutes. */
function anInvocation(minutes = 15) {
  const { api, clock } = freshdesk;
  const client = new DynamoDBClient();
  const account = createReconcileAccount({
    store: stored.store,
    state: createSweepState(client, "state"),
    slots: createRequestSlots(client, "state"),
    savedPages: stored.savedPages,
    continueSweep: async () => {
      continuations += 1;
      await Promise.resolve();
    },
    metrics: createMetrics("reconcile", "blue"),
    localOrigin: api.origin,
    ...clock,
    writePauseMs: 0,
  });
  const end = clock.now() + minutes * MINUTE;
  return {
    sweep: async () => {
      await account.process(SWEEP, CONNECTION, end);
    },
    sweepNow: async (isDryRun: boolean) =>
      await account.sweepNow({ kind: "sweep now", accountId: ACCOUNT, isDryRun }, CONNECTION, end),
    compare: async (userId: number) => {
      const agent = { availabilityId: "787096", userId: String(userId) };
      await account.process({ kind: "agent", accountId: ACCOUNT, ...agent }, CONNECTION, end);
    },
  };
}

/** Sweeps until no message continues the sweep. @returns the number of invocations. */
async function sweepToEnd(minutes?: number): Promise<number> {
  let invocations = 0;
  do {
    continuations = 0;
    await anInvocation(minutes).sweep();
    invocations += 1;
  } while (continuations > 0);
  return invocations;
}

const pagesRequested = () =>
  freshdesk.api.requests.map(({ path }) => /[?&]page=(\d+)/.exec(path)?.[1]);

const savedPages = () =>
  [...stored.state.items.values()].filter(({ part }) => part?.S?.startsWith("page#"));

const agentsKnown = () =>
  [...stored.table.items.values()].filter(({ availabilityId }) =>
    availabilityId?.S?.startsWith("user:"),
  ).length;

/** The largest number of requests within a minute. */
function maxPerMinute(): number {
  const times = freshdesk.api.requests.map(({ at }) => at);
  return Math.max(
    ...times.map((start) => times.filter((at) => at >= start && at < start + MINUTE).length),
  );
}

/** The times of all requests, in the order in which their slots were stored. */
const slotsTaken = () =>
  stored.state.images
    .filter(({ after }) => after["part"]?.S === "requests")
    .map(({ after }) => Number(after["nextAt"]?.N));

const updates = (table: string) =>
  stored.client
    .commandCalls(UpdateItemCommand)
    .filter(({ args: [{ input }] }) => input.TableName === table).length;

describe("a sweep that runs out of time", () => {
  it("resumes in the next invocation after the pages that it has read, and compares all agents once", async () => {
    await anAccount(1000, 50);

    const invocations = await sweepToEnd(0.5);

    expect(invocations).toBe(3);
    expect(pagesRequested()).toEqual(["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]);
    expect(agentsKnown()).toBe(1000);
    const reads = stored.client
      .commandCalls(QueryCommand)
      .filter(({ args: [{ input }] }) => input.TableName === "agents");
    expect(reads).toHaveLength(1);
  });

  it("deletes the saved pages when it ends", async () => {
    await anAccount(1000, 50);
    await anInvocation(0.5).sweep();
    const during = savedPages().length;

    await sweepToEnd(0.5);

    expect(during).toBe(5);
    expect(savedPages()).toEqual([]);
  });

  it("continues with the next scheduled sweep if its message is lost", async () => {
    await anAccount(1000, 50);
    await anInvocation(0.5).sweep();
    await freshdesk.clock.pause(10 * MINUTE);

    await sweepToEnd();

    expect(pagesRequested()).toHaveLength(10);
    expect(agentsKnown()).toBe(1000);
  });

  it("begins again if the saved pages are older than two hours", async () => {
    await anAccount(600, 50);
    await anInvocation(0.5).sweep();
    await freshdesk.clock.pause(121 * MINUTE);

    await sweepToEnd();

    expect(pagesRequested()).toEqual(["1", "2", "3", "4", "5", "1", "2", "3", "4", "5", "6"]);
  });

  it("continues at a page that another version of the function saved in another format", async () => {
    await anAccount(600, 50);
    await anInvocation(0.5).sweep();
    const third = savedPages()[2];
    stored.state.items.set(JSON.stringify({ accountId: { S: ACCOUNT }, part: { S: "page#003" } }), {
      ...third,
      content: { B: new Uint8Array([1]) },
    });

    await sweepToEnd();

    expect(pagesRequested().slice(5)).toEqual(["3", "4", "5", "6"]);
    expect(warnings).toEqual([
      {
        message: "a saved page cannot be parsed, and is read from Freshdesk again",
        reason: expect.stringContaining("unexpected end of file"),
      },
    ]);
  });

  it("saves pages that stay far below the size of an item, even with the longest names", async () => {
    const name = (index: number) =>
      Array.from({ length: 256 }, (_, at) =>
        String.fromCodePoint(0x4e00 + ((index * 7919 + at * at * 31) % 20_000)),
      ).join("");
    await anAccount(600, 50);
    for (const [userId, agent] of freshdesk.api.state.agents) {
      freshdesk.api.state.agents.set(userId, { ...agent, name: name(userId) });
    }

    await anInvocation(0.5).sweep();

    const sizes = savedPages().map(({ content }) => content?.B?.length ?? 0);
    expect(sizes).toHaveLength(5);
    expect(Math.max(...sizes)).toBeLessThan(100_000);
  });

  it("does not replace a state that is newer than the saved page of the agent", async () => {
    await anAccount(600, 50);
    await sweepToEnd();
    await freshdesk.clock.pause(30 * MINUTE);
    const lunchStatus = { statusId: 9, statusUpdatedAt: freshdesk.clock.now() };
    await anInvocation(0.5).sweep();
    freshdesk.api.state.agents.set(1000, aFreshdeskAgent(1000, lunchStatus));
    await freshdesk.clock.pause(2 * MINUTE);
    // Another comparison stores the newer state.
    await anInvocation().compare(1000);

    await sweepToEnd();

    expect(stored.item("user:1000")).toMatchObject({ status: { id: "9" }, version: 2 });
  });

  it("lets no other sweep run at the same time, and leaves the lease to the next one", async () => {
    await anAccount(600, 50);
    const requested: string[] = [];
    freshdesk.api.onRequest = ({ path }) => requested.push(path);

    await Promise.all([anInvocation(0.5).sweep(), anInvocation(0.5).sweep()]);
    expect(requested).toHaveLength(5);
    await sweepToEnd(0.5);

    expect(pagesRequested()).toEqual(["1", "2", "3", "4", "5", "6"]);
  });

  it("fails, and does not continue, if the rate limit does not allow a request in time", async () => {
    await anAccount(600, 50);
    freshdesk.api.nextFaults.push(throttlingFault(3600));

    await sweepToEnd(0.5);
    expect([continuations, agentsKnown()]).toEqual([0, 0]);
    await freshdesk.clock.pause(61 * MINUTE);
    await sweepToEnd();

    expect(agentsKnown()).toBe(600);
  });

  it("reports to a waiting operator that it is unfinished, and continues without the command", async () => {
    await anAccount(600, 50);

    expect(await anInvocation(0.5).sweepNow(false)).toEqual({
      outcome: "unfinished",
      pagesRead: 5,
    });
    expect(continuations).toBe(1);
  });

  it("continues only with the next command in a dry run, which writes no item", async () => {
    await anAccount(600, 50);

    expect(await anInvocation(0.5).sweepNow(true)).toEqual({ outcome: "unfinished", pagesRead: 5 });
    expect(await anInvocation(0.5).sweepNow(true)).toMatchObject({
      outcome: "swept",
      checked: 600,
    });
    expect([continuations, updates("agents")]).toEqual([0, 0]);
  });

  it("leaves removals that it cannot confirm in time to the next sweep", async () => {
    await anAccount(20, 50);
    await sweepToEnd();
    freshdesk.api.state.agents.clear();
    await freshdesk.clock.pause(10 * MINUTE);

    await sweepToEnd(1);
    const removed = () =>
      [...stored.table.items.values()].filter(({ removedAt }) => removedAt !== undefined).length;
    const first = removed();
    await freshdesk.clock.pause(10 * MINUTE);
    await sweepToEnd();

    // A user: item and a session item each.
    expect(first).toBe(22);
    expect(removed()).toBe(40);
  });
});

describe("all requests of an account together", () => {
  it("use at most a quarter of the rate limit while a sweep and comparisons of single agents run at the same time", async () => {
    await anAccount(2000, 50);

    const work = [anInvocation().sweep()];
    for (let index = 0; index < 40; index += 1) {
      work.push(anInvocation().compare(1000 + index));
    }
    await Promise.all(work);
    await sweepToEnd();

    expect(agentsKnown()).toBe(2000);
    // The simulated clock of an invocation does not wait for the others, so only the slots show when requests are sent.
    const slots = slotsTaken();
    expect(slots.length).toBe(freshdesk.api.requests.length);
    const gaps = slots.slice(1).map((slot, index) => slot - (slots[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(MINUTE / 12);
  });

  it("use at most a quarter of the rate limit in invocations one after the other", async () => {
    await anAccount(100, 50);

    for (let index = 0; index < 40; index += 1) {
      await anInvocation().compare(1000 + index);
    }
    await anInvocation().sweep();

    expect(maxPerMinute()).toBeLessThanOrEqual(12);
  });

  it("wait for the time in Retry-After of a response to another invocation", async () => {
    await anAccount(100, 700);
    freshdesk.api.nextFaults.push(throttlingFault(30));
    await anInvocation(0.1).compare(1000);
    const throttledAt = freshdesk.api.requests[0]?.at ?? 0;

    await anInvocation().sweep();

    expect(freshdesk.api.requests[1]?.at).toBeGreaterThanOrEqual(throttledAt + 30_000);
  });

  it("do not wait long for the comparison of one agent, since the next sweep compares it", async () => {
    await anAccount(100, 50);
    freshdesk.api.nextFaults.push(throttlingFault(30));
    await anInvocation().compare(1000);
    const before = freshdesk.clock.now();

    await anInvocation().compare(1001);

    expect(freshdesk.api.requests).toHaveLength(1);
    expect(freshdesk.clock.now()).toBe(before);
  });
});
