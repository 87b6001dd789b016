import { setTimeout as sleep } from "node:timers/promises";

import { LambdaClient } from "@aws-sdk/client-lambda";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SSMClient } from "@aws-sdk/client-ssm";

import { storeApiKey } from "../../commands/account/api-keys.ts";
import { invokeSweep, RESPONSE_TIMEOUT_MS } from "../../commands/reconcile/invoke-sweep.ts";
import { findParameters } from "../../commands/shared/deployed-stage.ts";
import type { SweepResult } from "../../functions/reconcile/sweep-result.ts";
import { LocalError } from "../../tools/run/local-error.ts";
import { type Cloud, clientConfig } from "./cloud.ts";

/** The result of a sweep that has ended. */
export type SweptResult = Extract<SweepResult, { readonly outcome: "swept" }>;

/** An account and its API key. */
export interface ConnectedAccount {
  readonly accountId: string;
  readonly domain: string;
  readonly apiKey: string;
}

/** Stores an account's API key, as `account connect` does. */
export async function connectAccount(
  cloud: Cloud,
  { accountId, domain, apiKey }: ConnectedAccount,
): Promise<void> {
  const { stage } = cloud;
  const config = clientConfig(cloud);
  const { "freshdesk-api-keys-secret-arn": secretId } = await findParameters(
    new SSMClient(config),
    stage,
    ["freshdesk-api-keys-secret-arn"],
  );
  const secrets = new SecretsManagerClient(config);
  await storeApiKey({ secrets, secretId, stage }, accountId, { domain, apiKey });
}

/** Maximum duration of another sweep of the account. */
const OTHER_SWEEP_TIMEOUT_MS = 60_000;

/**
 * Sweeps a connected account to the end, after any other sweep of it.
 *
 * @throws LocalError if the sweep fails, or another one does not end.
 */
export async function sweepAccount(cloud: Cloud, accountId: string): Promise<SweptResult> {
  const config = clientConfig(cloud);
  const { "reconcile-function-name": functionName } = await findParameters(
    new SSMClient(config),
    cloud.stage,
    ["reconcile-function-name"],
  );
  const lambda = new LambdaClient({
    ...config,
    maxAttempts: 1,
    requestHandler: { requestTimeout: RESPONSE_TIMEOUT_MS },
  });
  for (const deadline = Date.now() + OTHER_SWEEP_TIMEOUT_MS; Date.now() < deadline;) {
    const result = await invokeSweep(lambda, functionName, { accountId, isDryRun: false });
    if (result.outcome === "swept") {
      return result;
    }
    if (result.outcome === "failed" || result.outcome === "not connected") {
      const problem = result.outcome === "failed" ? result.error : "the account is not connected";
      throw new LocalError(`The sweep of account ${accountId} failed: ${problem}`);
    }
    await sleep(200);
  }
  throw new LocalError(
    `Another sweep of account ${accountId} is still running. Wait until it ends, then try again.`,
  );
}
