import {
  Agent,
  createServer,
  type IncomingMessage,
  request as send,
  type ServerResponse,
} from "node:http";
import { buffer } from "node:stream/consumers";

import { type Answer, requestOf, type Service, type ServiceRequest } from "./exchange.ts";
import type { Act } from "./faults.ts";

/** Which requests are met, and what is done to them. */
export interface Fault {
  readonly service: Service;
  /** @default - any */
  readonly operation?: string;
  /** Looks closer at a request. @default - each is met */
  readonly meets?: (request: ServiceRequest) => boolean;
  /** How many requests are met, after which all pass. @default - any number */
  readonly times?: number;
  readonly act: Act;
}

/** A fault that is on. */
export interface ActiveFault {
  /** How many requests it has met. */
  readonly hits: () => number;
  /** Switches it off. */
  readonly end: () => void;
}

/** Stands between functions and the services that they call. */
export interface FaultProxy {
  readonly endpoint: string;
  /** Switches a fault on; of several, the one that was switched on first meets a request. */
  readonly turnOn: (fault: Fault) => ActiveFault;
  readonly stop: () => Promise<void>;
}

const HOST = "127.0.0.1";

/** A fault, and what has become of it. */
interface Entry {
  readonly fault: Fault;
  readonly controller: AbortController;
  hits: number;
}

function isMetBy({ fault, hits }: Entry, request: ServiceRequest): boolean {
  const { service, operation = request.operation, meets, times = Number.POSITIVE_INFINITY } = fault;
  return (
    service === request.service &&
    operation === request.operation &&
    hits < times &&
    meets?.(request) !== false
  );
}

/** Of one connection to the next; Node sets them itself. */
const HOP_BY_HOP = new Set([
  "connection",
  "keep-alive",
  "transfer-encoding",
  "content-length",
  "host",
]);

function passedOn(headers: IncomingMessage["headers"]): IncomingMessage["headers"] {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !HOP_BY_HOP.has(name.toLowerCase())),
  );
}

function createForward(upstream: string, agent: Agent) {
  return async (incoming: IncomingMessage, body: Buffer | string): Promise<Answer> => {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
    const { method, url = "/" } = incoming;
    const headers = { ...passedOn(incoming.headers), "content-length": Buffer.byteLength(body) };
    const outgoing = send(new URL(url, upstream), { method, headers, agent }, resolve);
    outgoing.on("error", reject);
    outgoing.end(body);
    const response = await promise;
    return {
      status: response.statusCode ?? 0,
      headers: passedOn(response.headers),
      body: await buffer(response),
    };
  };
}

function reply(response: ServerResponse, { status, headers, body }: Answer): void {
  // The caller may have gone in the meantime.
  if (!response.destroyed) {
    response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) });
    response.end(body);
  }
}

/**
 * Starts a proxy before an endpoint of AWS, or of an emulator, that can be told to fail as AWS fails.
 * What no fault meets passes unchanged.
 */
export async function startFaultProxy(upstream: string): Promise<FaultProxy> {
  // A connection that the service has just closed would look like a fault that nobody asked for.
  const agent = new Agent({ keepAlive: false });
  const forward = createForward(upstream, agent);
  const entries = new Set<Entry>();

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(incoming);
    const met = requestOf(incoming.headers, body.toString());
    const entry = met && [...entries].find((each) => isMetBy(each, met));
    if (met === undefined || entry === undefined) {
      reply(response, await forward(incoming, body));
      return;
    }
    entry.hits += 1;
    await entry.fault.act({
      request: met,
      over: entry.controller.signal,
      forward: async (changed) => await forward(incoming, changed ?? body),
      answer: (answer) => {
        reply(response, answer);
      },
      reset: () => {
        incoming.socket.resetAndDestroy();
      },
    });
  }

  const server = createServer((incoming, response) => {
    handle(incoming, response).catch(() => {
      // The emulator is gone, or the caller before its request was whole: a broken connection too.
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
    turnOn: (fault) => {
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
