import { gunzipSync } from "node:zlib";

import { afterEach, describe, expect, it, jest } from "@jest/globals";

import type { BoardConfig } from "../../functions/board/board-data.ts";
import type { HistoryReader } from "../../functions/board/board-history.ts";
import { createBoard } from "../../functions/board/board.ts";
import { type ApiRequest, createRequestHandler } from "../../functions/board/request-handler.ts";

const signIn = {
  issuer: "https://id.example.com",
  clientId: "board",
  audience: "hub",
  scopes: [],
};

const page = new Map([
  ["index.html", Buffer.from("<!doctype html><title>Board</title>")],
  ["board.js", Buffer.from(`// ${"x".repeat(2000)}`)],
  ["1024.js", Buffer.from("x".repeat(1024))],
  ["1023.js", Buffer.from("x".repeat(1023))],
  ["LICENSE", Buffer.from("MIT")],
]);

interface HandlerOptions extends Partial<Omit<BoardConfig, "history">> {
  readonly history?: HistoryReader | undefined;
  readonly failure?: Error;
}

const bodyOf = async (data: string, accountId: string) =>
  await Promise.resolve({ body: `${data} of ${accountId}`, etag: `"${accountId}"` });

const aHistory: HistoryReader = {
  readHistory: async (accountId) => await bodyOf("history", accountId),
  readChanges: async (accountId) => await bodyOf("changes", accountId),
};

/** The handler of a board whose tables contain a line for each account. */
function aHandler({ failure, ...options }: HandlerOptions = {}) {
  const { history, ...settings } = { history: aHistory, ...options };
  const config = { stage: "blue", accountIds: ["42", "43"], signIn, ...settings };
  const board = createBoard({
    page,
    config,
    readAgents: async (accountId) => {
      if (failure !== undefined) {
        throw failure;
      }
      return await bodyOf("agents", accountId);
    },
    history,
    signInOrigins: async () =>
      await Promise.resolve(["https://id.example.com", "https://token.example.com"]),
  });
  return createRequestHandler(board, config);
}

type Handler = ReturnType<typeof aHandler>;

function aRequest(path: string, more: Partial<ApiRequest> = {}): ApiRequest {
  return {
    rawPath: path,
    rawQueryString: "",
    headers: {},
    requestContext: { http: { method: "GET" } },
    ...more,
  };
}

const DAY = { from: "2026-11-28T00:00:00.000Z", to: "2026-11-29T00:00:00.000Z" };

/** A request for data of an account, by a caller with these claims. */
const dataOf = (
  accountId: string,
  claims?: Record<string, unknown>,
  { kind = "agents", headers = {}, query = { agent: "7", ...DAY } } = {},
): ApiRequest => ({
  rawPath: `/v1/accounts/${accountId}/${kind}`,
  rawQueryString: new URLSearchParams(query).toString(),
  headers,
  requestContext: { http: { method: "GET" }, ...(claims && { authorizer: { jwt: { claims } } }) },
});

afterEach(() => {
  jest.restoreAllMocks();
});

describe.each(["agents", "history", "changes"])("a request for %s", (kind) => {
  it("returns 401 without verified claims, for accounts that the board shows and for others", async () => {
    for (const accountId of ["42", "99"]) {
      const { statusCode, body } = await aHandler()(dataOf(accountId, undefined, { kind }));

      expect({ statusCode, body }).toEqual({
        statusCode: 401,
        body: expect.stringContaining("Sign in to see this account."),
      });
    }
  });

  it("returns the data of an account that the board shows", async () => {
    const response = await aHandler()(dataOf("42", { sub: "ada" }, { kind }));

    expect(response).toMatchObject({
      statusCode: 200,
      headers: { etag: '"42"', "content-type": "application/json", "cache-control": "no-cache" },
      body: `${kind} of 42`,
    });
  });

  it("returns 404 for an account that the board does not show, even if the token lists it", async () => {
    const handler = aHandler({ accountsClaim: "accounts" });

    expect((await handler(dataOf("99", { accounts: "[99]" }, { kind }))).statusCode).toBe(404);
  });

  it.each([
    ["lists only another account", { accounts: "[43]" }],
    ["lists an ID that contains the account's ID", { accounts: "[142 420]" }],
    ["lists no account", { accounts: "[]" }],
    ["has no such claim", {}],
  ])("returns 403 if the token %s", async (_title, claims) => {
    const { statusCode, body } = await aHandler({ accountsClaim: "accounts" })(
      dataOf("42", claims, { kind }),
    );

    expect(statusCode).toBe(403);
    expect(body).not.toContain(`${kind} of`);
  });

  it.each([
    ["as an array in API Gateway's format", "[42 43]"],
    ["as an array", ["42"]],
    ["as text", "42,43"],
  ])("returns the data of an account that the token lists %s", async (_title, accounts) => {
    const handler = aHandler({ accountsClaim: "accounts", accountIds: [] });

    expect((await handler(dataOf("42", { accounts }, { kind }))).body).toBe(`${kind} of 42`);
  });

  it("returns 304 if the viewer has the current data", async () => {
    const headers = { "if-none-match": '"42"' };
    const response = await aHandler()(dataOf("42", {}, { kind, headers }));

    expect(response).toMatchObject({ statusCode: 304, body: "" });
  });
});

