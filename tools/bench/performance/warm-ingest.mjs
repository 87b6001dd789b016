// Bundled as functions are: a request to ingest; the SDK's bare send of the write that it makes, without and
// with the deadlines that ingest has; ingest with a send that does nothing; and the floors by hand.
import { DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { ConfiguredRetryStrategy } from "@smithy/core/retry";

import { parsePayload } from "../../../functions/availability/payload.ts";
import { handler } from "../../../functions/ingest/handler.ts";
import { writeOf } from "../../../functions/store/write.ts";
import "./lambda-console.mjs";
import { readAndWrite, handler as writeByHand } from "./raw-floor.mjs";
import { say, takeTurns, told } from "./turns.ts";

const { rounds, text } = told();
const { change } = parsePayload(JSON.parse(JSON.parse(text).body), new Date());
const delivery = { receivedAt: new Date().toISOString(), webhookId: "delivery-1", origin: "relay" };
const { input } = writeOf(change, delivery);
const client = new DynamoDBClient();
const patient = new DynamoDBClient({
  retryStrategy: new ConfiguredRetryStrategy(3, 25),
  requestHandler: { connectionTimeout: 500, requestTimeout: 700, throwOnRequestTimeout: true },
});
const context = { getRemainingTimeInMillis: () => 5000 };

async function request(accept) {
  // The runtime parses the request and writes the answer as JSON.
  const answer = await accept(JSON.parse(text), context);
  JSON.stringify(answer);
  if (answer.statusCode !== 200) {
    throw new Error(`the request that is measured was answered ${answer.statusCode}`);
  }
}

const ingest = async () => await request(handler);
const raw = async () => await request(writeByHand);
const rawTwoCalls = async () => await request(readAndWrite);

const { send } = DynamoDBClient.prototype;
const written = { Attributes: { version: { N: "7" } } };

async function ownCode() {
  DynamoDBClient.prototype.send = async () => written;
  await request(handler);
  DynamoDBClient.prototype.send = send;
}

const write = () => new UpdateItemCommand({ TableName: "agents", ...input });
const bare = async () => await client.send(write());
const withDeadlines = async () =>
  await patient.send(write(), { abortSignal: AbortSignal.timeout(2300) });

const calls = { ingest, bare, withDeadlines, ownCode, raw, rawTwoCalls };
say(await takeTurns(calls, rounds, 200));
process.exit();
