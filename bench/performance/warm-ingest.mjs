// Bundled as functions are: a request to ingest, and the SDK's bare send of the write that it makes; and
// that send with the deadlines that ingest has.
import { DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { ConfiguredRetryStrategy } from "@smithy/core/retry";

import { parsePayload } from "../../functions/availability/payload.ts";
import { handler } from "../../functions/ingest/handler.ts";
import { writeOf } from "../../functions/store/write.ts";
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

async function ingest() {
  // The runtime parses the request and writes the answer as JSON.
  const answer = await handler(JSON.parse(text), context);
  JSON.stringify(answer);
  if (answer.statusCode !== 200) {
    throw new Error(`the request that is measured was answered ${answer.statusCode}`);
  }
}

const write = () => new UpdateItemCommand({ TableName: "agents", ...input });
const bare = async () => await client.send(write());
const withDeadlines = async () =>
  await patient.send(write(), { abortSignal: AbortSignal.timeout(2300) });

say(await takeTurns({ ingest, bare, withDeadlines }, rounds, 200));
process.exit();
