import { createHash } from "node:crypto";
import { extname } from "node:path";

import type { AgentsReader } from "./board-agents.ts";
import type { BoardConfig } from "./board-data.ts";

/** A request to the board, from API Gateway or a local server. */
export interface BoardRequest {
  readonly method: string;
  /** Without the query string. */
  readonly path: string;
  /** By lowercase name. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /**
   * Whether the caller may read an account. Called only for accounts that the board shows. `undefined` if the
   * caller has not signed in.
   */
  readonly mayRead: ((accountId: string) => boolean) | undefined;
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
  /**
   * Returns the origins that the page connects to for sign-in.
   *
   * @default - none
   */
  readonly signInOrigins?: () => Promise<readonly string[]>;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
};

const AGENTS_PATH = /^\/v1\/accounts\/(\d{1,128})\/agents$/;

/** A browser must not interpret a response as anything else than its content type. */
const COMMON_HEADERS = { "cache-control": "no-cache", "x-content-type-options": "nosniff" };

/** Returns the headers of the page: it runs only its own code, and connects only to its server and the issuer. */
function pageHeaders(signInOrigins: readonly string[]): Record<string, string> {
  return {
    "content-security-policy": [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self' data:",
      `connect-src ${["'self'", ...signInOrigins].join(" ")}`,
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
    ].join("; "),
    "referrer-policy": "no-referrer",
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

/** Returns the content, or 304 if the caller has it. */
function cached(
  { headers }: BoardRequest,
  content: { readonly body: string; readonly etag: string; readonly contentType: string },
): BoardResponse {
  const isKnown = headers["if-none-match"] === content.etag;
  return {
    status: isKnown ? 304 : 200,
    headers: { ...COMMON_HEADERS, etag: content.etag, "content-type": content.contentType },
    body: isKnown ? "" : content.body,
  };
}

/** Returns a function that responds to every request to the board. */
export function createBoard({ page, config, readAgents, signInOrigins }: BoardOptions) {
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

  async function agents(request: BoardRequest, accountId: string): Promise<BoardResponse> {
    if (request.mayRead === undefined) {
      return problem(401, "Unauthorized", "Sign in to see this account.");
    }
    if (!config.accountIds.includes(accountId) && config.accountIds.length > 0) {
      return problem(404, "Not found", `This board does not show account ${accountId}.`);
    }
    if (!request.mayRead(accountId)) {
      return problem(403, "Forbidden", `Your sign-in does not list account ${accountId}.`);
    }
    const { body, etag } = await readAgents(accountId);
    return cached(request, { body, etag, contentType: "application/json" });
  }

  async function pageFile(request: BoardRequest): Promise<BoardResponse> {
    const file = files.get(request.path === "/" ? "/index.html" : request.path);
    if (file === undefined) {
      return problem(404, "Not found", `The board has no ${request.path}.`);
    }
    const response = cached(request, file);
    const headers = pageHeaders((await signInOrigins?.()) ?? []);
    return { ...response, headers: { ...response.headers, ...headers } };
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
    return await pageFile(request);
  };
}

/** @see createBoard */
export type Board = ReturnType<typeof createBoard>;