/** The parts of a response that a test compares, with its body as JSON. */
const problemIn = ({ statusCode, headers, body = "" }: Awaited<ReturnType<Handler>>) => ({
  statusCode,
  headers,
  problem: JSON.parse(body) as unknown,
});

/** The response to a request that is rejected or fails. */
const aProblem = (status: number, title: string, detail: string) => ({
  statusCode: status,
  headers: {
    "content-type": "application/json",
    "cache-control": "no-store",
    vary: "accept-encoding",
  },
  problem: { type: "about:blank", title, status, detail },
});

describe("a request that the board rejects", () => {
  it.each([
    [401, "Unauthorized", "Sign in to see this account.", dataOf("42")],
    [404, "Not found", "This board does not show account 99.", dataOf("99", {})],
    [
      403,
      "Forbidden",
      "Your access token does not list account 42. Ask the team that runs the hub for access.",
      dataOf("42", {}),
    ],
    [
      400,
      "Bad request",
      'agent must be an availability ID of at most 256 characters (got "")',
      dataOf("42", { accounts: "[42]" }, { kind: "history", query: { agent: "", ...DAY } }),
    ],
    [404, "Not found", "The board has no page /missing.", aRequest("/missing")],
    [
      405,
      "Method not allowed",
      "The board accepts only GET requests.",
      aRequest("/", { requestContext: { http: { method: "POST" } } }),
    ],
  ])("returns problem details with status %d: %s, %s", async (status, title, detail, request) => {
    const response = await aHandler({ accountsClaim: "accounts" })(request);

    expect(problemIn(response)).toEqual(aProblem(status, title, detail));
  });

  it.each(["history", "changes"])(
    "returns problem details with the setting to change for %s if the stage keeps no history",
    async (kind) => {
      const response = await aHandler({ history: undefined })(dataOf("42", {}, { kind }));

      expect(problemIn(response)).toEqual(
        aProblem(404, "Not found", "This stage keeps no history. To keep one, set historyDays."),
      );
    },
  );

  it("returns 401 if another kind of authorizer, without token claims, has admitted the caller", async () => {
    const requestContext = { http: { method: "GET" }, authorizer: {} };

    expect(await aHandler()(aRequest("/v1/accounts/42/agents", { requestContext }))).toMatchObject({
      statusCode: 401,
    });
  });
});

describe("a request for data", () => {
  it("returns 503 and logs the reason if the request fails", async () => {
    const log = jest.spyOn(console, "error").mockReturnValue();
    const response = await aHandler({ failure: new Error("the table is gone") })(dataOf("42", {}));

    const problem = aProblem(503, "Service Unavailable", "The request failed. Try again.");
    expect(problemIn(response)).toEqual({
      ...problem,
      headers: { ...problem.headers, "retry-after": "3" },
    });
    expect(log).toHaveBeenCalledWith({
      message: "the board request failed",
      error: "Error: the table is gone",
    });
  });

  it.each([
    [{ ...DAY }, "agent must be an availability ID of at most 256 characters (got nothing)"],
    [{ ...DAY, agent: "" }, 'agent must be an availability ID of at most 256 characters (got "")'],
    [{ agent: "7", to: DAY.to }, "from must be a time such as 2026-11-28T08:00:00Z (got nothing)"],
    [
      { agent: "7", ...DAY, to: "2026-11-29" },
      'to must be a time such as 2026-11-28T08:00:00Z (got "2026-11-29")',
    ],
    [
      { agent: "7", ...DAY, to: "2026-11-29T01:00:00.001Z" },
      'to must be after from, by at most 25 hours (got "2026-11-28T00:00:00.000Z" and "2026-11-29T01:00:00.001Z")',
    ],
    [
      { agent: "7".repeat(257), ...DAY },
      `agent must be an availability ID of at most 256 characters (got "${"7".repeat(257)}")`,
    ],
    [
      { agent: "7", from: DAY.from, to: DAY.from },
      'to must be after from, by at most 25 hours (got "2026-11-28T00:00:00.000Z" and "2026-11-28T00:00:00.000Z")',
    ],
  ])("returns 400 for the history of %j", async (query, detail) => {
    const { statusCode, body = "" } = await aHandler()(
      dataOf("42", {}, { kind: "history", query: query as never }),
    );

    expect(statusCode).toBe(400);
    expect(JSON.parse(body)).toMatchObject({ detail });
  });

  it("returns the history of a day of 25 hours", async () => {
    const query = { agent: "7".repeat(256), ...DAY, to: "2026-11-29T01:00:00.000Z" };

    expect(await aHandler()(dataOf("42", {}, { kind: "history", query }))).toMatchObject({
      statusCode: 200,
    });
  });

  it("reads the history of the agent and period in the query", async () => {
    const calls: unknown[] = [];
    const handler = aHandler({
      history: {
        ...aHistory,
        readHistory: async (...each) => {
          calls.push(each);
          return await bodyOf("history", "42");
        },
      },
    });
    await handler(dataOf("42", {}, { kind: "history", query: { agent: "user:7/8%2F#ä", ...DAY } }));

    const period = { from: Date.parse(DAY.from), to: Date.parse(DAY.to) };
    expect(calls).toEqual([["42", "user:7/8%2F#ä", period]]);
  });
});

