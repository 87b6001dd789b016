import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import middy from "@middy/core";
import { ConfiguredRetryStrategy } from "@smithy/core/retry";
import type { APIGatewayProxyStructuredResultV2, Context } from "aws-lambda";

import { requiredList, requiredText } from "../environment-variables.ts";
import { createKeyCache } from "../signing-keys/key-cache.ts";
import { createMetrics } from "../metrics/write-metrics.ts";
import { createAgentStore } from "../store/agent-store.ts";
import { allowSources } from "./allow-sources.ts";
import { createIngest, type Result } from "./ingest.ts";
import { limitBody } from "./limit-body.ts";
import { parseJson } from "./parse-json.ts";
import { okResponse } from "./problem.ts";
import { reportOldRelays } from "./relay-version.ts";
import { accountIdOf, type Request, webhookIdOf } from "./request.ts";
import { respondToRejections } from "./respond-to-rejections.ts";
import { verifySignature } from "./verify-signature.ts";

const stage = requiredText(process.env, "STAGE");
const tableName = requiredText(process.env, "TABLE_NAME");
const secretArn = requiredText(process.env, "SIGNING_KEYS_SECRET_ARN");
/** CIDR blocks; an empty list allows any source. */
const allowedSources = requiredList(process.env, "ALLOWED_SOURCES");

/** Limit on all writes of a request. The relay retries immediately only if its first request took under 4 seconds. */
const WRITE_TIMEOUT_MS = 2300;

/** Reserve of the function's remaining time for the response. */
const RESPONSE_TIME_MS = 200;

const tableClient = new DynamoDBClient({
  retryStrategy: new ConfiguredRetryStrategy(3, (attempt) => 25 * 2 ** attempt),
  requestHandler: { connectionTimeout: 500, requestTimeout: 700, throwOnRequestTimeout: true },
});
const secretsClient = new SecretsManagerClient({
  retryStrategy: new ConfiguredRetryStrategy(2, 50),
  requestHandler: { connectionTimeout: 500, requestTimeout: 550, throwOnRequestTimeout: true },
});

const metrics = createMetrics("ingest", stage);
const store = createAgentStore(tableClient, tableName);
const keys = createKeyCache(secretsClient, secretArn, {
  onFetchFailed(error) {
    metrics.count("SigningKeysFetchFailed");
    console.error({ message: "the signing keys could not be fetched", error: String(error) });
  },
  onMalformed(accountIds) {
    metrics.count("AccountsWithMalformedKeys", accountIds.length);
    console.error({ message: "skipped malformed signing keys", accountIds });
  },
});
const ingest = createIngest(store, {
  onReceived({ events, isSingle }) {
    metrics.count("EventsReceived", events.length);
    metrics.count("ParkedEventsReceived", isSingle ? 0 : events.length);
  },
  count(metric, value, accountId) {
    metrics.count(metric, value);
    if (value > 0) {
      metrics.annotate("accountId", accountId);
    }
  },
  onChangeRejected(error) {
    metrics.count("ChangesRejectedByTable");
    console.error({
      message: "the table rejected a change as invalid",
      error: String(error.cause),
    });
  },
});

const outcomeCounters = {
  applied: "EventsApplied",
  duplicate: "EventsDuplicate",
  stale: "EventsStale",
  invalid: "EventsInvalid",
} as const;

/** Returns the result for the response, which contains the index only for an invalid event. */
function resultForResponse({ index, ...result }: Result) {
  return result.outcome === "invalid" ? { index, ...result } : result;
}

/** Logs one line per request: IDs, outcomes and the paths of invalid fields, never the content of an event. */
function log(event: Request, results: readonly Result[]): void {
  const relayVersion = event.headers["x-relay-version"]?.slice(0, 32);
  console.info({
    message: "ingested",
    accountId: accountIdOf(event),
    requestId: event.requestContext.requestId,
    relayVersion,
    ...(event.isSignedByPreviousKey && { signedBy: "previous key" }),
    results,
  });
}

/** Handles `POST /v1/accounts/{accountId}/availability-events`: each check is a middleware, in order. */
export const handler = middy<Request, APIGatewayProxyStructuredResultV2>()
  .use({ after: metrics.flush, onError: metrics.flush })
  .use(respondToRejections(metrics))
  .use(allowSources(allowedSources))
  .use(limitBody())
  .use(verifySignature(keys, () => metrics.count("PreviousKeyUsed")))
  .use(reportOldRelays(() => metrics.count("OldRelayVersion")))
  .use(parseJson())
  .handler(async (event: Request, context: Context) => {
    const time = Math.min(WRITE_TIMEOUT_MS, context.getRemainingTimeInMillis() - RESPONSE_TIME_MS);
    const results = await ingest(event.json, {
      accountId: accountIdOf(event),
      hasCustomStatuses: event.hasCustomStatuses ?? true,
      webhookId: webhookIdOf(event),
      receivedAt: new Date(),
      abortSignal: AbortSignal.timeout(Math.max(time, 0)),
    });
    for (const [outcome, { length }] of Map.groupBy(results, (each) => each.outcome)) {
      metrics.count(outcomeCounters[outcome], length);
    }
    log(event, results);
    return okResponse({ results: results.map(resultForResponse) });
  });

// Lambda's init phase has a full core, and the first request only a share of one.
await Promise.allSettled([keys.of(""), store.prewarm()]);
