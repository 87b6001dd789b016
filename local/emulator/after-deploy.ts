import { DynamoDBClient, UpdateTimeToLiveCommand } from "@aws-sdk/client-dynamodb";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";

import { addAccount } from "../../commands/account/signing-keys.ts";
import { expiresAt } from "../../functions/store/attributes.ts";
import { parameterName } from "../../lib/stage-parameter-names.ts";
import { sampleAccounts } from "../sample-accounts.ts";
import { type Cloud, clientConfig } from "./cloud.ts";

/** Enables the table's time to live, which the emulator ignores in the template. */
export async function enableTimeToLive(cloud: Cloud): Promise<void> {
  const dynamodb = new DynamoDBClient(clientConfig(cloud));
  await dynamodb.send(
    new UpdateTimeToLiveCommand({
      TableName: cloud.tableName,
      TimeToLiveSpecification: { AttributeName: expiresAt, Enabled: true },
    }),
  );
}

/**
 * Writes the ingest URL of `cloud.json` to the stage's parameter. The template's URL is under
 * execute-api.localhost, which not every resolver knows.
 */
export async function writeIngestUrl(cloud: Cloud): Promise<void> {
  const ssm = new SSMClient(clientConfig(cloud));
  await ssm.send(
    new PutParameterCommand({
      Name: parameterName(cloud.stage, "ingest-url"),
      Value: cloud.ingestUrl,
      Overwrite: true,
    }),
  );
}

/** Creates the signing key of an account. @returns the key. */
export async function createSigningKey(
  cloud: Cloud,
  secretId: string,
  accountId: string,
  hasCustomStatuses = true,
): Promise<string> {
  const secrets = new SecretsManagerClient(clientConfig(cloud));
  const stageSecret = { secrets, secretId, stage: cloud.stage };
  return await addAccount(stageSecret, accountId, { hasCustomStatuses });
}

export async function createSampleAccounts(
  cloud: Cloud,
  secretId: string,
): Promise<Cloud["accounts"]> {
  const accounts: Cloud["accounts"] = [];
  for (const { accountId, hasCustomStatuses } of sampleAccounts) {
    const signingKey = await createSigningKey(cloud, secretId, accountId, hasCustomStatuses);
    accounts.push({ accountId, signingKey });
  }
  return accounts;
}
