import { inspect } from "node:util";

import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";

import { FreshdeskError } from "../../functions/reconcile/freshdesk-error.ts";
import { BudgetExhaustedError } from "../../functions/reconcile/request-budget.ts";
import { throttlingFault } from "../../local/freshdesk-api/fault.ts";
import { serverErrorFault, redirectFault, webPageFault } from "../builders/freshdesk-faults.ts";
import { ADMIN_KEY, aFreshdesk, aFreshdeskAgent } from "../builders/freshdesk.ts";

const agents = (count: number) =>
  Array.from({ length: count }, (_, index) => aFreshdeskAgent(1000 + index));

let freshdesk: Awaited<ReturnType<typeof aFreshdesk>>;

type Client = ReturnType<typeof freshdesk.aClient>;

beforeEach(async () => {
  freshdesk = await aFreshdesk(agents(250));
});

afterEach(async () => {
  jest.restoreAllMocks();
  await freshdesk.api.close();
});

/** Returns the error of a call, which must be a `FreshdeskError`. */
async function errorOf(call: Promise<unknown>): Promise<FreshdeskError> {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(FreshdeskError);
  return error as FreshdeskError;
}

async function allPages(client: ReturnType<typeof freshdesk.aClient>) {
  const pages = [await client.agentPage(1)];
  while (pages.at(-1)?.hasNext === true) {
    pages.push(await client.agentPage(pages.length + 1));
  }
  return pages;
}

describe("the list of agents", () => {
  it("is read in pages of 100, up to the last page", async () => {
    const pages = await allPages(freshdesk.aClient());

    expect(pages.map((page) => page.snapshots.length)).toEqual([100, 100, 50]);
    expect(freshdesk.api.requests.map((request) => request.path)).toEqual([
      "/api/v2/agents?only=availability&page=1&per_page=100",
      "/api/v2/agents?only=availability&page=2&per_page=100",
      "/api/v2/agents?only=availability&page=3&per_page=100",
    ]);
  });

  it("contains each agent's user ID, email address in lower case, login state, status and ticket channel", async () => {
    const [page] = await allPages(freshdesk.aClient());

    expect(page?.snapshots[0]).toEqual({
      userId: "1000",
      name: "Agent 1000",
      email: "agent1000@acme.example",
      loggedIn: true,
      statusId: "1302477",
      statusSince: "2026-11-28T08:00:00.000Z",
      ticketsAvailable: true,
      ticketsSince: "2026-11-28T08:00:00.000Z",
      isDeactivated: false,
      requestedAt: "2026-11-28T12:00:00.000Z",
    });
    const emails = page?.snapshots.map(({ email }) => email);
    expect(emails).toEqual(agents(100).map(({ email }) => email));
  });

  it("is read without availability details if the plan does not include them", async () => {
    freshdesk.api.state.hasAvailability = false;
    const pages = await allPages(freshdesk.aClient());

    expect(pages.map((page) => page.snapshots.length)).toEqual([100, 100, 50]);
    expect(pages[0]?.snapshots[0]).toEqual({
      userId: "1000",
      name: "Agent 1000",
      email: "agent1000@acme.example",
      ticketsAvailable: true,
      ticketsSince: "2026-11-28T08:00:00.000Z",
      isDeactivated: false,
      requestedAt: "2026-11-28T12:00:05.000Z",
    });
    expect(freshdesk.api.requests.slice(1).map((request) => request.path)).toEqual([
      "/api/v2/agents?page=1&per_page=100",
      "/api/v2/agents?page=2&per_page=100",
      "/api/v2/agents?page=3&per_page=100",
    ]);
  });

  it("is read with at most a quarter of the rate limit in any minute, for 2,000 agents", async () => {
    freshdesk.api.state.requestsPerMinute = 50;
    for (const agent of agents(2000)) {
      freshdesk.api.state.agents.set(agent.userId, agent);
    }

    const pages = await allPages(freshdesk.aClient());

    expect(pages.flatMap((page) => page.snapshots)).toHaveLength(2000);
    const times = freshdesk.api.requests.map((request) => request.at);
    const inMinuteFrom = (start: number) =>
      times.filter((time) => time >= start && time < start + 60_000).length;
    expect(Math.max(...times.map(inMinuteFrom))).toBe(12);
    expect(freshdesk.clock.now() - (times[0] ?? 0)).toBeLessThan(2 * 60_000);
  });
});

