import type { APIGatewayProxyEventV2 } from "aws-lambda";

/** A request on its way through the checks; each adds what it made of it. */
export interface Request extends APIGatewayProxyEventV2 {
  /** The body as it was sent, byte for byte, as UTF-8. */
  rawBody?: string;
  /** Whether the old key of the account's two has signed it; absent if the new one, or its only one, has. */
  isSignedByPreviousKey?: boolean;
  /** The body as JSON. */
  json?: unknown;
}

/** The account that the path names. */
export function accountIdOf({ pathParameters }: Request): string {
  return pathParameters?.["accountId"] ?? "";
}

/** The delivery's id, once the signature over it has been checked. */
export function webhookIdOf({ headers }: Request): string {
  return headers["webhook-id"] ?? "";
}
