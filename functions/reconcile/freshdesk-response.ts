import * as z from "zod";

import type { FreshdeskFailure } from "./freshdesk-error.ts";
import type { RateLimit } from "./request-budget.ts";

/** A response of Freshdesk, read to its end. */
export interface FreshdeskResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** The largest limit of a trial, in requests a minute. */
const TRIAL_LIMIT = 50;

/** A whole number in a header, or `undefined` for anything else. */
function numberIn(headers: Headers, name: string): number | undefined {
  const text = headers.get(name) ?? "";
  return /^\d{1,9}$/.test(text) ? Number(text) : undefined;
}

/** Returns the account's rate limit, according to a response. */
export function rateLimitIn(headers: Headers): RateLimit {
  return {
    total: numberIn(headers, "x-ratelimit-total"),
    remaining: numberIn(headers, "x-ratelimit-remaining"),
  };
}

/** Returns `Retry-After`, which Freshdesk sends in seconds, in milliseconds. */
export function retryAfterMsIn(headers: Headers): number | undefined {
  const seconds = numberIn(headers, "retry-after");
  return seconds === undefined ? undefined : seconds * 1000;
}

/** Returns whether the response is one page of a list and another page follows. */
export function hasNextPage(headers: Headers): boolean {
  return /;\s*rel="?next"?/i.test(headers.get("link") ?? "");
}

/** Returns whether the body is a web page, as proxies and unknown domains return it. An empty body is not one. */
function isHtml({ headers, text }: FreshdeskResponse): boolean {
  const isDeclared = /\bhtml\b/i.test(headers.get("content-type") ?? "");
  return text.trim() !== "" && (isDeclared || /^\s*<(?:!doctype|html)/i.test(text));
}

const errorSchema = z.object({ code: z.string().regex(/^[a-z_]{1,40}$/) });

/** Parses JSON; anything else is `undefined`, which no JSON text is. */
export function jsonIn({ text }: FreshdeskResponse): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Returns the code of an error body, such as `access_denied`. */
export function errorCodeIn(response: FreshdeskResponse): string | undefined {
  return errorSchema.safeParse(jsonIn(response)).data?.code;
}

const failuresByCode: ReadonlyMap<string | undefined, FreshdeskFailure> = new Map([
  ["access_denied", "NotAdmin"],
  ["account_suspended", "AccountSuspended"],
  ["invalid_credentials", "ApiKeyRejected"],
  ["password_expired", "UserLocked"],
  ["password_lockout", "UserLocked"],
  ["require_feature", "FeatureMissing"],
]);

function failureOfForbidden(response: FreshdeskResponse): FreshdeskFailure {
  return failuresByCode.get(errorCodeIn(response)) ?? "AccessDenied";
}

function failureOfThrottled({ headers }: FreshdeskResponse): FreshdeskFailure {
  const { total } = rateLimitIn(headers);
  return total !== undefined && total <= TRIAL_LIMIT ? "TrialLimit" : "Throttled";
}

/** Failures by the status, or by its first digit. */
const failuresByStatus: Readonly<Record<number, FreshdeskFailure>> = {
  401: "ApiKeyRejected",
  3: "WrongDomain",
  4: "UnexpectedResponse",
  5: "Unavailable",
};

function failureByStatus(status: number): FreshdeskFailure {
  const statusClass = Math.floor(status / 100);
  return failuresByStatus[status] ?? failuresByStatus[statusClass] ?? "UnexpectedResponse";
}

/**
 * Returns the reason that a response is not usable, or `undefined` if it is usable. Freshdesk's 404 for a missing
 * resource is usable. A domain without an account returns 404 with a web page.
 */
export function failureOf(response: FreshdeskResponse): FreshdeskFailure | undefined {
  const { status } = response;
  switch (status) {
    case 200:
      return jsonIn(response) === undefined ? "NotJson" : undefined;
    case 403:
      return failureOfForbidden(response);
    case 404:
      return isHtml(response) ? "WrongDomain" : undefined;
    case 429:
      return failureOfThrottled(response);
    default:
      return failureByStatus(status);
  }
}
