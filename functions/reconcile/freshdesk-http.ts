import pRetry from "p-retry";
import * as z from "zod";

import { originOf } from "./freshdesk-domain.ts";
import { FreshdeskError } from "./freshdesk-error.ts";
import {
  errorCodeIn,
  failureOf,
  type FreshdeskResponse,
  rateLimitIn,
  retryAfterMsIn,
} from "./freshdesk-response.ts";
import type { RequestBudget } from "./request-budget.ts";

export interface FreshdeskConnection {
  /** Freshdesk domain, such as `acme.freshdesk.com`. */
  readonly domain: string;
  /** An administrator's API key. */
  readonly apiKey: string;
  readonly budget: RequestBudget;
  readonly signal?: AbortSignal | undefined;
  /** The local cloud's fake Freshdesk API, on a loopback address. @default - Freshdesk */
  readonly localOrigin?: string | undefined;
  /** Limit on one attempt, from the connection to the end of the body. @default 10,000 */
  readonly timeoutMs?: number;
  /** Pause before the first retry; it doubles. @default 500 */
  readonly retryPauseMs?: number;
  /** The clock, in epoch milliseconds. @default Date.now */
  readonly now?: (() => number) | undefined;
}

/** A response, and when its request began. */
export interface TimedResponse extends FreshdeskResponse {
  /** ISO 8601 UTC with milliseconds. */
  readonly requestedAt: string;
}

/** Attempts after the first one. */
const MAX_RETRIES = 2;

/** Codes of connection errors. Any other text is not logged, because it can contain the address. */
const CODE = /^[A-Z][A-Z_]{2,40}$/;

const connectionErrorSchema = z.object({ cause: z.object({ code: z.string().regex(CODE) }) });

function connectionCodeOf(error: unknown): string | undefined {
  return connectionErrorSchema.safeParse(error).data?.cause.code;
}

/** Creates the function that sends GET requests to the API of one account. */
export function createFreshdeskHttp(connection: FreshdeskConnection) {
  const { domain, apiKey, budget, signal, localOrigin } = connection;
  const { timeoutMs = 10_000, retryPauseMs = 500, now = Date.now } = connection;
  const origin = originOf(domain, localOrigin);
  const headers = {
    accept: "application/json",
    authorization: `Basic ${Buffer.from(`${apiKey}:X`).toString("base64")}`,
    "user-agent": "agent-availability-hub",
  };

  async function send(path: string): Promise<FreshdeskResponse> {
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const response = await fetch(`${origin}${path}`, {
        headers,
        // A redirect could lead to another host.
        redirect: "manual",
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      });
      return { status: response.status, headers: response.headers, text: await response.text() };
    } catch (error) {
      signal?.throwIfAborted();
      if (timeout.aborted) {
        throw new FreshdeskError("Timeout", { domain });
      }
      const detail = connectionCodeOf(error);
      throw new FreshdeskError(detail === "ENOTFOUND" ? "WrongDomain" : "Unavailable", {
        domain,
        detail,
      });
    }
  }

  /** Every attempt counts against the rate limit, so every attempt uses the budget. */
  async function attempt(path: string): Promise<TimedResponse> {
    await budget.acquire();
    const requestedAt = new Date(now()).toISOString();
    const response = await send(path);
    await budget.record(rateLimitIn(response.headers));
    const retryAfterMs = retryAfterMsIn(response.headers);
    if (retryAfterMs !== undefined) {
      await budget.block(retryAfterMs);
    }
    const failure = failureOf(response);
    if (failure !== undefined) {
      const detail = `status ${[response.status, errorCodeIn(response)].filter(Boolean).join(" ")}`;
      throw new FreshdeskError(failure, { domain, detail, retryAfterMs });
    }
    return { ...response, requestedAt };
  }

  /**
   * Sends a GET request and retries it after a transient failure.
   *
   * @param path begins with `/api/v2/`.
   * @returns the response, which is JSON, or has status 404 if the resource does not exist.
   * @throws FreshdeskError, BudgetExhaustedError
   */
  return async (path: string): Promise<TimedResponse> =>
    await pRetry(async () => await attempt(path), {
      retries: MAX_RETRIES,
      minTimeout: retryPauseMs,
      randomize: true,
      signal,
      shouldRetry: ({ error }) => error instanceof FreshdeskError && error.isTransient,
    });
}
