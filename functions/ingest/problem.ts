import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";

import type { Issue } from "../availability/issues.ts";

/** Why a request was rejected; also the suffix of the metric that counts it. */
export type RejectionReason =
  | "SourceNotAllowed"
  | "TooLarge"
  /** The signature of an account that exists is wrong. */
  | "BadSignature"
  /** No signature, or an account that does not exist: the caller may be anyone. */
  | "Unauthenticated"
  | "Malformed"
  | "AccountMismatch"
  | "DependencyFailed";

interface ProblemKind {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
}

/** One response for every request without a valid signature, so that it does not reveal which accounts exist. */
const unauthorizedProblem: ProblemKind = {
  status: 401,
  title: "Unauthorized",
  detail: "the signature is missing or invalid",
};

const problemKinds: Readonly<Record<RejectionReason, ProblemKind>> = {
  SourceNotAllowed: {
    status: 403,
    title: "Forbidden",
    detail: "requests from this address are not allowed",
  },
  TooLarge: {
    status: 413,
    title: "Content Too Large",
    detail: "the request body must be at most 128 KiB",
  },
  BadSignature: unauthorizedProblem,
  Unauthenticated: unauthorizedProblem,
  Malformed: {
    status: 400,
    title: "Bad Request",
    detail: 'the request body is invalid; see "issues" for the errors',
  },
  AccountMismatch: {
    status: 403,
    title: "Forbidden",
    detail: "the request body is for a different account than the path",
  },
  DependencyFailed: {
    status: 503,
    title: "Service Unavailable",
    detail: "a dependency failed; retrying is safe",
  },
};

/** Seconds after which a caller should retry. */
const RETRY_AFTER = "5";

const jsonHeaders = { "content-type": "application/json" };

interface RejectionOptions {
  /** Replaces the default detail. Only for callers with a valid key. */
  readonly detail?: string;
  readonly issues?: readonly Issue[];
  readonly cause?: unknown;
}

/** Rejects a request. Each check can throw it, and `respondToRejections` turns it into a response. */
export class RejectedError extends Error {
  override readonly name = "RejectedError";
  readonly rejection: RejectionReason;
  readonly issues: readonly Issue[] | undefined;

  constructor(rejection: RejectionReason, { detail, issues, cause }: RejectionOptions = {}) {
    super(detail ?? problemKinds[rejection].detail, { cause });
    this.rejection = rejection;
    this.issues = issues;
  }
}

export function okResponse(body: unknown): APIGatewayProxyStructuredResultV2 {
  return { statusCode: 200, headers: jsonHeaders, body: JSON.stringify(body) };
}

/**
 * Returns the response to a rejected request: problem details (RFC 9457).
 *
 * The content type is `application/json`, since the FDK turns every other type into 415.
 */
export function problemResponse(
  rejected: RejectedError,
  requestId: string,
): APIGatewayProxyStructuredResultV2 {
  const { rejection, message: detail, issues } = rejected;
  const { status, title } = problemKinds[rejection];
  const body = { type: "about:blank", title, status, detail, requestId, issues };
  const retry = rejection === "DependencyFailed" && { "retry-after": RETRY_AFTER };
  return { statusCode: status, headers: { ...jsonHeaders, ...retry }, body: JSON.stringify(body) };
}
