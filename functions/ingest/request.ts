import type { APIGatewayProxyEventV2 } from "aws-lambda";

/** A request, with the results of the checks that it has passed. */
export interface Request extends APIGatewayProxyEventV2 {
  /** The decoded body, which was signed. */
  rawBody?: string;
  /** Present if the request was signed with the account's previous key. */
  isSignedByPreviousKey?: boolean;
  /** Whether the account has the custom-status feature; absent until the signature is verified. */
  hasCustomStatuses?: boolean;
  /** The parsed body. */
  json?: unknown;
}

export function accountIdOf({ pathParameters }: Request): string {
  return pathParameters?.["accountId"] ?? "";
}

/** Returns the `webhook-id` header, which is signed. */
export function webhookIdOf({ headers }: Request): string {
  return headers["webhook-id"] ?? "";
}
