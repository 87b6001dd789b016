import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";

import type { Issue } from "../availability/payload.ts";

/** Why a request was refused; also the name by which metrics count it. */
export type Refusal =
  | "ForeignSource"
  | "TooLarge"
  /** The signature of an account that exists is wrong. */
  | "BadSignature"
  /** No signature, or an account that does not exist: the caller may be anyone. */
  | "Unauthenticated"
  | "Malformed"
  | "ForeignAccount"
  | "DependencyFailed";

interface Kind {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
}

/** One response for every request without a valid signature, so that it does not reveal which accounts exist. */
const unauthorized: Kind = {
  status: 401,
  title: "Unauthorized",
  detail: "the request is not signed as it must be",
};

const kinds: Readonly<Record<Refusal, Kind>> = {
  ForeignSource: {
    status: 403,
    title: "Forbidden",
    detail: "requests from this address are not allowed on this stage",
  },
  TooLarge: {
    status: 413,
    title: "Content Too Large",
    detail: "a body of at most 128 KiB is allowed",
  },
  BadSignature: unauthorized,
  Unauthenticated: unauthorized,
  Malformed: {
    status: 400,
    title: "Bad Request",
    detail: "the body is not what it must be: see issues",
  },
  ForeignAccount: {
    status: 403,
    title: "Forbidden",
    detail: "the body is about another account than the path",
  },
  DependencyFailed: {
    status: 503,
    title: "Service Unavailable",
    detail: "a dependency failed; nothing that was acknowledged is lost, and repeating is safe",
  },
};

/** Seconds until a caller should repeat what a failed dependency refused. */
const RETRY_AFTER = "5";

const json = { "content-type": "application/json" };

/** Ends a request early. Thrown by what checks a request, answered by `answerRefusals`. */
export class RefusedError extends Error {
  override readonly name = "RefusedError";
  readonly refusal: Refusal;
  readonly issues: readonly Issue[] | undefined;

  constructor(
    refusal: Refusal,
    options: { readonly issues?: readonly Issue[]; readonly cause?: unknown } = {},
  ) {
    super(kinds[refusal].detail, { cause: options.cause });
    this.refusal = refusal;
    this.issues = options.issues;
  }
}

/** An answer of 200. */
export function ok(body: unknown): APIGatewayProxyStructuredResultV2 {
  return { statusCode: 200, headers: json, body: JSON.stringify(body) };
}

/**
 * The answer to a refused request: a problem in the shape of RFC 9457.
 *
 * Its content type is `application/json`, since the FDK turns every other type into 415.
 */
export function problem(
  refused: RefusedError,
  requestId: string,
): APIGatewayProxyStructuredResultV2 {
  const { status, title, detail } = kinds[refused.refusal];
  const body = { type: "about:blank", title, status, detail, requestId, issues: refused.issues };
  const retry = refused.refusal === "DependencyFailed" && { "retry-after": RETRY_AFTER };
  return { statusCode: status, headers: { ...json, ...retry }, body: JSON.stringify(body) };
}
