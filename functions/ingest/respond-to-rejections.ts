import type { MiddlewareObj } from "@middy/core";
import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";

import { StoreUnavailableError } from "../store/agent-store.ts";
import { problem, RejectedError, type Rejection } from "./problem.ts";
import { accountIdOf, type Request } from "./request.ts";

/** Returns the SDK's error; ours says only that the call failed. */
function sdkErrorOf(error: Error): Error {
  return error.cause instanceof Error ? error.cause : error;
}

/**
 * Logs what an operator can act on. An invalid signature for a known account is logged because nothing else
 * names the account. Other requests of unauthenticated callers are only counted, since there can be any
 * number of them.
 */
function log(error: RejectedError, event: Request): void {
  const { rejection, message: detail, issues, cause } = error;
  const { requestId } = event.requestContext;
  const accountId = accountIdOf(event);
  if (rejection === "BadSignature") {
    console.warn({ message: "rejected a request", rejection, accountId });
  } else if (rejection === "AccountMismatch" || rejection === "Malformed") {
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