describe("one agent", () => {
  it("is returned by user ID", async () => {
    expect(await freshdesk.aClient().agent("1001")).toMatchObject({
      userId: "1001",
      isDeactivated: false,
    });
  });

  it("is marked if deactivated", async () => {
    freshdesk.api.state.agents.set(1001, aFreshdeskAgent(1001, { deactivated: true }));

    expect(await freshdesk.aClient().agent("1001")).toMatchObject({ isDeactivated: true });
  });

  it("is undefined if Freshdesk no longer has the agent", async () => {
    freshdesk.api.state.agents.delete(1001);

    expect(await freshdesk.aClient().agent("1001")).toBeUndefined();
  });

  it("is not considered deleted if a proxy returns a web page with status 404", async () => {
    freshdesk.api.constantFault = webPageFault(404);

    expect((await errorOf(freshdesk.aClient().agent("1001"))).reason).toBe("WrongDomain");
  });
});

/** Makes Freshdesk respond to every request with a JSON value. */
function respondWith(value: unknown): void {
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify(value);
  freshdesk.api.constantFault = { kind: "response", status: 200, headers, body };
}

describe("the agent with an email address", () => {
  it("is the one with exactly this address", async () => {
    const client = freshdesk.aClient();

    expect(await client.agentByEmail("agent1001@acme.example")).toMatchObject({ userId: "1001" });
    expect(await client.agentByEmail("nobody@acme.example")).toBeUndefined();
    expect(freshdesk.api.requests.map(({ path }) => path)).toEqual([
      "/api/v2/agents?email=agent1001%40acme.example",
      "/api/v2/agents?email=nobody%40acme.example",
    ]);
  });

  it("is undefined if Freshdesk returns another agent", async () => {
    respondWith([{}, { id: 7, contact: { name: "Omar", email: "omar@acme.example" } }]);

    expect(await freshdesk.aClient().agentByEmail("agent1001@acme.example")).toBeUndefined();
    expect(await freshdesk.aClient().agentByEmail("omar@acme.example")).toMatchObject({
      userId: "7",
    });
  });
});

describe("the availability of one agent", () => {
  it("has status, login state and ticket channel, and neither name nor email address", async () => {
    expect(await freshdesk.aClient().availability("1001")).toEqual({
      userId: "1001",
      loggedIn: true,
      statusId: "1302477",
      statusSince: "2026-11-28T08:00:00.000Z",
      ticketsAvailable: true,
      ticketsSince: "2026-11-28T08:00:00.000Z",
      isDeactivated: false,
      requestedAt: "2026-11-28T12:00:00.000Z",
    });
    expect(freshdesk.api.requests[0]?.path).toBe("/api/v2/agents/1001/availability");
  });

  it("is undefined if Freshdesk no longer has the agent", async () => {
    freshdesk.api.state.agents.delete(1001);

    expect(await freshdesk.aClient().availability("1001")).toBeUndefined();
  });
});

describe("an unexpected response", () => {
  it.each([
    ["a list", "expected a list of agents", (each: Client) => each.agentPage(1)],
    ["an agent", "(expected agent ID 1001, got 7)", (each: Client) => each.agent("1001")],
    ["the account", "account_id is missing", (each: Client) => each.account()],
  ] as const)("to a request for %s is an error with the detail: %s", async (_, detail, request) => {
    respondWith({ id: 7, contact: { name: "Omar" } });

    const error = await errorOf(request(freshdesk.aClient()));

    expect(error.reason).toBe("UnexpectedResponse");
    expect(error.message).toContain(detail);
    expect(error.message).toContain("acme.freshdesk.com");
  });

  it("to a request for an agent is an error if it has no ID", async () => {
    respondWith({ contact: { name: "Omar" } });

    expect(await errorOf(freshdesk.aClient().agent("1001"))).toMatchObject({
      reason: "UnexpectedResponse",
      message: expect.stringContaining("(expected agent ID 1001, got none)"),
    });
  });

  it("with status 404 to a request for the list or the account means that the domain is wrong", async () => {
    const body = JSON.stringify({ message: "not found" });
    const headers = { "content-type": "application/json" };
    freshdesk.api.constantFault = { kind: "response", status: 404, headers, body };
    const client = freshdesk.aClient();

    for (const request of [client.agentPage(1), client.account(), client.agentByEmail("a@b.c")]) {
      expect(await errorOf(request)).toMatchObject({
        reason: "WrongDomain",
        message: expect.stringContaining("status 404"),
      });
    }
  });
});

describe("the account", () => {
  it("is the one that the API key belongs to", async () => {
    expect(await freshdesk.aClient().account()).toEqual({
      accountId: "11010177632",
      domain: "acme.freshdesk.com",
    });
  });
});

