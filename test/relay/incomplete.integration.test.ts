import { DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { expect, it } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";
import * as fc from "fast-check";

import { parsePayload } from "../../functions/availability/payload.ts";
import { createAgentStore } from "../../functions/store/agent-store.ts";
import { aTable } from "../../tools/fakes/table.ts";
import { validPayloads } from "../builders/bodies.ts";
import { withValueAt } from "../builders/fields-read.ts";
import { ACCOUNT, aRelay, MINUTE, respondWith } from "./a-relay.ts";

const client = mockClient(DynamoDBClient);

/** The attributes that must not depend on the order of deliveries. */
const STABLE_ATTRIBUTES = [
  "updatedAt",
  "eventTimestamp",
  "contentHash",
  "name",
  "email",
  "loggedIn",
  "status",
  "channels",
  "actor",
];

const relay = aRelay();
relay.network = () => respondWith(503);

/**
 * Relays a payload to a hub that is unavailable.
 *
 * @returns the complete event as it was sent, and the copy as it was parked; undefined if even the copy is too large.
 */
async function relayAndPark(payload: object, agent: number) {
  relay.clock += 2 * MINUTE;
  await relay.raise(withValueAt(payload, "data.agent_availability.id", agent));
  const schedule = relay.platform.schedules.get(`agent-${agent}`);
  const [parked] = (schedule?.data as { events: { event: object }[] } | undefined)?.events ?? [];
  return { complete: relay.bodies().at(-1) ?? {}, copy: parked?.event };
}

/** Applies payloads in the given order to an empty table. @returns the outcomes, and the item's stable attributes. */
async function apply(...payloads: readonly object[]) {
  const table = aTable();
  client.reset();
  client.on(UpdateItemCommand).callsFake(table.update);
  const store = createAgentStore(new DynamoDBClient(), "agents");
  const outcomes: string[] = [];
  for (const payload of payloads) {
    const parsed = parsePayload(payload, new Date());
    if (!parsed.ok) {
      throw new Error(`invalid: ${JSON.stringify(parsed.issues)}`);
    }
    const delivery = {
      receivedAt: new Date(0).toISOString(),
      webhookId: "w",
      origin: "relay",
    } as const;
    const { kind } = await store.apply(parsed.change, delivery, new AbortController().signal);
    outcomes.push(kind);
  }
  const [item = {}] = [...table.items.values()];
  return {
    outcomes,
    state: Object.fromEntries(STABLE_ATTRIBUTES.map((name) => [name, item[name]])),
  };
}

const ascii = (constraints: { minLength: number; maxLength: number }) =>
  fc.string({ ...constraints, unit: fc.constantFrom(..."abcdefghij0123456789-") });

const channels = fc.array(
  fc.record({
    channel: ascii({ minLength: 1, maxLength: 40 }),
    available: fc.boolean(),
    agent_id: ascii({ minLength: 5, maxLength: 40 }),
    channel_account_id: ascii({ minLength: 90, maxLength: 128 }),
  }),
  { minLength: 16, maxLength: 20 },
);

/** Payloads that rarely fit into a schedule. */
const largePayloads = fc
  .tuple(validPayloads(ACCOUNT), channels)
  .map(([text, channel_availability]) => {
    const payload = JSON.parse(text) as { data: { agent_availability: object } };
    Object.assign(payload.data.agent_availability, { channel_availability });
    return payload;
  });

it("a parked copy never replaces the complete event, and the complete event replaces an incomplete copy", async () => {
  let incomplete = 0;
  let agent = 0;

  await fc.assert(
    fc.asyncProperty(largePayloads, async (payload) => {
      const { complete, copy } = await relayAndPark(payload, (agent += 1));
      fc.pre(copy !== undefined);
      const isIncomplete = "incomplete" in copy;
      incomplete += Number(isIncomplete);

      const expected = await apply(complete);
      const copyLast = await apply(complete, copy);
      const copyFirst = await apply(copy, complete);

      expect(copyLast.outcomes).toEqual(["applied", isIncomplete ? "stale" : "duplicate"]);
      expect(copyLast.state).toEqual(expected.state);
      expect(copyFirst.outcomes).toEqual(["applied", isIncomplete ? "applied" : "duplicate"]);
      expect(copyFirst.state).toEqual(expected.state);
    }),
    { numRuns: 250, endOnFailure: true },
  );

  expect(incomplete).toBeGreaterThan(100);
});
