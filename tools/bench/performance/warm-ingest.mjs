// Bundled like the functions. Compares a request to ingest with the SDK's bare send of the same write, with and
// without ingest's timeouts, and with ingest whose send does nothing.
import { DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { ConfiguredRetryStrategy } from "@smithy/core/retry";

import { parsePayload } from "../../../functions/availability/payload.ts";
import { handler } from "../../../functions/ingest/handler.ts";
import { writeOf } from "../../../functions/store/write.ts";
import "./lambda-console.mjs";
import { measureInTurns, readArguments, writeResult } from "./measure-in-turns.ts";

const { rounds, text } = readArguments();
const { change } = parsePayload(JSON.parse(JSON.parse(text).body), new Date());
const delivery = { receivedAt: new Date().toISOString(), webhookId: "delivery-1", origin: "relay" };
const { input } = writeOf(change, delivery);
const client = new DynamoDBClient();
const clientWithTimeouts = new DynamoDBClient({
  retryStrategy: new ConfiguredRetryStrategy(3, 25),
  requestHandler: { connectionTimeout: 500, requestTimeout: 700, throwOnRequestTimeout: true },
});
const context = { getRemainingTimeInMillis: () => 5000 };

async function request() {
  // The runtime parses the request and serializes the response.
  const response = await handler(JSON.parse(text), context);
  JSON.stringify(response);
  if (response.statusCode !== 200) {
    throw new Error(`the measured request returned ${response.statusCode}`);
  }
}

const { send } = DynamoDBClient.prototype;
const written = { Attributes: { version: { N: "7" } } };

async function ownCode() {
  DynamoDBClient.prototype.send = async () => written;
  await request();
  DynamoDBClient.prototype.send = send;
}

const write = () => new UpdateItemCommand({ TableName: "agents", ...input });
const bare = async () => await client.send(write());
const withTimeouts = async () =>
  await clientWithTimeouts.send(write(), { abortSignal: AbortSignal.timeout(2300) });

const variants = { ingest: request, bare, withTimeouts, ownCode };
writeResult(await measureInTurns(variants, rounds, 200));
process.exit();
