import type { App, Template } from "./app.ts";

/** A request as it leaves the platform. */
export interface PlatformRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What came back. */
export interface PlatformResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A request of the app, and the status that it ended with; none where nothing was reached. */
export interface PlatformExchange {
  readonly request: PlatformRequest;
  readonly status: number | undefined;
}

/** What the platform's request method needs. */
export interface RequestMethod {
  readonly app: () => App;
  readonly iparams: Readonly<Record<string, string>>;
  readonly send: (request: PlatformRequest) => Promise<PlatformResponse>;
  readonly now: () => number;
  readonly limitsNow: () => number;
  readonly exchanges: PlatformExchange[];
  /** Throws once the handler that asks has had its 20 seconds. */
  readonly assertInTime: () => void;
}

/** How the platform rejects: an object, not an error. */
interface Rejection {
  readonly status: number;
  readonly message?: string;
  readonly response?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly errorSource: "APP" | "PLATFORM";
}

const MOST_A_MINUTE = 50;
const MOST_BYTES = 100 * 1024;
const TIMEOUT_MS = 15_000;

const FQDN = /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}$/i;

/** What the platform takes for an answer; any other content type becomes 415. */
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

function byPlatform(status: number, message: string): Rejection {
  return { status, message, errorSource: "PLATFORM" };
}

/** Fills a template. Secure parameters are there for headers only. */
function fill(
  text: string,
  place: "headers" | "elsewhere",
  { app, iparams }: RequestMethod,
  context: Readonly<Record<string, unknown>>,
): string {
  const filled = text.replaceAll(
    /<%=\s*(iparam|context)\.(\w+)\s*%>/g,
    (_, source: string, name: string) => {
      if (source === "iparam" && app().parameters[name]?.secure === true && place !== "headers") {
        throw byPlatform(400, `iparam.${name} is secure: it may stand in headers only`);
      }
      const value: unknown = source === "iparam" ? iparams[name] : context[name];
      if (typeof value !== "string") {
        throw byPlatform(400, `${source}.${name} is no text`);
      }
      return value;
    },
  );
  if (filled.includes("<%")) {
    throw byPlatform(400, "the template has a substitution that is not understood");
  }
  return filled;
}

function requestOf(
  { schema }: Template,
  method: RequestMethod,
  context: Readonly<Record<string, unknown>>,
  body: string,
): PlatformRequest {
  const host = fill(schema.host, "elsewhere", method, context);
  const path = fill(schema.path, "elsewhere", method, context);
  if (!FQDN.test(host) || !path.startsWith("/")) {
    throw byPlatform(400, "the host is no fully qualified domain name, or the path has no slash");
  }
  const headers = Object.entries(schema.headers).map(([name, value]): [string, string] => [
    name.toLowerCase(),
    fill(value, "headers", method, context),
  ]);
  return {
    method: schema.method,
    url: `https://${host}${path}`,
    headers: Object.fromEntries(headers),
    body,
  };
}

function contentTypeOf(response: PlatformResponse): string {
  return response.headers["content-type"]?.split(";")[0]?.trim() ?? "";
}

async function answerTo(
  request: PlatformRequest,
  { send, now }: RequestMethod,
): Promise<PlatformResponse> {
  const started = now();
  const timer = new AbortController();
  const late = new Promise<never>((_, reject) => {
    const timeout = setTimeout(() => {
      reject(new Error("timeout"));
    }, TIMEOUT_MS);
    timer.signal.addEventListener("abort", () => {
      clearTimeout(timeout);
    });
  });
  try {
    const response = await Promise.race([send(request), late]);
    if (now() - started > TIMEOUT_MS) {
      throw new Error("timeout");
    }
    return response;
  } catch (error) {
    const isLate = error instanceof Error && error.message === "timeout";
    throw isLate
      ? byPlatform(504, "the request timed out")
      : byPlatform(502, "the connection failed");
  } finally {
    timer.abort();
  }
}

function accepted(response: PlatformResponse) {
  const { status, headers, body } = response;
  if (!CONTENT_TYPES.has(contentTypeOf(response))) {
    throw byPlatform(415, "the response's content type is not supported");
  }
  if (status < 200 || status > 299) {
    const rejection: Rejection = { status, headers, response: body, errorSource: "APP" };
    throw rejection;
  }
  return { status, headers, response: body };
}

interface Invocation {
  readonly context?: Readonly<Record<string, unknown>>;
  readonly body?: string;
}

function prepared(name: string, { context = {}, body = "" }: Invocation, method: RequestMethod) {
  const template = method.app().templates[name];
  if (template === undefined) {
    throw byPlatform(
      400,
      `there is no request template ${name}, or the manifest does not declare it`,
    );
  }
  if (Buffer.byteLength(body) > MOST_BYTES) {
    throw byPlatform(400, "the body is of over 100 KB");
  }
  return requestOf(template, method, context, body);
}

/** `$request`, as strict as the platform is known to be. */
export function createRequestMethod(method: RequestMethod) {
  const sent: number[] = [];

  function countIn(): void {
    const minuteAgo = method.limitsNow() - 60_000;
    while (sent[0] !== undefined && sent[0] <= minuteAgo) {
      sent.shift();
    }
    if (sent.length >= MOST_A_MINUTE) {
      throw byPlatform(429, "more than 50 requests a minute");
    }
    sent.push(method.limitsNow());
  }

  return {
    invokeTemplate: async (name: string, options: Invocation = {}) => {
      method.assertInTime();
      const request = prepared(name, options, method);
      countIn();
      try {
        const response = await answerTo(request, method);
        method.exchanges.push({ request, status: response.status });
        return accepted(response);
      } catch (error) {
        if (method.exchanges.at(-1)?.request !== request) {
          method.exchanges.push({ request, status: undefined });
        }
        throw error;
      }
    },
  };
}
