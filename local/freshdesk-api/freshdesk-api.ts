import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

import { applyFault, type Fault, throttlingFault } from "./fault.ts";
import { type ApiResponse, respond, roleOf } from "./respond.ts";
import type { FreshdeskState } from "./state.ts";

export interface ReceivedRequest {
  /** Path and query. */
  readonly path: string;
  /** Epoch milliseconds on the fake's clock. */
  readonly at: number;
}

/** A fake Freshdesk REST API, as strict as its documentation. */
export interface FreshdeskApi {
  /** The fake's origin, such as `http://127.0.0.1:40123`. */
  readonly origin: string;
  /** The state of the first account. Tests can change it at any time. */
  readonly state: FreshdeskState;
  readonly requests: readonly ReceivedRequest[];
  /** The faults of the next requests, one per request. */
  readonly nextFaults: Fault[];
  /** The fault of every request while `nextFaults` is empty. */
  constantFault: Fault | undefined;
  /** Called before a request is processed, to change the state between two pages, for example. */
  onRequest: ((request: ReceivedRequest) => void) | undefined;
  readonly close: () => Promise<void>;
}

const WINDOW_MS = 60_000;

/** Counts requests per minute, including those that fail. */
function createRateLimit(state: FreshdeskState, now: () => number) {
  let startedAt = now();
  let used = 0;
  return {
    /** Counts a request. @returns the response's headers, and the rejection if the request exceeds the limit. */
    count() {
      if (now() - startedAt >= WINDOW_MS) {
        startedAt = now();
        used = 0;
      }
      used += 1;
      const total = state.requestsPerMinute;
      return {
        headers: {
          "x-ratelimit-total": String(total),
          "x-ratelimit-remaining": String(Math.max(0, total - used)),
          "x-ratelimit-used-currentrequest": "1",
        },
        rejection:
          used > total
            ? throttlingFault(Math.ceil((startedAt + WINDOW_MS - now()) / 1000))
            : undefined,
      };
    },
  };
}

function write(response: ServerResponse, { status, headers = {}, body }: ApiResponse): void {
  const type = "application/json; charset=utf-8";
  response.writeHead(status, { ...headers, ...(body !== undefined && { "content-type": type }) });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

export interface FreshdeskApiOptions {
  /** The clock for the rate limit, in epoch milliseconds. @default Date.now */
  readonly now?: () => number;
  /** Additional accounts. The API key of a request selects the account. */
  readonly otherAccounts?: readonly FreshdeskState[];
}

/** Starts the fake on a free loopback port. */
export async function startFreshdeskApi(
  state: FreshdeskState,
  { now = Date.now, otherAccounts = [] }: FreshdeskApiOptions = {},
): Promise<FreshdeskApi> {
  const requests: ReceivedRequest[] = [];
  const limited = (account: FreshdeskState) => ({
    account,
    rateLimit: createRateLimit(account, now),
  });
  const first = limited(state);
  const others = otherAccounts.map(limited);
  const accountOf = (authorization: string | undefined) =>
    others.find(({ account }) => roleOf(authorization, account) !== undefined) ?? first;
  const closed = new AbortController();

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url: path = "/", method = "GET", headers } = request;
    const received = { path, at: now() };
    requests.push(received);
    api.onRequest?.(received);
    const { authorization } = headers;
    const { account, rateLimit } = accountOf(authorization);
    const limit = rateLimit.count();
    response.setHeaders(new Headers(limit.headers));
    const proceed = () => {
      const url = new URL(path, api.origin);
      write(response, respond({ method, authorization, url }, account));
    };
    const fault = limit.rejection ?? api.nextFaults.shift() ?? api.constantFault;
    if (fault === undefined) {
      proceed();
    } else {
      await applyFault(fault, response, { proceed, signal: closed.signal });
    }
  }

  const server = createServer((request, response) => {
    handle(request, response).catch(() => {
      response.destroy();
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  const api: FreshdeskApi = {
    origin: `http://127.0.0.1:${port ?? 0}`,
    state,
    requests,
    nextFaults: [],
    constantFault: undefined,
    onRequest: undefined,
    close: async () => {
      closed.abort();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return api;
}
