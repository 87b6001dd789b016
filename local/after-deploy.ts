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

import { addAccount } from "../commands/account/signing-keys.ts";
import { expiresAt } from "../functions/store/attributes.ts";
import { parameterName } from "../lib/stage-parameter-names.ts";
import { type Cloud, clientConfig } from "./cloud.ts";
import { LocalError } from "../tools/run/local-error.ts";
import { type Driver, startDriver } from "./stream-mapping/driver.ts";
import { mappingOf } from "./stream-mapping/mapping.ts";

/** Switches on what the template asks for and the emulator's CloudFormation drops. */
export async function setTimeToLive(cloud: Cloud): Promise<void> {
  const dynamodb = new DynamoDBClient(clientConfig(cloud));
  await dynamodb.send(
    new UpdateTimeToLiveCommand({
      TableName: cloud.tableName,
      TimeToLiveSpecification: { AttributeName: expiresAt, Enabled: true },
    }),
  );
}

/**
 * Says in the stage's parameters, as in `cloud.json`, the ingest URL that can be reached as it is: the one
 * that the template makes is under execute-api.localhost, which not every resolver knows.
 */
export async function tellIngestUrl(cloud: Cloud): Promise<void> {
  const ssm = new SSMClient(clientConfig(cloud));
  await ssm.send(
    new PutParameterCommand({
      Name: parameterName(cloud.stage, "ingest-url"),
      Value: cloud.ingestUrl,
      Overwrite: true,
    }),
  );
}

/** Makes the signing key of an account. @returns the key. */
export async function makeKey(cloud: Cloud, secretId: string, accountId: string): Promise<string> {
  const secrets = new SecretsManagerClient(clientConfig(cloud));
  return await addAccount({ secrets, secretId, stage: cloud.stage }, accountId);
}

/**
 * Switches the emulator's own poller off, and ours on with the settings that were deployed.
 *
 * @throws LocalError when the stack has another count of mappings than one, or one with settings that
 *   the driver cannot do.
 */
export async function driveStream(cloud: Cloud): Promise<Driver> {
  const config = clientConfig(cloud);
  const services = {
    lambda: new LambdaClient(config),
    streams: new DynamoDBStreamsClient(config),
    sqs: new SQSClient(config),
    s3: new S3Client({ ...config, forcePathStyle: true }),
  };
  const { EventSourceMappings: mappings = [] } = await services.lambda.send(
    new ListEventSourceMappingsCommand({}),
  );
  const [described, ...more] = mappings;
  if (described === undefined || more.length > 0) {
    throw new LocalError(
      `The stack has ${mappings.length} event source mappings, and the local cloud drives exactly one. Give it one, or teach local/after-deploy.ts.`,
    );
  }
  const mapping = mappingOf(described);
  await services.lambda.send(
    new UpdateEventSourceMappingCommand({ UUID: mapping.uuid, Enabled: false }),
  );
  const driver = startDriver(mapping, services, (line) => {
    appendFileSync(cloud.logFile, `${new Date().toISOString()} stream mapping: ${line}\n`);
  });
  return {
    ended: driver.ended,
    stop: async () => {
      await driver.stop();
      for (const client of Object.values(services)) {
        client.destroy();
      }
    },
  };
}
