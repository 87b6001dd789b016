import { appendFileSync } from "node:fs";

import { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import {
  type EventSourceMappingConfiguration,
  LambdaClient,
  paginateListEventSourceMappings,
  UpdateEventSourceMappingCommand,
} from "@aws-sdk/client-lambda";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";

import { LocalError } from "../../tools/run/local-error.ts";
import { type Driver, startDriver } from "../stream-mapping/driver.ts";
import { parseEventSourceMapping } from "../stream-mapping/event-source-mapping.ts";
import { type Cloud, clientConfig } from "./cloud.ts";

/** AWS allows two readers per shard; more are throttled. */
const MAX_MAPPINGS_PER_STREAM = 2;

/** The ARN of a DynamoDB stream. The emulator polls queues itself. */
const STREAM_ARN = /^arn:[^:]*:dynamodb:/;

/** Lists the event source mappings of DynamoDB streams. */
async function streamMappings(lambda: LambdaClient): Promise<EventSourceMappingConfiguration[]> {
  const found: EventSourceMappingConfiguration[] = [];
  for await (const page of paginateListEventSourceMappings({ client: lambda }, {})) {
    found.push(...(page.EventSourceMappings ?? []));
  }
  return found.filter(({ EventSourceArn: arn = "" }) => STREAM_ARN.test(arn));
}

/** Returns the part of a function's ARN that names it, without version and alias. */
const functionNameIn = (arn: string) => arn.split(":")[6] ?? arn;

/**
 * Replaces the emulator's poller with drivers of the deployed event source mappings, one for each mapping of a
 * DynamoDB stream. Each has its own progress: a function that fails does not delay another one.
 *
 * @returns all drivers as one. It fails if one of them does.
 * @throws LocalError if a mapping is missing, a stream has more than two, or a mapping has a setting that
 * drivers do not support.
 */
export async function startStreamDrivers(cloud: Cloud): Promise<Driver> {
  const config = clientConfig(cloud);
  const clients = {
    lambda: new LambdaClient(config),
    streams: new DynamoDBStreamsClient(config),
    sqs: new SQSClient(config),
    s3: new S3Client({ ...config, forcePathStyle: true }),
  };
  const mappings = (await streamMappings(clients.lambda)).map(parseEventSourceMapping);
  if (mappings.length === 0) {
    throw new LocalError("The deployed stacks must have an event source mapping of a stream.");
  }
  for (const [streamArn, ofStream] of Map.groupBy(mappings, (mapping) => mapping.streamArn)) {
    if (ofStream.length > MAX_MAPPINGS_PER_STREAM) {
      throw new LocalError(
        `The stream ${streamArn} must contain at most ${MAX_MAPPINGS_PER_STREAM} event source mappings (got ${ofStream.length}). AWS throttles more readers.`,
      );
    }
  }
  for (const { uuid } of mappings) {
    await clients.lambda.send(new UpdateEventSourceMappingCommand({ UUID: uuid, Enabled: false }));
  }
  const drivers = mappings.map((mapping) =>
    startDriver(mapping, clients, (line) => {
      const name = functionNameIn(mapping.functionArn);
      appendFileSync(
        cloud.logFile,
        `${new Date().toISOString()} event source mapping of ${name}: ${line}\n`,
      );
    }),
  );
  return {
    ended: Promise.all(drivers.map(async ({ ended }) => await ended)).then(() => undefined),
    stop: async () => {
      await Promise.all(drivers.map(async ({ stop }) => await stop()));
      for (const client of Object.values(clients)) {
        client.destroy();
      }
    },
  };
}
