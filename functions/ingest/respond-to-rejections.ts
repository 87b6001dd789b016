import type { MiddlewareObj } from "@middy/core";
import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";

import type { MetricsWriter } from "../metrics/write-metrics.ts";
import { StoreUnavailableError } from "../store/agent-store.ts";
import { problemResponse, RejectedError } from "./problem.ts";
import { accountIdOf, type Request } from "./request.ts";

/** Returns the SDK's error, which names the cause. The hub's own error names only the failed call. */
function sdkErrorOf(error: Error): Error {
  return error.cause instanceof Error ? error.cause : error;
}

/**
 * Logs rejections that an operator can act on. Requests of unauthenticated callers are only counted, since there can
 * be any number of them.
 */
function log(error: RejectedError, event: Request): void {
  const { rejection, message: detail, issues, cause } = error;
  const { requestId } = event.requestContext;
  const accountId = accountIdOf(event);
  if (rejection === "AccountMismatch" || rejection === "Malformed") {
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
      message: "a request to DynamoDB failed",
      error: `${name}: ${message}`,
      accountId,
      requestId,
    });
  }
}

/** Longer than any account ID. Limits what an unauthenticated caller can add to the log. */
const MAX_ACCOUNT_ID_LENGTH = 32;

/**
 * Turns the rejection of a check into a response, and counts it. Any other error is left to Lambda, which
 * counts it as a function error and makes API Gateway return 500.
 *
 * The line of the metric names the account even if it does not exist, so that the response time does not reveal
 * whether it does.
 */
export function respondToRejections(
  metrics: MetricsWriter<"ingest">,
): MiddlewareObj<Request, APIGatewayProxyStructuredResultV2> {
  return {
    onError(request) {
      const { error, event } = request;
      if (error instanceof RejectedError) {
        metrics.count(`Rejected${error.rejection}`);
        metrics.annotate("accountId", accountIdOf(event).slice(0, MAX_ACCOUNT_ID_LENGTH));
        log(error, event);
        request.response = problemResponse(error, event.requestContext.requestId);
      }
    },
  };
}
