import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

import type { Board } from "../../functions/board/board.ts";

/** A board that this process serves on the loopback interface. */
export interface BoardServer {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** Rejects other host names, so that a page of another site cannot read the board (DNS rebinding). */
const LOOPBACK_HOST = /^(127\.0\.0\.1|localhost):\d+$/;

async function respond(
  board: Board,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { host = "", "if-none-match": ifNoneMatch } = request.headers;
  if (!LOOPBACK_HOST.test(host)) {
    response.writeHead(421, { "content-type": "text/plain" });
    response.end("This board is served on 127.0.0.1 only.\n");
    return;
  }
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://127.0.0.1");
  const { status, headers, body } = await board({
    method: request.method ?? "GET",
    path: pathname,
    query: searchParams,
    headers: { "if-none-match": ifNoneMatch },
    // The server listens on 127.0.0.1 only, so every connection is treated as the operator's.
    mayRead: () => true,
  });
  response.writeHead(status, headers);
  response.end(body);
}

/**
 * Serves a board on 127.0.0.1.
 * @param port 0 selects a free port.
 * @param onError receives the error of every failed request.
 * @throws Error if the port is in use.
 */
export async function serveBoard(
  board: Board,
  port: number,
  onError: (error: unknown) => void,
): Promise<BoardServer> {
  const server = createServer((request, response) => {
    respond(board, request, response).catch((error: unknown) => {
      onError(error);
      if (!response.headersSent) {
        response.writeHead(503, { "content-type": "application/json" });
      }
      response.end();
    });
  });
  await once(server.listen(port, "127.0.0.1"), "listening");
  const address = server.address();
  if (address === null || typeof address === "string") {
    throw new Error("The board's server has no port.");
  }
  return {
    url: `http://127.0.0.1:${address.port}/`,
    close: async () => {
      server.closeAllConnections();
      await once(server.close(), "close");
    },
  };
}
