import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { expect, it } from "@jest/globals";

import { eventsOf } from "../../../functions/availability/events.ts";
import { parsePayload } from "../../../functions/availability/payload.ts";
import { entryOf } from "../../../functions/bus/entry.ts";
import { readItem } from "../../../functions/store/read-item.ts";
import { writeOf } from "../../../functions/store/write.ts";
import { eventDifferences, itemDifferences } from "../../../local/sample-day/differences.ts";
import { keyOf } from "../../../local/sample-day/expected-item.ts";
import { momentsBefore } from "../../../local/sample-day/payloads.ts";
import { createReferenceModel } from "../../../local/sample-day/reference-model.ts";
import { aTable } from "../../../tools/fakes/table.ts";

const NOW = new Date();

/** A newer payload of the same agent with the required fields only: everything else must be removed. */
function bareAfter(payload: object): object {
  const { accountId, availabilityId } = keyOf(payload);
  const agent = {
    id: availabilityId,
    account_id: accountId,
    updated_at: NOW.toISOString(),
    channel_availability: [],
  };
  return { data: { agent_availability: agent } };
}

/** Applies a payload with the hub's own code to a table in memory. */
function applyTo(table: ReturnType<typeof aTable>, payload: object): void {
  const parsed = parsePayload(payload, NOW);
  if (!parsed.ok) {
    throw new Error(`invalid: ${JSON.stringify(parsed.issues)}`);
  }
  const delivery = { receivedAt: NOW.toISOString(), webhookId: "w", origin: "relay" } as const;
  try {
    table.update({ TableName: "agents", ...writeOf(parsed.change, delivery).input });
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) {
      throw error;
    }
  }
}

function itemsIn({ items }: ReturnType<typeof aTable>) {
  const plain = [...items.values()].map((item) => unmarshall(item));
  return new Map(
    plain.map((item) => [`${String(item["accountId"])}/${String(item["availabilityId"])}`, item]),
  );
}

function publishedFrom({ images }: ReturnType<typeof aTable>) {
  return images.flatMap(({ before, after }) => {
    const transition = {
      before: before && readItem(before),
      after: readItem(after),
      recordedAt: NOW.toISOString(),
    };
    return eventsOf(transition, { personalData: false }).map((event) => {
      const { DetailType, Source, Detail = "" } = entryOf(event, "bus", NOW).request;
      return {
        "detail-type": DetailType ?? "",
        source: Source ?? "",
        time: NOW.toISOString(),
        detail: JSON.parse(Detail) as Record<string, unknown>,
      };
    });
  });
}

// If this fails for a new field, the hub and the reference model disagree on it.
it("the hub's functions store and publish what the reference model expects of the sample day", () => {
  const day = momentsBefore(NOW).flatMap((moment) =>
    moment.kind === "delivery" ? [moment.payload] : [],
  );
  const agents = [
    ...new Map(day.map((payload) => [keyOf(payload).availabilityId, payload])).values(),
  ];
  const model = createReferenceModel();
  const table = aTable();

  // Compared after both: only the first has content in every field, only the second shows what is removed.
  for (const payloads of [day, agents.map(bareAfter)]) {
    for (const payload of payloads) {
      model.apply(payload, "w");
      applyTo(table, payload);
    }
    expect(itemDifferences(model, itemsIn(table))).toEqual([]);
  }
  expect(eventDifferences(model, publishedFrom(table))).toEqual([]);
  expect(model.items.size).toBe(12);
  expect(model.events.size).toBeGreaterThan(200);
});
