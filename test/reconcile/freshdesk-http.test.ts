import { afterEach, beforeEach, describe, expect, it, jest } from "@jest/globals";

import {
  createFreshdeskHttp,
  type FreshdeskConnection,
} from "../../functions/reconcile/freshdesk-http.ts";
import { createRequestBudget } from "../../functions/reconcile/request-budget.ts";
import { ADMIN_KEY, aClock, DOMAIN } from "../builders/freshdesk.ts";

let fetched: jest.SpiedFunction<typeof fetch>;

beforeEach(() => {
  fetched = jest.spyOn(globalThis, "fetch");
});

afterEach(() => {
  jest.restoreAllMocks();
});

/** Sends a request to Freshdesk's own address. */
async function get(differences: Partial<FreshdeskConnection> = {}) {
  const clock = aClock();
  const budget = createRequestBudget({ ...clock, deadline: Number.POSITIVE_INFINITY });
  const connection = { domain: DOMAIN, apiKey: ADMIN_KEY, budget, retryPauseMs: 0, ...clock };
  return await createFreshdeskHttp({ ...connection, ...differences })("/api/v2/agents/7");
}

/** Makes every connection fail with a code. */
function failWith(code: unknown): void {
  fetched.mockRejectedValue(new TypeError("fetch failed", { cause: { code } }));
}

describe("a request to Freshdesk", () => {
  it("has the API key as the user name, accepts JSON, and follows no redirect", async () => {
    fetched.mockResolvedValue(new Response("{}"));

    await get();

    const [[url, options] = []] = fetched.mock.calls;
    expect(url).toBe("https://acme.freshdesk.com/api/v2/agents/7");
    expect(options).toMatchObject({
      headers: {
        accept: "application/json",
        authorization: `Basic ${Buffer.from(`${ADMIN_KEY}:X`).toString("base64")}`,
        "user-agent": "agent-availability-hub",
      },
      redirect: "manual",
    });
  });

  it("returns the response, and when the request began", async () => {
    const headers = { link: '<page=2>; rel="next"' };
    fetched.mockResolvedValue(new Response('{"id":7}', { headers }));

    const response = await get();

    expect(response).toMatchObject({
      status: 200,
      text: '{"id":7}',
      requestedAt: "2026-11-28T12:00:00.000Z",
    });
    expect(response.headers.get("link")).toBe(headers.link);
  });

  it("is not sent if the caller's signal has been aborted", async () => {
    const reason = new Error("the function ends soon");

    await expect(get({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(fetched).not.toHaveBeenCalled();
  });
});

describe("a failed connection", () => {
  it("has the reason WrongDomain if the domain does not exist, and is not repeated", async () => {
    failWith("ENOTFOUND");

    await expect(get()).rejects.toMatchObject({
      reason: "WrongDomain",
      message: expect.stringContaining("(ENOTFOUND)"),
    });
    expect(fetched).toHaveBeenCalledTimes(1);
  });

  it.each(["ECONNRESET", "UND_ERR_SOCKET", "ABC", `A${"B".repeat(40)}`])(
    "has the reason Unavailable and names the code %s",
    async (code) => {
      failWith(code);

      await expect(get()).rejects.toMatchObject({
        reason: "Unavailable",
        message: expect.stringMatching(
          new RegExp(`is unavailable \\(${code}\\)\\. Retry later\\.$`),
        ),
      });
      expect(fetched).toHaveBeenCalledTimes(3);
    },
  );

  it.each([
    [undefined],
    [7],
    ["AB"],
    ["_ABC"],
    ["econnreset"],
    [`A${"B".repeat(41)}`],
    ["ECONNRESET 10.0.0.1"],
    ["10.0.0.1 ECONNRESET"],
  ])("does not show %j, which is not an error code", async (code) => {
    failWith(code);

    await expect(get()).rejects.toMatchObject({
      reason: "Unavailable",
      message: expect.stringMatching(/acme\.freshdesk\.com[^(]*\.$/),
    });
  });
});

describe("a failed response", () => {
  it.each([
    [400, "", "(status 400)"],
    [403, '{"code":"ip_blocked"}', "(status 403 ip_blocked)"],
  ])(
    "with status %d and the body %j is an error that contains %s",
    async (status, body, detail) => {
      fetched.mockResolvedValue(new Response(body, { status }));

      await expect(get()).rejects.toMatchObject({
        message: expect.stringContaining(detail),
        retryAfterMs: undefined,
      });
      expect(fetched).toHaveBeenCalledTimes(1);
    },
  );

  it("is an error with the time after which Freshdesk allows another request", async () => {
    const headers = { "retry-after": "30" };
    fetched.mockResolvedValue(new Response("", { status: 401, headers }));

    await expect(get()).rejects.toMatchObject({
      name: "FreshdeskError",
      reason: "ApiKeyRejected",
      retryAfterMs: 30_000,
    });
  });
});
