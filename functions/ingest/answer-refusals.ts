import type { MiddlewareObj } from "@middy/core";
import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";

import { StoreUnavailableError } from "../store/agent-store.ts";
import { problem, RefusedError, type Refusal } from "./problem.ts";
import { accountIdOf, type Request } from "./request.ts";

/**
 * Answers what a check has refused, and counts it.
 *
 * An unauthenticated caller can be rejected as often as it likes, so most rejections are a metric and no
 * log line. Two are logged: a bad signature for a known account, because nothing else names the account,
 * and a table that fails, which only a signed request can reach. Anything else is left to Lambda, which
 * counts it as an error and makes API Gateway answer 500.
 */
export function answerRefusals(
  onRefusal: (refusal: Refusal) => void,
): MiddlewareObj<Request, APIGatewayProxyStructuredResultV2> {
  return {
    onError(request) {
      const { error, event } = request;
      if (!(error instanceof RefusedError)) {
        return;
      }
      onRefusal(error.refusal);
      if (error.refusal === "BadSignature") {
        console.warn({ message: "the signature is invalid", accountId: accountIdOf(event) });
      }
      if (error.cause instanceof StoreUnavailableError) {
        const { name, message } = causeOf(error.cause);
        console.error({ message: "the table could not be written", error: `${name}: ${message}` });
      }
      request.response = problem(error, event.requestContext.requestId);
    },
  };
}

/** What the SDK said; ours says only that it did. */
function causeOf(error: Error): Error {
  return error.cause instanceof Error ? error.cause : error;
}
