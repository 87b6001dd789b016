import { gunzipSync } from "node:zlib";

import { afterEach, describe, expect, it, jest } from "@jest/globals";

import type { BoardConfig } from "../../functions/board/board-data.ts";
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
]);

/** The handler of a board whose table contains a line for each account. */
function aHandler(settings: Partial<BoardConfig> = {}, failure?: Error) {
  const config = { stage: "blue", accountIds: ["42", "43"], signIn, ...settings };
  const board = createBoard({
    page,
    config,
    readAgents: async (accountId) => {
      if (failure !== undefined) {
        throw failure;
      }
      return await Promise.resolve({ body: `agents of ${accountId}`, etag: `"${accountId}"` });
    },
    signInOrigins: async () =>
      await Promise.resolve(["https://id.example.com", "https://token.example.com"]),
  });
  return createRequestHandler(board, config);
}

function aRequest(path: string, more: Partial<ApiRequest> = {}): ApiRequest {
  return { rawPath: path, headers: {}, requestContext: { http: { method: "GET" } }, ...more };
}

const dataOf = (accountId: string, claims?: Record<string, unknown>, headers = {}): ApiRequest => ({
  rawPath: `/v1/accounts/${accountId}/agents`,
  headers,
  requestContext: { http: { method: "GET" }, ...(claims && { authorizer: { jwt: { claims } } }) },
});

afterEach(() => {
  jest.restoreAllMocks();
});

describe("a request for data", () => {
  it("returns 401 without verified claims, for accounts that the board shows and for others", async () => {
    for (const accountId of ["42", "99"]) {
      const { statusCode, body } = await aHandler()(dataOf(accountId));

      expect({ statusCode, body }).toEqual({
        statusCode: 401,
        body: expect.stringContaining("Sign in to see this account."),
      });
    }
  });

  it("returns the agents of an account that the board shows", async () => {
    const response = await aHandler()(dataOf("42", { sub: "ada" }));

    expect(response).toMatchObject({
      statusCode: 200,
      headers: { etag: '"42"', "content-type": "application/json", "cache-control": "no-cache" },
      body: "agents of 42",
    });
  });

  it("returns 404 for an account that the board does not show, whatever the token lists", async () => {
    const handler = aHandler({ accountsClaim: "accounts" });

    expect((await handler(dataOf("99", { accounts: "[99]" }))).statusCode).toBe(404);
  });

  it.each([
    ["lists only another account", { accounts: "[43]" }],
    ["lists an ID that contains the account's", { accounts: "[142 420]" }],
    ["lists no account", { accounts: "[]" }],
    ["has no such claim", {}],
  ])("returns 403 if the token %s", async (_title, claims) => {
    const { statusCode, body } = await aHandler({ accountsClaim: "accounts" })(
      dataOf("42", claims),
    );

    expect(statusCode).toBe(403);
    expect(body).not.toContain("agents of");
  });

  it.each([
    ["as API Gateway passes an array on", "[42 43]"],
    ["as an array", ["42"]],
    ["as text", "42,43"],
  ])("returns the agents of an account that the token lists %s", async (_title, accounts) => {
    const handler = aHandler({ accountsClaim: "accounts", accountIds: [] });

    expect((await handler(dataOf("42", { accounts }))).body).toBe("agents of 42");
  });

  it("returns 304 if the viewer has the current data", async () => {
    const response = await aHandler()(dataOf("42", {}, { "if-none-match": '"42"' }));

    expect(response).toMatchObject({ statusCode: 304, body: "" });
  });

  it("returns 503 and logs the reason if the table cannot be read", async () => {
    const log = jest.spyOn(console, "error").mockReturnValue();
    const response = await aHandler({}, new Error("the table is gone"))(dataOf("42", {}));

    expect(response).toMatchObject({ statusCode: 503, headers: { "retry-after": "3" } });
    expect(response.body).not.toContain("the table is gone");
    expect(log).toHaveBeenCalledWith({
      message: "the agents could not be read",
      error: "Error: the table is gone",
    });
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

  it("returns the configuration, which is not secret", async () => {
    const { body = "" } = await aHandler({ accountsClaim: "accounts" })(aRequest("/config.json"));

    expect(JSON.parse(body)).toEqual({
      stage: "blue",
      accountIds: ["42", "43"],
      accountsClaim: "accounts",
      signIn,
    });
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
