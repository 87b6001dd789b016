import { createHmac } from "node:crypto";

import type { Context } from "aws-lambda";

import type { Request } from "../../functions/ingest/request.ts";

/** The signing key of account `11010177632` in tests. */
export const KEY = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

/** Signs according to Standard Webhooks 1.0, without the library that the hub verifies with. */
export function signatureOf(key: string, id: string, timestamp: string, body: string): string {
  const secret = Buffer.from(key.replace(/^whsec_/, ""), "base64");
  const mac = createHmac("sha256", secret).update(`${id}.${timestamp}.${body}`).digest("base64");
  return `v1,${mac}`;
}

interface RequestOptions {
  readonly key?: string;
  readonly accountId?: string;
  readonly webhookId?: string;
  readonly timestamp?: string;
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly base64?: boolean;
  readonly sourceIp?: string;
}

/** A signed request as API Gateway passes it to the function. A body that is text is sent unchanged. */
export function aRequest(body: unknown, options: RequestOptions = {}): Request {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const {
    key = KEY,
    accountId = "11010177632",
    webhookId = "delivery-1",
    timestamp = String(Math.floor(Date.now() / 1000)),
    base64 = false,
    sourceIp = "18.233.117.211",
  } = options;
  const headers: Readonly<Record<string, string | undefined>> = {
    "content-type": "application/json",
    "webhook-id": webhookId,
    "webhook-timestamp": timestamp,
    "webhook-signature": signatureOf(key, webhookId, timestamp, text),
    "x-relay-version": "1.1.0",
    ...options.headers,
  };
  return {
    version: "2.0",
    routeKey: "POST /v1/accounts/{accountId}/availability-events",
    rawPath: `/v1/accounts/${accountId}/availability-events`,
    rawQueryString: "",
    headers: Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined)),
    requestContext: { requestId: "request-1", http: { sourceIp } } as Request["requestContext"],
    pathParameters: { accountId },
    body: base64 ? Buffer.from(text).toString("base64") : text,
    isBase64Encoded: base64,
  };
}

/** The context that Lambda passes to a function. */
export function aContext(remainingMs = 5000): Context {
  return { getRemainingTimeInMillis: () => remainingMs, awsRequestId: "invocation-1" } as Context;
}
