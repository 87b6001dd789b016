// Bundled like the functions. Compares a batch to the publisher with one PutEvents call per record.
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";

import { eventsOf } from "../../../functions/availability/events.ts";
import { entryOf } from "../../../functions/bus/entry.ts";
import { handler } from "../../../functions/publisher/handler.ts";
import { transitionOf } from "../../../functions/store/outbox-record.ts";
import "./lambda-console.mjs";
import { measureInTurns, readArguments, writeResult } from "./measure-in-turns.ts";

const { rounds, text } = readArguments();
const client = new EventBridgeClient();
const context = { getRemainingTimeInMillis: () => 60_000 };
const CHUNK = 10;

async function chunked() {
  const { batchItemFailures: failures } = await handler(JSON.parse(text), context);
  if (failures.length > 0) {
    throw new Error(`${failures.length} of the measured records were not published`);
  }
}

const entriesOf = (record) =>
  eventsOf(transitionOf(record), { personalData: false }).map(
    (event) => entryOf(event, "bus", new Date()).request,
  );

const put = async (entries) => await client.send(new PutEventsCommand({ Entries: entries }));

const oneByOne = async () =>
  await Promise.all(JSON.parse(text).Records.map(async (record) => await put(entriesOf(record))));

/** Calls with as many entries as the publisher's, but one after the other. */
async function serial() {
  const entries = JSON.parse(text).Records.flatMap(entriesOf);
  for (let index = 0; index < entries.length; index += CHUNK) {
    await put(entries.slice(index, index + CHUNK));
  }
}

const calls = JSON.parse(text).Records.length > CHUNK ? 10 : 50;
writeResult(await measureInTurns({ chunked, oneByOne, serial }, rounds, calls));
process.exit();
