import { randomUUID } from "node:crypto";

import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { Webhook } from "standardwebhooks";

import { PING_ACCOUNT } from "../availability/reserved.ts";

/** What a relay sends when it is installed: no event, to hear whether the hub would take one. */
const BODY = JSON.stringify({ events: [] });

/** The first address of a CIDR block, which is in it. */
function addressIn(block: string | undefined): string {
  return block?.split("/")[0] ?? "127.0.0.1";
}

/**
 * A ping of the reserved account, as API Gateway would hand it over.
 *
 * @param key signs it, as Standard Webhooks 1.0 says.
 * @param allowedSources CIDR blocks; where there are some, the ping comes from the first of them.
 */
export function aPing(key: string, allowedSources: readonly string[]): APIGatewayProxyEventV2 {
  const id = `deploy-check-${randomUUID()}`;
  const sentAt = new Date();
  const path = `/v1/accounts/${PING_ACCOUNT}/availability-events`;
  return {
    version: "2.0",
    routeKey: "POST /v1/accounts/{accountId}/availability-events",
    rawPath: path,
    rawQueryString: "",
    headers: {
      "content-type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(sentAt.getTime() / 1000)),
      "webhook-signature": new Webhook(key).sign(id, sentAt, BODY),
      "x-relay-version": "deploy-check",
    },
    requestContext: {
      accountId: "",
      apiId: "",
      domainName: "",
      domainPrefix: "",
      http: {
        method: "POST",
        path,
        protocol: "HTTP/1.1",
        sourceIp: addressIn(allowedSources[0]),
        userAgent: "deploy-check",
      },
      requestId: id,
      routeKey: "POST /v1/accounts/{accountId}/availability-events",
      stage: "$default",
      time: sentAt.toISOString(),
      timeEpoch: sentAt.getTime(),
    },
    pathParameters: { accountId: PING_ACCOUNT },
    body: BODY,
    isBase64Encoded: false,
  };
}