describe("a request for the page", () => {
  it("needs no token, and returns a Content-Security-Policy that allows the page and its issuer only", async () => {
    const { statusCode, headers } = await aHandler()(aRequest("/"));

    expect(statusCode).toBe(200);
    expect(headers).toMatchObject({
      "content-type": "text/html; charset=utf-8",
      "content-security-policy":
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' https://id.example.com https://token.example.com; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      "x-frame-options": "DENY",
      "x-content-type-options": "nosniff",
      "referrer-policy": "no-referrer",
    });
  });

  it("allows connections only to its own server if the board needs no other for sign-in", async () => {
    const board = createBoard({
      page,
      config: { stage: "blue", accountIds: [] },
      readAgents: async (accountId) => await bodyOf("agents", accountId),
    });
    const { headers } = await board({
      method: "GET",
      path: "/",
      query: new URLSearchParams(),
      headers: {},
      mayRead: undefined,
    });

    expect(headers["content-security-policy"]).toContain("; connect-src 'self'; ");
  });

  it("returns a file of unknown type as binary data", async () => {
    expect(await aHandler()(aRequest("/LICENSE"))).toMatchObject({
      headers: { "content-type": "application/octet-stream" },
      body: "MIT",
    });
  });

  it("compresses files of at least 1024 bytes", async () => {
    const headers = { "accept-encoding": "gzip" };
    const isCompressed = async (path: string) =>
      (await aHandler()(aRequest(path, { headers }))).isBase64Encoded;

    expect(await isCompressed("/1024.js")).toBe(true);
    expect(await isCompressed("/1023.js")).toBeUndefined();
  });

  it("returns the configuration, which is not secret", async () => {
    const { headers, body = "" } = await aHandler({ accountsClaim: "accounts" })(
      aRequest("/config.json"),
    );

    expect(headers).toMatchObject({ "content-type": "application/json" });
    expect(JSON.parse(body)).toEqual({
      stage: "blue",
      accountIds: ["42", "43"],
      history: true,
      accountsClaim: "accounts",
      signIn,
    });
  });

  it("returns the configuration of a stage that keeps no history", async () => {
    const { body = "" } = await aHandler({ history: undefined })(aRequest("/config.json"));

    expect(JSON.parse(body)).toMatchObject({ history: false });
  });

  it("compresses large files for browsers that accept it", async () => {
    const headers = { "accept-encoding": "gzip, deflate, br" };
    const compressed = await aHandler()(aRequest("/board.js", { headers }));
    const plain = await aHandler()(aRequest("/board.js"));

    expect(compressed).toMatchObject({
      isBase64Encoded: true,
      headers: { "content-encoding": "gzip", vary: "accept-encoding" },
    });
    expect(gunzipSync(Buffer.from(compressed.body ?? "", "base64")).toString()).toBe(plain.body);
    expect(plain.headers).not.toHaveProperty("content-encoding");
  });

  it.each(["/handler.ts", "/page/index.html", "/..%2Findex.mjs"])(
    "returns 404 for %s, which is not a file of the page",
    async (path) => {
      expect((await aHandler()(aRequest(path))).statusCode).toBe(404);
    },
  );
});
