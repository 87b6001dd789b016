import { randomUUID } from "node:crypto";

import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { Webhook } from "standardwebhooks";

import { PING_ACCOUNT } from "../availability/reserved.ts";

/** The installation ping of a relay: a batch without events. */
const BODY = JSON.stringify({ events: [] });

/**
 * Returns a ping of the ping account as API Gateway passes it to ingest, signed according to Standard Webhooks
 * 1.0.
 *
 * @param allowedSources CIDR blocks; the ping comes from the first of them, if there are any.
 */
export function createPing(key: string, allowedSources: readonly string[]): APIGatewayProxyEventV2 {
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
        sourceIp: allowedSources[0]?.split("/")[0] ?? "127.0.0.1",
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
