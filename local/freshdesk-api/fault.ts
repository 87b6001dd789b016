import type { ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/** A failure of Freshdesk, or of the network between it and its caller. */
export type Fault =
  | {
      readonly kind: "response";
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  /** The headers arrive late. */
  | { readonly kind: "slow"; readonly milliseconds: number }
  /** The headers arrive, but the body never ends. */
  | { readonly kind: "endless body" }
  /** The connection is closed without a response. */
  | { readonly kind: "reset" };

/** Other callers have used up the rate limit. */
export function throttlingFault(retryAfterSeconds: number): Fault {
  return {
    kind: "response",
    status: 429,
    headers: { "retry-after": String(retryAfterSeconds) },
    body: JSON.stringify({ message: "You have exceeded the limit of requests per minute" }),
  };
}

/** Applies a fault to a request. After a `slow` fault, `proceed` processes the request as usual. */
export async function applyFault(
  fault: Fault,
  response: ServerResponse,
  { proceed, signal }: { readonly proceed: () => void; readonly signal: AbortSignal },
): Promise<void> {
  switch (fault.kind) {
    case "response":
      response.writeHead(fault.status, fault.headers).end(fault.body);
      break;
    case "slow":
      await sleep(fault.milliseconds, undefined, { signal });
      proceed();
      break;
    case "endless body":
      response.writeHead(200, { "content-type": "application/json" }).write("[");
      break;
    case "reset":
      response.destroy();
      break;
  }
}
