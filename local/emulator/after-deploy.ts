import { appendFileSync } from "node:fs";

import { DynamoDBClient, UpdateTimeToLiveCommand } from "@aws-sdk/client-dynamodb";
import { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import {
  LambdaClient,
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
} from "@aws-sdk/client-lambda";
import { S3Client } from "@aws-sdk/client-s3";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SQSClient } from "@aws-sdk/client-sqs";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";

import { addAccount } from "../../commands/account/signing-keys.ts";
import { expiresAt } from "../../functions/store/attributes.ts";
import { parameterName } from "../../lib/stage-parameter-names.ts";
import { LocalError } from "../../tools/run/local-error.ts";
import { sampleAccounts } from "../sample-accounts.ts";
import { type Driver, startDriver } from "../stream-mapping/driver.ts";
import { parseEventSourceMapping } from "../stream-mapping/event-source-mapping.ts";
import { type Cloud, clientConfig } from "./cloud.ts";

/** Enables the table's time to live, which is in the template and which the emulator ignores. */
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
  const place = { secrets, secretId, stage: cloud.stage };
  return await addAccount(place, accountId, { hasCustomStatuses });
}

/** Creates the signing keys of the sample accounts. */
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

/**
 * Replaces the emulator's poller by the driver of the deployed event source mapping.
 *
 * @throws LocalError if the stack does not have exactly one event source mapping, or one that the driver does not
 * support.
 */
export async function startStreamDriver(cloud: Cloud): Promise<Driver> {
  const config = clientConfig(cloud);
  const clients = {
    lambda: new LambdaClient(config),
    streams: new DynamoDBStreamsClient(config),
    sqs: new SQSClient(config),
    s3: new S3Client({ ...config, forcePathStyle: true }),
  };
  const { EventSourceMappings: mappings = [] } = await clients.lambda.send(
    new ListEventSourceMappingsCommand({}),
  );
  const [described, ...more] = mappings;
  if (described === undefined || more.length > 0) {
    throw new LocalError(
      `The local cloud supports exactly one event source mapping (the stack has ${mappings.length}). Extend local/emulator/after-deploy.ts to support another number.`,
    );
  }
  const mapping = parseEventSourceMapping(described);
  await clients.lambda.send(
    new UpdateEventSourceMappingCommand({ UUID: mapping.uuid, Enabled: false }),
  );
  const driver = startDriver(mapping, clients, (line) => {
    appendFileSync(cloud.logFile, `${new Date().toISOString()} event source mapping: ${line}\n`);
  });
  return {
    ended: driver.ended,
    stop: async () => {
      await driver.stop();
      for (const client of Object.values(clients)) {
        client.destroy();
      }
    },
  };
}
