import { extname } from "node:path";

import type { BoardConfig } from "./board-data.ts";
import type { HistoryReader } from "./board-history.ts";
import { type AccountReader, type DataBody, dataBody, etagOf } from "./data-body.ts";
import { InvalidQueryError, parseHistoryQuery } from "./history-query.ts";
import {
  type BoardRequest,
  type BoardResponse,
  contentResponse,
  pageHeaders,
  problemResponse,
} from "./responses.ts";

export interface BoardOptions {
  /** The page's files, by name. */
  readonly page: ReadonlyMap<string, Uint8Array>;
  readonly config: Omit<BoardConfig, "history">;
  readonly readAgents: AccountReader;
  /** @default - the stage keeps no history */
  readonly history?: HistoryReader | undefined;
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

const DATA_PATH = /^\/v1\/accounts\/(\d{1,128})\/(agents|history|changes)$/;

/** The readers of an account's data by the last part of the path. Without a history, only `agents`. */
type DataReaders = Readonly<
  Record<string, ((accountId: string, query: URLSearchParams) => Promise<DataBody>) | undefined>
>;

/** Returns a function that responds to every request to the board. */
export function createBoard(options: BoardOptions) {
  const { page, readAgents, history, signInOrigins } = options;
  const config: BoardConfig = { ...options.config, history: history !== undefined };
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

  const readers: DataReaders = {
    agents: readAgents,
    changes: history?.readChanges,
    history:
      history &&
      (async (accountId, query) => {
        const { agentId, period } = parseHistoryQuery(query);
        return await history.readHistory(accountId, agentId, period);
      }),
  };

  /** Returns the error response if the caller may not read the account. */
  function rejection({ mayRead }: BoardRequest, accountId: string): BoardResponse | undefined {
    if (mayRead === undefined) {
      return problemResponse(401, "Unauthorized", "Sign in to see this account.");
    }
    if (!config.accountIds.includes(accountId) && config.accountIds.length > 0) {
      return problemResponse(404, "Not found", `This board does not show account ${accountId}.`);
    }
    return mayRead(accountId)
      ? undefined
      : problemResponse(
          403,
          "Forbidden",
          `Your access token does not list account ${accountId}. Ask the team that runs the hub for access.`,
        );
  }

  async function data(
    request: BoardRequest,
    accountId: string,
    kind: string,
  ): Promise<BoardResponse> {
    const rejected = rejection(request, accountId);
    if (rejected !== undefined) {
      return rejected;
    }
    const read = readers[kind];
    if (read === undefined) {
      return problemResponse(
        404,
        "Not found",
        "This stage keeps no history. To keep one, set historyDays.",
      );
    }
    try {
      const body = await read(accountId, request.query);
      return contentResponse(request, { ...body, contentType: "application/json" });
    } catch (error) {
      if (error instanceof InvalidQueryError) {
        return problemResponse(400, "Bad request", error.message);
      }
      throw error;
    }
  }

  async function pageFile(request: BoardRequest): Promise<BoardResponse> {
    const file = files.get(request.path === "/" ? "/index.html" : request.path);
    if (file === undefined) {
      return problemResponse(404, "Not found", `The board has no page ${request.path}.`);
    }
    const response = contentResponse(request, file);
    const headers = pageHeaders((await signInOrigins?.()) ?? []);
    return { ...response, headers: { ...response.headers, ...headers } };
  }

  return async (request: BoardRequest): Promise<BoardResponse> => {
    if (request.method !== "GET") {
      return problemResponse(405, "Method not allowed", "The board accepts only GET requests.");
    }
    const [, accountId, kind] = DATA_PATH.exec(request.path) ?? [];
    if (accountId !== undefined && kind !== undefined) {
      return await data(request, accountId, kind);
    }
    if (request.path === "/config.json") {
      return contentResponse(request, { ...dataBody(config), contentType: "application/json" });
    }
    return await pageFile(request);
  };
}

export type Board = ReturnType<typeof createBoard>;
