import { gzipSync } from "node:zlib";

import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";

import { accountsInClaim } from "./account-claim.ts";
import type { BoardConfig } from "./board-data.ts";
import type { Board } from "./board.ts";
import { type BoardRequest, type BoardResponse, problemResponse } from "./responses.ts";

/** The fields of an HTTP API request (payload format 2.0) that the board uses. */
export interface ApiRequest {
  readonly rawPath: string;
  readonly rawQueryString: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly requestContext: {
    readonly http: { readonly method: string };
    /** The token's claims, verified by API Gateway; absent on routes without an authorizer. */
    readonly authorizer?: {
      readonly jwt?: { readonly claims?: Readonly<Record<string, unknown>> };
    };
  };
}

/** Smaller bodies are sent uncompressed. */
const MIN_COMPRESSED_BYTES = 1024;

/** Returns which accounts the caller may read: none without claims, even if the route has lost its authorizer. */
function permissionOf(
  { authorizer }: ApiRequest["requestContext"],
  accountsClaim: string | undefined,
): BoardRequest["mayRead"] {
  const claims = authorizer?.jwt?.claims;
  if (claims === undefined) {
    return undefined;
  }
  if (accountsClaim === undefined) {
    return () => true;
  }
  const listed = accountsInClaim(claims[accountsClaim]);
  return (accountId) => listed.has(accountId);
}

function resultOf(
  { status, headers, body }: BoardResponse,
  acceptEncoding = "",
): APIGatewayProxyStructuredResultV2 {
  const varying = { ...headers, vary: "accept-encoding" };
  return body.length < MIN_COMPRESSED_BYTES || !/\bgzip\b/.test(acceptEncoding)
    ? { statusCode: status, headers: varying, body }
    : {
        statusCode: status,
        headers: { ...varying, "content-encoding": "gzip" },
        body: gzipSync(body).toString("base64"),
        isBase64Encoded: true,
      };
}

/**
 * Returns the handler of the board's HTTP API. API Gateway has verified the token of a data request: its
 * signature, issuer, audience and time. The handler decides which accounts the viewer may see.
 */
export function createRequestHandler(
  board: Board,
  { accountsClaim }: Omit<BoardConfig, "history">,
) {
  return async (request: ApiRequest): Promise<APIGatewayProxyStructuredResultV2> => {
    const { rawPath, rawQueryString, headers, requestContext } = request;
    let response: BoardResponse;
    try {
      response = await board({
        method: requestContext.http.method,
        path: rawPath,
        query: new URLSearchParams(rawQueryString),
        headers,
        mayRead: permissionOf(requestContext, accountsClaim),
      });
    } catch (error) {
      console.error({ message: "the board request failed", error: String(error) });
      const failed = problemResponse(503, "Service Unavailable", "The request failed. Try again.");
      response = { ...failed, headers: { ...failed.headers, "retry-after": "3" } };
    }
    return resultOf(response, headers["accept-encoding"]);
  };
}
