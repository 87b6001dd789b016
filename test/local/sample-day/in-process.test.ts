import { DynamoDBClient, QueryCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { expect, it } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";

import { timelineOf } from "../../../client/history/timeline.ts";
import { eventsOf } from "../../../functions/availability/events.ts";
import { entryOf } from "../../../functions/bus/entry.ts";
import { historyRowOf } from "../../../functions/availability/history.ts";
import { createIngest } from "../../../functions/ingest/ingest.ts";
import { createAgentStore } from "../../../functions/store/agent-store.ts";
import { readItem } from "../../../functions/store/read-item.ts";
import { eventDifferences, itemDifferences } from "../../../local/sample-day/differences.ts";
import { keyOf } from "../../../local/sample-day/expected-item.ts";
import {
  expectedOf,
  intervalDifferences,
  isJoined,
  keysOf,
  statusDifferences,
} from "../../../local/sample-day/history-differences.ts";
import { momentsBefore } from "../../../local/sample-day/moments.ts";
import { everyone } from "../../../local/sample-day/people.ts";
import {
  createReferenceModel,
  type ReferenceModel,
} from "../../../local/sample-day/reference-model.ts";
import { factsBefore } from "../../../local/sample-day/freshdesk-facts.ts";
import { acme, bolt, type SampleAccount } from "../../../local/sample-accounts.ts";
import { aTable } from "../../../tools/fakes/table.ts";

const NOW = new Date();
const client = mockClient(DynamoDBClient);

/** An event, and the account that raised it. */
interface Raised {
  readonly account: SampleAccount;
  readonly payload: object;
}

/** A newer payload of the same agent with the required fields only: everything else must be removed. */
function bareAfter(payload: object): Raised {
  const { accountId, availabilityId } = keyOf(payload);
  const agent = {
    id: availabilityId,
    account_id: accountId,
    updated_at: NOW.toISOString(),
    channel_availability: [],
  };
  return { account: acme, payload: { data: { agent_availability: agent } } };
}

/** A newer login or logout of each person without optional fields. */
const bareUpdates = (): Raised[] =>
  Object.values(everyone).map(({ account, userId }) => ({
    account,
    payload: {
      event: "onAgentUpdate",
      timestamp: NOW.getTime() / 1000,
      data: {
        agent: { user_id: userId, account_id: account.accountId, available: false },
        changes: { misc_changes: { logged_in: [false, true] } },
      },
    },
  }));

/** The hub's functions on a table in memory. */
function aHub(table: ReturnType<typeof aTable>) {
  client.reset();
  client.on(UpdateItemCommand).callsFake(table.update);
  client.on(QueryCommand).callsFake(table.query);
  const ignore = () => undefined;
  const ingest = createIngest(createAgentStore(new DynamoDBClient(), "agents"), {
    onReceived: ignore,
    onChangeRejected: ignore,
    count: ignore,
  });
  return async ({ account, payload }: Raised) => {
    const [result] = await ingest(payload, {
      accountId: account.accountId,
      hasCustomStatuses: account.hasCustomStatuses,
      webhookId: "w",
      receivedAt: NOW,
      abortSignal: new AbortController().signal,
    });
    return result;
  };
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

/**
 * Compares the timeline of each person's changes with the reference model's, and with the facts in Freshdesk.
 */
function historyDifferencesIn({ images }: ReturnType<typeof aTable>, model: ReferenceModel) {
  const rows = images.flatMap(({ before, after }) => {
    const transition = { before: before && readItem(before), after: readItem(after) };
    return historyRowOf({ ...transition, recordedAt: NOW.toISOString() }) ?? [];
  });
  const rowsOf = (accountId: string, key: string) => ({
    rows: rows.filter((row) => row.accountId === accountId && row.availabilityId === key),
  });
  const facts = factsBefore(NOW);
  const period = { from: NOW.getTime() - 86_400_000, to: NOW.getTime() };
  return Object.values(everyone).flatMap((person) => {
    const { accountId } = person.account;
    const { availability, user, session } = keysOf(person);
    const shown = timelineOf(
      {
        availability: rowsOf(accountId, availability),
        user: rowsOf(accountId, user),
        session: isJoined(model, person) ? rowsOf(accountId, session) : { rows: [] },
      },
      period,
    ).map((interval) =>
      Object.assign(interval, {
        from: new Date(interval.from).toISOString(),
        to: new Date(interval.to).toISOString(),
      }),
    );
    return intervalDifferences(person.name, expectedOf(model, person, period), shown).concat(
      statusDifferences(person, shown, facts),
    );
  });
}

// If this fails for a new field, the hub and the reference model disagree on it.
it("the hub's functions store and publish what the reference model expects of the sample day", async () => {
  const day = momentsBefore(NOW)
    .filter((moment) => moment.kind === "delivery")
    .filter(({ isLost }) => isLost !== true);
  const availability = day.filter(({ event }) => event === "onAgentAvailabilityUpdate");
  const agents = [
    ...new Map(
      availability.map(({ payload }) => [keyOf(payload).availabilityId, payload]),
    ).values(),
  ];
  const model = createReferenceModel({ withoutCustomStatuses: [bolt.accountId] });
  const table = aTable();
  const ingest = aHub(table);
  const histories: string[][] = [];

  // Compares after both: only the first has content in every field, only the second shows removed values.
  for (const events of [day, [...agents.map(bareAfter), ...bareUpdates()]]) {
    for (const raised of events) {
      const expected = model.apply(raised.payload, "w");
      expect(await ingest(raised)).toEqual({ index: 0, ...expected });
    }
    expect(itemDifferences(model, itemsIn(table))).toEqual([]);
    histories.push(historyDifferencesIn(table, model));
  }
  // The bare events do not contain the address that connects the items of a person.
  expect(histories[0]).toEqual([]);
  expect(eventDifferences(model, publishedFrom(table))).toEqual([]);
  const kinds = Object.groupBy(model.items.keys(), (key) => /\/(\w+):/.exec(key)?.[1] ?? "agent");
  expect(Object.entries(kinds).map(([kind, keys = []]) => [kind, keys.length])).toEqual([
    ["session", 16],
    ["agent", 12],
    ["user", 5],
  ]);
  expect(model.events.size).toBeGreaterThan(200);
});
