import type { App } from "./app.ts";
import {
  platformRejection,
  rejectedBody,
  type Rejection,
  type RejectionBody,
} from "./rejection.ts";
import { type PlatformRequest, requestOf } from "./templates.ts";

export interface PlatformResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A request of the app and the status of its response; undefined if none arrived. */
export interface PlatformExchange {
  readonly request: PlatformRequest;
  readonly status: number | undefined;
}

export interface RequestDependencies {
  readonly app: () => App;
  readonly iparams: Readonly<Record<string, string>>;
  readonly send: (request: PlatformRequest) => Promise<PlatformResponse>;
  readonly now: () => number;
  readonly limitsNow: () => number;
  readonly exchanges: PlatformExchange[];
  /** Throws after the handler's 20 seconds. */
  readonly assertInTime: () => void;
  readonly rejectionBody: RejectionBody;
}

interface Invocation {
  readonly context?: Readonly<Record<string, unknown>>;
  readonly body?: string;
}

const MAX_REQUESTS_PER_MINUTE = 50;
const MAX_BODY_BYTES = 100 * 1024;
const TIMEOUT_MS = 15_000;

/** The platform turns a response with any other content type into 415. */
const CONTENT_TYPES = new Set([
  "application/json",
  "application/xml",
  "text/html",
  "text/xml",
  "application/jsonp",
  "text/plain",
  "text/javascript",
  "application/vnd.api+json",
]);

/** Resolves to a response within the platform's timeout, on the real clock and on the platform's. */
async function respond(
  request: PlatformRequest,
  { send, now }: RequestDependencies,
): Promise<PlatformResponse> {
  const started = now();
  const timeout = Promise.withResolvers<"timeout">();
  const timer = setTimeout(() => {
    timeout.resolve("timeout");
  }, TIMEOUT_MS);
  try {
    const response = await Promise.race([send(request), timeout.promise]).catch(() => {
      throw platformRejection(502, "the connection failed");
    });
    if (response === "timeout" || now() - started > TIMEOUT_MS) {
      throw platformRejection(504, "the request timed out");
    }
    return response;
  } finally {
    clearTimeout(timer);
  }
}

function accept({ status, headers, body }: PlatformResponse, form: RejectionBody) {
  const contentType = headers["content-type"]?.split(";")[0]?.trim() ?? "";
  if (!CONTENT_TYPES.has(contentType)) {
    throw platformRejection(415, "the response's content type is not supported");
  }
  if (status < 200 || status > 299) {
    const content = rejectedBody(body, form);
    throw { status, headers, ...content, errorSource: "APP" } satisfies Rejection;
  }
  return { status, headers, response: body };
}

function prepare(
  name: string,
  { context = {}, body = "" }: Invocation,
  dependencies: RequestDependencies,
) {
  const app = dependencies.app();
  const template = app.templates[name];
  if (template === undefined) {
    throw platformRejection(400, `manifest.json and requests.json must declare ${name}`);
  }
  if (Buffer.byteLength(body) > MAX_BODY_BYTES) {
    throw platformRejection(400, "body must be at most 100 KB");
  }
  return requestOf(template, { app, iparams: dependencies.iparams, context }, body);
}

/** Creates `$request` with the platform's limits. */
export function createRequestMethod(dependencies: RequestDependencies) {
  const { limitsNow, exchanges, assertInTime, rejectionBody } = dependencies;
  const sentAt: number[] = [];

  function countRequest(): void {
    const minuteAgo = limitsNow() - 60_000;
    while (sentAt[0] !== undefined && sentAt[0] <= minuteAgo) {
      sentAt.shift();
    }
    if (sentAt.length >= MAX_REQUESTS_PER_MINUTE) {
      throw platformRejection(429, "more than 50 requests a minute");
    }
    sentAt.push(limitsNow());
  }

  return {
    invokeTemplate: async (name: string, invocation: Invocation = {}) => {
      assertInTime();
      const request = prepare(name, invocation, dependencies);
      countRequest();
      let status: number | undefined;
      try {
        const response = await respond(request, dependencies);
        ({ status } = response);
        return accept(response, rejectionBody);
      } finally {
        exchanges.push({ request, status });
      }
    },
  };
}
