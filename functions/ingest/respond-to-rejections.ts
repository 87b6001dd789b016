import type { MiddlewareObj } from "@middy/core";
import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";

import { StoreUnavailableError } from "../store/agent-store.ts";
import { problem, RejectedError, type Rejection } from "./problem.ts";
import { accountIdOf, type Request } from "./request.ts";

/** Returns the SDK's error; ours says only that the call failed. */
function sdkErrorOf(error: Error): Error {
  return error.cause instanceof Error ? error.cause : error;
}

/** Rejections of requests for a known account: only their log lines tell an operator which account it is. */
const LOGGED: ReadonlySet<Rejection> = new Set(["AccountMismatch", "BadSignature", "Malformed"]);

/**
 * Logs what an operator can act on. Other requests of unauthenticated callers are counted and not logged,
 * since there can be any number of them.
 */
function log(error: RejectedError, event: Request): void {
  const { rejection, message: detail, issues, cause } = error;
  const { requestId } = event.requestContext;
  const accountId = accountIdOf(event);
  if (LOGGED.has(rejection)) {
    console.error({
      message: "rejected a request",
      rejection,
      detail,
      issues,
      accountId,
      requestId,
    });
  } else if (cause instanceof StoreUnavailableError) {
    const { name, message } = sdkErrorOf(cause);
    console.error({
      message: "the write to the table failed",
      error: `${name}: ${message}`,
      accountId,
      requestId,
    });
  }
}

/**
 * Turns the rejection of a check into a response, and counts it. Any other error is left to Lambda, which
 * counts it as a function error and makes API Gateway return 500.
 */
export function respondToRejections(
  onRejection: (rejection: Rejection) => void,
): MiddlewareObj<Request, APIGatewayProxyStructuredResultV2> {
  return {
    onError(request) {
      const { error, event } = request;
      if (error instanceof RejectedError) {
        onRejection(error.rejection);
        log(error, event);
        request.response = problem(error, event.requestContext.requestId);
      }
    },
  };
}
