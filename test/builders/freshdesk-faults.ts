import type { Fault } from "../../local/freshdesk-api/fault.ts";

/** Freshdesk fails, and may specify when to retry. */
export function serverErrorFault(status: 500 | 502 | 503, retryAfterSeconds?: number): Fault {
  return {
    kind: "response",
    status,
    ...(retryAfterSeconds !== undefined && {
      headers: { "retry-after": String(retryAfterSeconds) },
    }),
  };
}

/** A proxy responds with a web page. */
export function webPageFault(status: number): Fault {
  return {
    kind: "response",
    status,
    headers: { "content-type": "text/html; charset=utf-8" },
    body: "<!DOCTYPE html><html><body><h1>Please sign in to the network</h1></body></html>",
  };
}

/** A redirect to another address. */
export function redirectFault(location: string): Fault {
  return { kind: "response", status: 302, headers: { location } };
}
