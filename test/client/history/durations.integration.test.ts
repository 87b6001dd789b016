import {
  type AttributeValue,
  DynamoDBClient,
  type QueryCommandInput,
} from "@aws-sdk/client-dynamodb";
import { marshall } from "@aws-sdk/util-dynamodb";
import { expect, it, jest } from "@jest/globals";
import type { Context, DynamoDBRecord } from "aws-lambda";
import { mockClient } from "aws-sdk-client-mock";
import * as fc from "fast-check";

import { createAgentHistory } from "../../../client/history/agent-history.ts";
import { tombstoneOf } from "../../../commands/agent/tombstone.ts";
import { createIngest } from "../../../functions/ingest/ingest.ts";
import { createAgentStore } from "../../../functions/store/agent-store.ts";
import { expectedDays } from "../../../local/sample-day/expected-history.ts";
import { toExpectedDay, expectedOf } from "../../../local/sample-day/history-differences.ts";
import { people } from "../../../local/sample-day/people.ts";
import { createReferenceModel } from "../../../local/sample-day/reference-model.ts";
import { aPayload } from "../../../tools/fakes/payload.ts";
import { aTable } from "../../../tools/fakes/table.ts";
import { aHistoryTable } from "../../builders/history-in-memory.ts";

Object.assign(process.env, {
  STAGE: "blue",
  TABLE_NAME: "agents",
  HISTORY_TABLE_NAME: "history",
  HISTORY_DAYS: "90",
  AWS_REGION: "eu-central-1",
  POWERTOOLS_METRICS_DISABLED: "true",
});
const { handler } = await import("../../../functions/history/handler.ts");

const START = Date.parse("2026-03-27T00:00:00.000Z");
const END = Date.parse("2026-03-31T00:00:00.000Z");
const SECONDS = (END - START) / 1000;
const NOW = new Date();
const ACCOUNT = people.rachel.account.accountId;
const AGENT = String(people.rachel.id);
const USER = String(people.rachel.userId);
const KEYS = [`user:${USER}`, `session:${USER}`, AGENT];
const CHANNELS = ["freshdesk", "freshchat", "constructor"];
const client = new DynamoDBClient({ region: "eu-central-1" });

/** DynamoDB's responses by command. */
let responses: Record<string, (input: never) => unknown> = {};

// Mocks of each command would take most of the time of this test.
jest
  .spyOn(DynamoDBClient.prototype, "send")
  .mockImplementation(
    (async (command: { readonly input: never }) =>
      await Promise.resolve(responses[command.constructor.name]?.(command.input))) as never,
  );

/** An event of Freshdesk, and its delivery. */
interface RaisedEvent {
  readonly time: number;
  readonly isLogin: boolean;
  readonly status: number;
  readonly open: readonly boolean[];
  readonly loggedIn: boolean;
  /** The seconds after which each copy arrives. None: the event is lost. */
  readonly delays: readonly number[];
}

const second = fc.integer({ min: 0, max: SECONDS - 1 }).map((seconds) => START + seconds * 1000);

const histories = fc.record({
  events: fc
    .uniqueArray(
      fc.record<RaisedEvent>({
        time: second,
        isLogin: fc.oneof({ weight: 2, arbitrary: fc.constant(false) }, fc.constant(true)),
        status: fc.integer({ min: 1, max: 3 }),
        open: fc.tuple(fc.boolean(), fc.boolean(), fc.boolean()),
        loggedIn: fc.boolean(),
        delays: fc.oneof(
          { weight: 4, arbitrary: fc.constant([0]) },
          { weight: 1, arbitrary: fc.constant([]) },
          {
            weight: 2,
            arbitrary: fc.array(fc.integer({ min: 0, max: SECONDS / 2 }), {
              minLength: 1,
              maxLength: 3,
            }),
          },
        ),
      }),
      { minLength: 4, maxLength: 14, selector: ({ time }) => time },
    )
    .map((events) => events.toSorted((one, other) => one.time - other.time)),
  /** The person is forgotten between two seconds, or not. */
  forgottenAt: fc.oneof(
    { weight: 3, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: second.map((time) => time + 500) },
  ),
});

type History = typeof histories extends fc.Arbitrary<infer Value> ? Value : never;

const iso = (time: number) => new Date(time).toISOString();

function loginPayload({ time, loggedIn }: RaisedEvent): object {
  return {
    event: "onAgentUpdate",
    timestamp: time / 1000,
    data: {
      agent: { user_id: USER, account_id: ACCOUNT, email: "rachel@acme.com" },
      changes: { misc_changes: { logged_in: [!loggedIn, loggedIn] } },
    },
  };
}

