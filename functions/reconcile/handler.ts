import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SQSClient } from "@aws-sdk/client-sqs";
import type { Context, SQSEvent } from "aws-lambda";

import { requiredText } from "../environment.ts";
import { createMetrics } from "../metrics/write-metrics.ts";
import { fetchSecret } from "../signing-keys/fetch-secret.ts";
import { createReconcileStore } from "../store/reconcile-store.ts";
import { parseApiKeys } from "./api-keys.ts";
import { parseMessage } from "./message.ts";
import { createReconcileAccount } from "./reconcile-account.ts";
import { startSweeps } from "./start-sweeps.ts";
import { createSweepState } from "./sweep-state.ts";

const stage = requiredText(process.env, "STAGE");
const tableName = requiredText(process.env, "TABLE_NAME");
const stateTableName = requiredText(process.env, "STATE_TABLE_NAME");
const secretArn = requiredText(process.env, "API_KEYS_SECRET_ARN");
const queueUrl = requiredText(process.env, "QUEUE_URL");
/** Set on the local cloud only. */
const localOrigin = process.env["LOCAL_FRESHDESK_ORIGIN"];

/** Part of the function's remaining time in which no request to Freshdesk waits. */
const RESERVE_MS = 60_000;

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
  metrics,
  localOrigin,
});

async function connectedAccounts() {
  const secret = await fetchSecret(secretsClient, secretArn);
  const { accounts, malformed } = parseApiKeys(secret?.text ?? "");
  metrics.count("AccountsWithMalformedApiKeys", malformed.length);
  if (malformed.length > 0) {
    console.error({ message: "skipped malformed API keys", accountIds: malformed });
  }
  return accounts;
}

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
    const deadline = Date.now() + context.getRemainingTimeInMillis() - RESERVE_MS;
    await account.process(message, connection, deadline);
  }
}

/** Processes messages of the queue. A message that fails is retried, then dead-lettered. */
export const handler = async (event: SQSEvent, context: Context): Promise<void> => {
  try {
    for (const record of event.Records) {
      await handle(record.body, context);
    }
  } finally {
    metrics.flush();
  }
};
