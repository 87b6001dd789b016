import { createHash } from "node:crypto";
import { extname } from "node:path";

import type { AgentsReader } from "./board-agents.ts";
import type { BoardConfig } from "./board-data.ts";

/** A request to the board, from API Gateway or a local server. */
export interface BoardRequest {
  readonly method: string;
  /** Without the query string. */
  readonly path: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Whether the caller may read an account. Called only for accounts that the board shows. */
  readonly mayRead: (accountId: string) => boolean;
}

/** The response to a `BoardRequest`. */
export interface BoardResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a board serves. */
export interface BoardOptions {
  /** The page's files, by name. */
  readonly page: ReadonlyMap<string, Uint8Array>;
  readonly config: BoardConfig;
  readonly readAgents: AgentsReader;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
};

const AGENTS_PATH = /^\/v1\/accounts\/(\d{1,128})\/agents$/;

function securityHeaders({ signIn }: BoardConfig): Record<string, string> {
  const connect = signIn === undefined ? "'self'" : `'self' ${new URL(signIn.issuer).origin}`;
  return {
    "content-security-policy": [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' data:",
      `connect-src ${connect}`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join("; "),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
  };
}

function problem(status: number, title: string, detail: string): BoardResponse {
  return {
    status,
    headers: { "content-type": "application/json", "cache-control": "no-store" },
    body: JSON.stringify({ type: "about:blank", title, status, detail }),
  };
}

const etagOf = (content: Uint8Array) =>
  `"${createHash("sha256").update(content).digest("base64url")}"`;

/** Returns a function that responds to every request to the board. */
export function createBoard({ page, config, readAgents }: BoardOptions) {
  const common = { ...securityHeaders(config), "cache-control": "no-cache" };
  const files = new Map(
    [...page].map(([name, content]) => [
      `/${name}`,
      {
        body: Buffer.from(content).toString("utf8"),
        etag: etagOf(content),
        contentType: CONTENT_TYPES[extname(name)] ?? "application/octet-stream",
      },
    ]),
  );

  function cached(
    { headers }: BoardRequest,
    content: { readonly body: string; readonly etag: string; readonly contentType: string },
  ): BoardResponse {
    const isKnown = headers["if-none-match"] === content.etag;
    return {
      status: isKnown ? 304 : 200,
      headers: { ...common, etag: content.etag, "content-type": content.contentType },
      body: isKnown ? "" : content.body,
    };
  }

  async function agents(request: BoardRequest, accountId: string): Promise<BoardResponse> {
    if (!config.accountIds.includes(accountId) && config.accountIds.length > 0) {
      return problem(404, "Not found", `This board does not show account ${accountId}.`);
    }
    if (!request.mayRead(accountId)) {
      return problem(403, "Forbidden", `Your sign-in does not list account ${accountId}.`);
    }
    const { body, etag } = await readAgents(accountId);
    return cached(request, { body, etag, contentType: "application/json" });
  }

  return async (request: BoardRequest): Promise<BoardResponse> => {
    if (request.method !== "GET") {
      return problem(405, "Method not allowed", "The board only answers GET.");
    }
    const [, accountId] = AGENTS_PATH.exec(request.path) ?? [];
    if (accountId !== undefined) {
      return await agents(request, accountId);
    }
    if (request.path === "/config.json") {
      const body = JSON.stringify(config);
      return cached(request, {
        body,
        etag: etagOf(Buffer.from(body)),
        contentType: "application/json",
      });
    }
    const file = files.get(request.path === "/" ? "/index.html" : request.path);
    return file === undefined
      ? problem(404, "Not found", `The board has no ${request.path}.`)
      : cached(request, file);
  };
}

/** @see createBoard */
export type Board = ReturnType<typeof createBoard>;
