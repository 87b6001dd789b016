import { afterEach, beforeEach, describe, expect, it } from "@jest/globals";

import {
  type FreshdeskApi,
  startFreshdeskApi,
} from "../../../local/freshdesk-api/freshdesk-api.ts";
import {
  ADMIN_KEY,
  aFreshdesk,
  aFreshdeskAgent,
  aFreshdeskState,
} from "../../builders/freshdesk.ts";

const basic = (user: string) => ({
  authorization: `Basic ${Buffer.from(user).toString("base64")}`,
});
const ADMIN_HEADER = basic(`${ADMIN_KEY}:X`);

let api: FreshdeskApi;
let clock: Awaited<ReturnType<typeof aFreshdesk>>["clock"];

beforeEach(async () => {
  const agents = Array.from({ length: 120 }, (_, index) => aFreshdeskAgent(1000 + index));
  ({ api, clock } = await aFreshdesk(agents));
});

afterEach(async () => {
  await api.close();
});

async function get(path: string, init: RequestInit = { headers: ADMIN_HEADER }) {
  const response = await fetch(`${api.origin}${path}`, { redirect: "manual", ...init });
  const text = await response.text();
  const json: unknown = text === "" ? undefined : JSON.parse(text);
  return { status: response.status, headers: response.headers, json };
}

describe("the fake Freshdesk API", () => {
  it.each([
    ["no credentials", {}],
    ["an unknown key", basic("unknown:X")],
    ["a key without a password", basic(ADMIN_KEY)],
    ["a bearer token", { authorization: `Bearer ${ADMIN_KEY}` }],
  ])("rejects a request with %s", async (_, headers) => {
    expect(await get("/api/v2/agents", { headers })).toMatchObject({
      status: 401,
      json: { code: "invalid_credentials" },
    });
  });

  it("rejects a method other than GET", async () => {
    const response = await get("/api/v2/agents", { method: "POST", headers: ADMIN_HEADER });

    expect(response.status).toBe(405);
    expect(response.headers.get("allow")).toBe("GET");
  });

  it.each([
    ["per_page=101", "per_page"],
    ["per_page=0", "per_page"],
    ["per_page=x", "per_page"],
    ["page=0", "page"],
    ["page=-1", "page"],
    ["only=everything", "only"],
    ["limit=5", "limit"],
  ])("rejects the query %s and names the field", async (query, field) => {
    expect(await get(`/api/v2/agents?${query}`)).toMatchObject({
      status: 400,
      json: { description: "Validation failed", errors: [{ field }] },
    });
  });

  it("returns 30 agents per page unless the query specifies another number", async () => {
    expect((await get("/api/v2/agents")).json).toHaveLength(30);
    expect((await get("/api/v2/agents?per_page=100&page=2")).json).toHaveLength(20);
    expect((await get("/api/v2/agents?per_page=100&page=3")).json).toEqual([]);
  });

  it("links to the next page, except on the last page", async () => {
    const first = await get("/api/v2/agents?only=availability&per_page=60");
    const last = await get("/api/v2/agents?only=availability&per_page=60&page=2");

    expect(first.headers.get("link")).toBe(
      '<https://acme.freshdesk.com/api/v2/agents?only=availability&per_page=60&page=2>; rel="next"',
    );
    expect(last.headers.get("link")).toBeNull();
  });

  it("finds an agent by email address in upper or lower case", async () => {
    expect((await get("/api/v2/agents?email=AGENT1003@acme.example")).json).toMatchObject([
      { id: 1003 },
    ]);
    expect((await get("/api/v2/agents?email=nobody@acme.example")).json).toEqual([]);
  });

  it("returns 404 without a body for an agent or a path that does not exist", async () => {
    expect(await get("/api/v2/agents/5")).toMatchObject({ status: 404, json: undefined });
    expect(await get("/api/v2/tickets")).toMatchObject({ status: 404, json: undefined });
  });

  it("reports the rate limit, counts failed requests too, and rejects requests over it for the rest of the minute", async () => {
    api.state.requestsPerMinute = 2;
    const first = await get("/api/v2/agents/5");
    await clock.pause(20_000);
    await get("/api/v2/agents", { headers: {} });
    const third = await get("/api/v2/account");
    await clock.pause(40_000);
    const fourth = await get("/api/v2/account");

    expect(first.headers.get("x-ratelimit-total")).toBe("2");
    expect(first.headers.get("x-ratelimit-remaining")).toBe("1");
    expect(first.headers.get("x-ratelimit-used-currentrequest")).toBe("1");
    expect(third.status).toBe(429);
    expect(third.headers.get("retry-after")).toBe("40");
    expect(fourth.status).toBe(200);
  });

  it("shows a change that a test makes between two pages", async () => {
    api.onRequest = ({ path }) => {
      if (path.includes("page=2")) {
        api.state.agents.delete(1000);
      }
    };
    const ids = async (page: number) => {
      const { json } = await get(`/api/v2/agents?per_page=60&page=${page}`);
      return (json as { id: number }[]).map(({ id }) => id);
    };

    const listed = [...(await ids(1)), ...(await ids(2))];

    // The first page has moved up by one agent, so 1060 is on neither page.
    expect(listed).not.toContain(1060);
    expect(listed).toContain(1061);
  });

  it("omits values of some agents, as Freshdesk can", async () => {
    const { json } = await get("/api/v2/agents?only=availability&per_page=100");
    const rows = json as { user_data?: object; contact: object | null }[];

    expect(rows.some((row) => row.user_data === undefined)).toBe(true);
    expect(rows.some((row) => row.contact === null)).toBe(true);
    expect(rows.every((row) => row.user_data !== undefined || row.contact !== null)).toBe(true);
  });
});

describe("a fake with several accounts", () => {
  const KEY = "otherKey0123456789ab";
  let several: FreshdeskApi;

  beforeEach(async () => {
    const other = {
      ...aFreshdeskState([aFreshdeskAgent(7)]),
      accountId: 2,
      apiKeys: new Map([[KEY, "admin" as const]]),
      requestsPerMinute: 1,
    };
    several = await startFreshdeskApi(aFreshdeskState(), { otherAccounts: [other] });
  });

  afterEach(async () => {
    await several.close();
  });

  it("shows the account of the API key, and counts the requests of each account", async () => {
    const request = async (user: string) => {
      const response = await fetch(`${several.origin}/api/v2/account`, { headers: basic(user) });
      const json: unknown = await response.json();
      return { status: response.status, json };
    };

    const other = await request(`${KEY}:X`);
    const first = await request(`${ADMIN_KEY}:X`);

    expect(other).toMatchObject({ status: 200, json: { account_id: 2 } });
    expect(first).toMatchObject({ status: 200, json: { account_id: 11010177632 } });
    expect(await request(`${KEY}:X`)).toMatchObject({ status: 429 });
    expect(await request(`${ADMIN_KEY}:X`)).toMatchObject({ status: 200 });
  });
});
