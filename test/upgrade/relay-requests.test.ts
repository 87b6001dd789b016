import { readFileSync } from "node:fs";

import { beforeAll, expect, it } from "@jest/globals";

import { aRequest, KEY } from "../../tools/fakes/request.ts";
import { anIngest } from "../builders/an-ingest.ts";
import { anIngestHandler, type IngestHandler } from "../builders/ingest-handler.ts";

/** The bodies that relay 1.0.0 sent, which relayed only availability events. Every later hub has to accept them. */
const bodies = JSON.parse(
  readFileSync(new URL("relay-requests.json", import.meta.url), "utf8"),
) as Readonly<Record<"ping" | "event" | "parkedEvents" | "incompleteCopy", object>>;

let hub: IngestHandler;

beforeAll(async () => {
  hub = await anIngestHandler({ "11010177632": [KEY] });
});

it.each([
  ["ping", []],
  ["event", ["applied"]],
  ["parkedEvents", ["applied", "applied"]],
  ["incompleteCopy", ["applied"]],
] as const)("the hub accepts the request %s of relay 1.0.0", async (name, outcomes) => {
  const request = aRequest(bodies[name], { headers: { "x-relay-version": "1.0.0" } });

  const { status, json } = await hub.call(request);

  expect(status).toBe(200);
  expect(json.results?.map(({ outcome }) => outcome)).toEqual(outcomes);
});

it("an event that relay 1.0.0 parked equals the event that it sent", async () => {
  const { send } = anIngest();

  await send(bodies.event);

  expect(await send(bodies.parkedEvents)).toMatchObject([
    { outcome: "duplicate", version: 1 },
    { outcome: "applied", version: 2 },
  ]);
});
