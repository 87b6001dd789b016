import { beforeAll, beforeEach, expect, it } from "@jest/globals";

import { aDeletionPayload, anAgentPayload } from "../../tools/fakes/agent-payload.ts";
import { aRequest, KEY } from "../../tools/fakes/request.ts";
import { anIngestHandler, type IngestHandler } from "../builders/ingest-handler.ts";

let hub: IngestHandler;

beforeAll(async () => {
  hub = await anIngestHandler({ "11010177632": [KEY], "42": [KEY] }, "", ["42"]);
});

beforeEach(() => {
  hub.reset();
});

const keysWritten = () => hub.writes().map(({ Key: key }) => key?.["availabilityId"]?.S);

it.each([
  ["only the session in an account with custom statuses", "11010177632", ["session:72025350026"]],
  [
    "also the user: item in an account without custom statuses",
    "42",
    ["user:72025350026", "session:72025350026"],
  ],
])("a login writes %s", async (_, accountId, keys) => {
  const payload = anAgentPayload({ agent: { account_id: accountId }, login: [false, true] });

  const { status, json } = await hub.call(aRequest(payload, { accountId }));

  expect([status, json]).toEqual([
    200,
    { results: [{ availabilityId: keys[0], outcome: "applied", version: 1 }] },
  ]);
  expect(keysWritten()).toEqual(keys);
  expect(hub.metrics()).toMatchObject({ AgentUpdatesReceived: 1, SessionItemsWritten: 1 });
});

it("returns a result without a key for an event that contains nothing to store", async () => {
  const { json } = await hub.call(aRequest(anAgentPayload()));

  expect(json).toEqual({ results: [{ outcome: "duplicate", version: 0 }] });
  expect(hub.logged()).toEqual([
    '{"message":"ingested","accountId":"11010177632","requestId":"request-1","relayVersion":"1.1.0","results":[{"index":0,"outcome":"duplicate","version":0}]}',
  ]);
});

it("returns 400 for an event that the hub does not support", async () => {
  const { status, json } = await hub.call(aRequest(anAgentPayload({ event: "onAgentCreate" })));

  expect(status).toBe(400);
  expect(json.issues).toEqual([
    { path: "event", message: "must be onAgentAvailabilityUpdate, onAgentUpdate or onAgentDelete" },
  ]);
});

it("returns 503 for a deletion whose search fails", async () => {
  // The fake client has no response for queries.
  const { status } = await hub.call(aRequest(aDeletionPayload()));

  expect(status).toBe(503);
  expect(keysWritten()).toEqual(["user:72025350026", "session:72025350026"]);
});
