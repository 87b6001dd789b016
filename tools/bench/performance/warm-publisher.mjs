// Bundled as functions are: a batch to the publisher, and the same with one PutEvents for each record.
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";

import { eventsOf } from "../../../functions/availability/events.ts";
import { entryOf } from "../../../functions/bus/entry.ts";
import { handler } from "../../../functions/publisher/handler.ts";
import { transitionOf } from "../../../functions/publisher/outbox-record.ts";
import "./lambda-console.mjs";
import { say, takeTurns, told } from "./turns.ts";

const { rounds, text } = told();
const client = new EventBridgeClient();
const context = { getRemainingTimeInMillis: () => 60_000 };
const CHUNK = 10;

async function chunked() {
  const { batchItemFailures: failures } = await handler(JSON.parse(text), context);
  if (failures.length > 0) {
    throw new Error(`${failures.length} of the records that are measured were not published`);
  }
}

const entriesOf = (record) =>
  eventsOf(transitionOf(record), { personalData: false }).map(
    (event) => entryOf(event, "bus", new Date()).request,
  );

const put = async (entries) => await client.send(new PutEventsCommand({ Entries: entries }));

const oneByOne = async () =>
  await Promise.all(JSON.parse(text).Records.map(async (record) => await put(entriesOf(record))));

/** Calls as full as ours, but each after the one before. */
async function serial() {
  const entries = JSON.parse(text).Records.flatMap(entriesOf);
  for (let index = 0; index < entries.length; index += CHUNK) {
    await put(entries.slice(index, index + CHUNK));
  }
}

const calls = JSON.parse(text).Records.length > CHUNK ? 10 : 50;
say(await takeTurns({ chunked, oneByOne, serial }, rounds, calls));
process.exit();