describe("a failed request", () => {
  it.each([
    ["a revoked key", "ApiKeyRejected", () => freshdesk.api.state.apiKeys.clear()],
    [
      "the key of an agent who is not an administrator",
      "NotAdmin",
      () => freshdesk.api.state.apiKeys.set(ADMIN_KEY, "agent"),
    ],
    [
      "a locked owner of the key",
      "UserLocked",
      () => freshdesk.api.state.apiKeys.set(ADMIN_KEY, "locked"),
    ],
    [
      "a suspended account",
      "AccountSuspended",
      () => {
        freshdesk.api.state.isSuspended = true;
      },
    ],
    [
      "an address that redirects",
      "WrongDomain",
      () => {
        freshdesk.api.constantFault = redirectFault("https://help.acme.example/");
      },
    ],
  ] as const)("because of %s has the reason %s, and is not repeated", async (_, reason, apply) => {
    apply();

    expect((await errorOf(freshdesk.aClient().agentPage(1))).reason).toBe(reason);
    expect(freshdesk.api.requests).toHaveLength(1);
  });

  it.each([
    ["Unavailable", serverErrorFault(502), 60_000],
    ["Unavailable", { kind: "reset" }, 60_000],
    ["NotJson", webPageFault(200), 60_000],
    ["Unavailable", webPageFault(503), 60_000],
    ["Timeout", { kind: "endless body" }, 100],
    ["Timeout", { kind: "slow", milliseconds: 60_000 }, 100],
  ] as const)(
    "is repeated twice, then has the reason %s (%j)",
    async (reason, fault, timeoutMs) => {
      freshdesk.api.constantFault = fault;
      // On a busy machine, a request can time out before it arrives.
      const sent = jest.spyOn(globalThis, "fetch");

      const error = await errorOf(freshdesk.aClient({ timeoutMs }).agentPage(1));

      expect(error.reason).toBe(reason);
      expect(error.message).toContain("acme.freshdesk.com");
      expect(sent).toHaveBeenCalledTimes(3);
    },
  );

  it("is repeated after the time in Retry-After, then succeeds", async () => {
    freshdesk.api.nextFaults.push(throttlingFault(30), serverErrorFault(503, 7));
    const start = freshdesk.clock.now();

    expect((await freshdesk.aClient().agentPage(1)).snapshots).toHaveLength(100);
    expect(freshdesk.api.requests.map(({ at }) => at - start)).toEqual([0, 30_000, 37_000]);
  });

  it.each([
    ["Throttled", 700],
    ["TrialLimit", 50],
  ])("because of the rate limit has the reason %s if the limit is %d", async (reason, limit) => {
    freshdesk.api.state.requestsPerMinute = limit;
    freshdesk.api.constantFault = throttlingFault(1);

    const error = await errorOf(freshdesk.aClient().agentPage(1));

    expect(error).toMatchObject({ reason, retryAfterMs: 1000 });
  });

  it("is not sent if Freshdesk allows it only after the deadline", async () => {
    freshdesk.api.constantFault = throttlingFault(300);
    const client = freshdesk.aClient({ deadline: freshdesk.clock.now() + 60_000 });

    await expect(client.agentPage(1)).rejects.toBeInstanceOf(BudgetExhaustedError);
    await expect(client.agentPage(1)).rejects.toMatchObject({ waitMs: 300_000 });
    expect(freshdesk.api.requests).toHaveLength(1);
  });

  it("is aborted by the caller's signal", async () => {
    freshdesk.api.constantFault = { kind: "endless body" };
    const controller = new AbortController();
    const reason = new Error("the function ends soon");
    freshdesk.api.onRequest = () => {
      controller.abort(reason);
    };
    const { signal } = controller;

    await expect(freshdesk.aClient({ signal }).agentPage(1)).rejects.toBe(reason);
    expect(freshdesk.api.requests).toHaveLength(1);
  });

  it.each([
    serverErrorFault(500),
    webPageFault(200),
    { kind: "reset" },
    throttlingFault(1),
  ] as const)("has an error without the API key or the response (%j)", async (fault) => {
    freshdesk.api.constantFault = fault;

    const error = await errorOf(freshdesk.aClient().agentPage(1));

    const shown = inspect(error, { depth: null, showHidden: true });
    expect(shown).not.toContain(ADMIN_KEY);
    expect(shown).not.toContain(Buffer.from(`${ADMIN_KEY}:X`).toString("base64"));
    expect(shown).not.toContain("sign in to the network");
    expect(error.message).toContain("acme.freshdesk.com");
  });

  it("has the reason Unavailable and names the error code if nothing listens at the address", async () => {
    const other = await aFreshdesk();
    await other.api.close();
    const client = other.aClient();

    const error = await errorOf(client.agentPage(1));

    expect(error.reason).toBe("Unavailable");
    expect(error.message).toContain("(ECONNREFUSED)");
  });
});