/** The payloads as Freshdesk raises them: a change of status reports the previous status, even if its event is lost. */
function payloadsOf(events: readonly RaisedEvent[]): object[] {
  let status: { readonly id: number; readonly since: string } | undefined;
  return events.map((event) => {
    if (event.isLogin) {
      return loginPayload(event);
    }
    const before = status;
    const isChange = before?.id !== event.status;
    status = isChange ? { id: event.status, since: iso(event.time) } : before;
    const { id, since } = status;
    return aPayload({
      agent: {
        account_id: ACCOUNT,
        id: AGENT,
        logged_in: null,
        status_id: id,
        status_updated_at: since,
        updated_at: iso(event.time),
        channel_availability: CHANNELS.map((channel, index) => ({
          channel,
          available: event.open[index],
        })),
      },
      changes: {
        model_changes:
          isChange && before
            ? { status_id: [before.id, id], status_updated_at: [before.since, since] }
            : {},
      },
      timestamp: event.time / 1000,
    });
  });
}

type Item = Record<string, AttributeValue>;
type Table = ReturnType<typeof aTable>;

/** Forgets the person's items in the table, as `agent forget` does. */
function forgetIn({ items, images }: Table, at: Date): void {
  for (const availabilityId of KEYS) {
    const id = { accountId: ACCOUNT, availabilityId };
    const key = JSON.stringify(marshall(id));
    const before = items.get(key);
    if (before !== undefined || availabilityId.includes(":")) {
      const after = tombstoneOf(id, before, at);
      items.set(key, after);
      images.push({ before, after });
    }
  }
}

const recordOf = ({ before, after }: { before: Item | undefined; after: Item }, index: number) => ({
  eventName: before ? "MODIFY" : "INSERT",
  dynamodb: {
    ApproximateCreationDateTime: NOW.getTime() / 1000,
    Keys: { accountId: after["accountId"], availabilityId: after["availabilityId"] },
    SequenceNumber: String(index + 1),
    NewImage: after,
    ...(before && { OldImage: before }),
  },
});

/** Passes a history through ingest, the table, its stream and the history function. The stream delivers each record twice. */
async function play({ events, forgottenAt }: History) {
  const table = aTable();
  const history = aHistoryTable(mockClient(client), "history");
  responses = {
    UpdateItemCommand: table.update,
    GetItemCommand: table.get,
    BatchGetItemCommand: table.batchGet,
    BatchWriteItemCommand: history.write,
    QueryCommand: (input: QueryCommandInput) =>
      (input.TableName === "agents" ? table : history).query(input),
  };
  const ignore = () => undefined;
  const store = createAgentStore(new DynamoDBClient({ region: "eu-central-1" }), "agents");
  const ingest = createIngest(store, {
    onReceived: ignore,
    onChangeRejected: ignore,
    count: ignore,
  });
  const model = createReferenceModel();
  const payloads = payloadsOf(events);
  const deliveries = events.flatMap(({ time, delays }, index) =>
    delays.map((delay) => ({ at: time + delay * 1000, payload: payloads[index] })),
  );
  const forgetting = forgottenAt === undefined ? [] : [{ at: forgottenAt, payload: undefined }];
  for (const { at, payload } of [...deliveries, ...forgetting].toSorted((a, b) => a.at - b.at)) {
    if (payload === undefined) {
      forgetIn(table, new Date(at));
      model.forget(ACCOUNT, KEYS, new Date(at));
      continue;
    }
    model.apply(payload, "w");
    await ingest(payload, {
      accountId: ACCOUNT,
      hasCustomStatuses: true,
      webhookId: "w",
      receivedAt: NOW,
      abortSignal: new AbortController().signal,
    });
  }
  const records = table.images.map(recordOf) as DynamoDBRecord[];
  const context = { getRemainingTimeInMillis: () => 60_000 } as Context;
  expect(await handler({ Records: [...records, ...records] }, context)).toEqual({
    batchItemFailures: [],
  });
  return model;
}

it("the durations of 1,000 random histories match the reference model, despite lost, late and repeated events and forgotten agents", async () => {
  const agents = createAgentHistory({
    client: new DynamoDBClient({ region: "eu-central-1" }),
    tableName: "agents",
    historyTableName: "history",
  });
  const counts = { unknown: 0, gaps: 0, forgotten: 0 };

  await fc.assert(
    fc.asyncProperty(histories, async (history) => {
      const model = await play(history);
      const period = { from: START, to: END };
      const days = await agents.timeIn(ACCOUNT, AGENT, {
        from: iso(START),
        to: iso(END),
        timeZone: "UTC",
      });
      const intervals = expectedOf(model, people.rachel, period);
      counts.unknown += Number(intervals.some(({ state }) => state["unknown"] === true));
      counts.gaps += Number(intervals.slice(1).some(({ state }) => state["unknown"] === true));
      counts.forgotten += Number(history.forgottenAt !== undefined);
      expect(days.map(toExpectedDay)).toEqual(expectedDays(intervals));
    }),
    { numRuns: 1000 },
  );

  expect(Math.min(...Object.values(counts))).toBeGreaterThan(100);
});
