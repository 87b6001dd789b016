import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { Context, SQSEvent } from "aws-lambda";

import { requiredText } from "../environment-variables.ts";
import { createMetrics } from "../metrics/write-metrics.ts";
import { fetchSecret } from "../signing-keys/fetch-secret.ts";
import { createReconcileStore } from "../store/reconcile-store.ts";
import { parseApiKeys } from "./api-keys.ts";
import { parseMessage } from "./message.ts";
import { createReconcileAccount } from "./reconcile-account.ts";
import { createRequestSlots } from "./request-slots.ts";
import { createSavedPages } from "./saved-pages.ts";
import { continueSweep, startSweeps } from "./start-sweeps.ts";
import { type SweepRequest, type SweepResult, sweepRequestSchema } from "./sweep-result.ts";
import { createSweepState } from "./sweep-state.ts";

const stage = requiredText(process.env, "STAGE");
const tableName = requiredText(process.env, "TABLE_NAME");
const stateTableName = requiredText(process.env, "STATE_TABLE_NAME");
const secretArn = requiredText(process.env, "API_KEYS_SECRET_ARN");
const queueUrl = requiredText(process.env, "QUEUE_URL");
/** Set on the local cloud only. */
const localOrigin = process.env["LOCAL_FRESHDESK_ORIGIN"];

const requestHandler = {
  connectionTimeout: 1000,
  requestTimeout: 5000,
  throwOnRequestTimeout: true,
} as const;
const tableClient = new DynamoDBClient({ requestHandler });
const secretsClient = new SecretsManagerClient({ requestHandler });
const queueClient = new SQSClient({ requestHandler });

const metrics = createMetrics("reconcile", stage);
const state = createSweepState(tableClient, stateTableName);
const account = createReconcileAccount({
  store: createReconcileStore(tableClient, tableName),
  state,
  slots: createRequestSlots(tableClient, stateTableName),
  savedPages: createSavedPages(tableClient, stateTableName),
  continueSweep: async (accountId) => {
    await continueSweep(accountId, { client: queueClient, queueUrl });
  },
  metrics,
  localOrigin,
});

async function connectedAccounts() {
  const secret = await fetchSecret(secretsClient, secretArn);
  const { accounts, malformedAccountIds } = parseApiKeys(secret?.text ?? "");
  metrics.count("AccountsWithMalformedApiKeys", malformedAccountIds.length);
  if (malformedAccountIds.length > 0) {
    console.error({ message: "skipped malformed API keys", accountIds: malformedAccountIds });
  }
  return accounts;
}

/** Returns when the function times out, in epoch milliseconds. */
const endOf = (context: Context) => Date.now() + context.getRemainingTimeInMillis();

async function handle(body: string, context: Context): Promise<void> {
  const message = parseMessage(body);
  const accounts = await connectedAccounts();
  if (message.kind === "start") {
    const accountIds = [...accounts.keys()];
    await startSweeps(accountIds, { client: queueClient, queueUrl, state, metrics });
    return;
  }
  const connection = accounts.get(message.accountId);
  // The account may have been disconnected since the message was sent.
  if (connection !== undefined) {
    await account.process(message, connection, endOf(context));
  }
}

async function sweepNow(event: SweepRequest, context: Context): Promise<SweepResult> {
  const request = sweepRequestSchema.parse(event);
  const connection = (await connectedAccounts()).get(request.accountId);
  return connection === undefined
    ? { outcome: "not connected" }
    : await account.sweepNow(request, connection, endOf(context));
}

/**
 * Processes messages of the queue; a message that fails is retried, then dead-lettered. Invoked directly with a
 * `SweepRequest`, it sweeps the account and returns the result.
 */
export const handler = async (
  event: SQSEvent | SweepRequest,
  context: Context,
): Promise<SweepResult | undefined> => {
  try {
    if (!("Records" in event)) {
      return await sweepNow(event, context);
    }
    for (const record of event.Records) {
      await handle(record.body, context);
    }
    return undefined;
  } finally {
    metrics.flush();
  }
};
