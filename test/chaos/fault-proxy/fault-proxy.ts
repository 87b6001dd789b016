import {
  Agent,
  createServer,
  type IncomingMessage,
  request as sendRequest,
  type ServerResponse,
} from "node:http";
import { buffer } from "node:stream/consumers";

import {
  type ServiceResponse,
  requestOf,
  type Service,
  type ServiceRequest,
} from "./service-exchange.ts";
import type { Effect } from "./fault-effects.ts";

/** Selects requests and defines the effect on them. */
export interface Fault {
  readonly service: Service;
  /** @default any operation */
  readonly operation?: string;
  /** Limits the fault to some requests. @default all requests */
  readonly matches?: (request: ServiceRequest) => boolean;
  /** Maximum number of requests that are affected. @default no limit */
  readonly times?: number;
  readonly effect: Effect;
}

export interface ActiveFault {
  /** Returns the number of requests that it has affected. */
  readonly hits: () => number;
  readonly end: () => void;
}

/** A proxy between functions and the services that they call. */
export interface FaultProxy {
  readonly endpoint: string;
  /** Starts a fault. If several match a request, the first one that was started handles it. */
  readonly startFault: (fault: Fault) => ActiveFault;
  readonly stop: () => Promise<void>;
}

const HOST = "127.0.0.1";

/** An active fault with its number of affected requests. */
interface Entry {
  readonly fault: Fault;
  readonly controller: AbortController;
  hits: number;
}

function isMatchedBy({ fault, hits }: Entry, request: ServiceRequest): boolean {
  const {
    service,
    operation = request.operation,
    matches,
    times = Number.POSITIVE_INFINITY,
  } = fault;
  return (
    service === request.service &&
    operation === request.operation &&
    hits < times &&
    matches?.(request) !== false
  );
}

/** Headers of a single connection, which Node sets itself. */
const HOP_BY_HOP = new Set([
  "connection",
  "keep-alive",
  "transfer-encoding",
  "content-length",
  "host",
]);

function forwardedHeaders(headers: IncomingMessage["headers"]): IncomingMessage["headers"] {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name.toLowerCase())),
  );
}

function createForward(upstream: string, agent: Agent) {
  return async (incoming: IncomingMessage, body: Buffer | string): Promise<ServiceResponse> => {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const { method, url = "/" } = incoming;
    const headers = {
      ...forwardedHeaders(incoming.headers),
      "content-length": Buffer.byteLength(body),
    };
    const outgoing = sendRequest(new URL(url, upstream), { method, headers, agent }, resolve);
    outgoing.on("error", reject);
    outgoing.end(body);
    const response = await promise;
    return {
      status: response.statusCode ?? 0,
      headers: forwardedHeaders(response.headers),
      body: await buffer(response),
    };
  };
}

function reply(response: ServerResponse, { status, headers, body }: ServiceResponse): void {
  // The caller may have closed the connection.
  if (!response.destroyed) {
    response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
    response.end(body);
  }
}

/**
 * Starts a proxy for an endpoint of AWS or of an emulator that can inject the faults of AWS. Requests that no
 * fault matches are forwarded unchanged.
 */
export async function startFaultProxy(upstream: string): Promise<FaultProxy> {
  // A reused connection that the service has just closed would look like an injected fault.
  const agent = new Agent({ keepAlive: false });
  const forward = createForward(upstream, agent);
  const entries = new Set<Entry>();

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(incoming);
    const request = requestOf(incoming.headers, body.toString());
    const entry = request && [...entries].find((each) => isMatchedBy(each, request));
    if (request === undefined || entry === undefined) {
      reply(response, await forward(incoming, body));
      return;
    }
    entry.hits += 1;
    await entry.fault.effect({
      request,
      ended: entry.controller.signal,
      forward: async (changed) => await forward(incoming, changed ?? body),
      respond: (content) => {
        reply(response, content);
      },
      reset: () => {
        incoming.socket.resetAndDestroy();
      },
    });
  }

  const server = createServer((incoming, response) => {
    handle(incoming, response).catch(() => {
      // The emulator has stopped, or the caller closed the connection before its request was complete.
      incoming.socket.destroy();
    });
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => {
    server.listen(0, HOST, resolve);
  });
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;

  return {
    endpoint: `http://${HOST}:${port}`,
    startFault: (fault) => {
      const entry: Entry = { fault, controller: new AbortController(), hits: 0 };
      entries.add(entry);
      return {
        hits: () => entry.hits,
        end: () => {
          entries.delete(entry);
          entry.controller.abort();
        },
      };
    },
    stop: async () => {
      for (const { controller } of entries) {
        controller.abort();
      }
      entries.clear();
      const closed = new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
      });
      server.closeAllConnections();
      agent.destroy();
      await closed;
    },
  };
}
