import {
  type AttributeValue,
  BatchGetItemCommand,
  DynamoDBClient,
  GetItemCommand,
  QueryCommand,
} from "@aws-sdk/client-dynamodb";
import { beforeEach, expect, it } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";

import { createAgentLookup } from "../../../client/lookups/agent-lookup.ts";
import { anItem } from "../../../tools/fakes/item.ts";

// The local cloud answers ConsumedCapacity without looking at sizes; so the calls are metered here, by
// AWS's rule: half a unit, or one if consistent, for each 4 KB begun, per item for GetItem and
// BatchGetItem (an item that is not there counts too), per page for Query.

type Item = Record<string, AttributeValue>;

const ACCOUNT = "11010177632";
const dynamo = mockClient(DynamoDBClient);
const lookup = createAgentLookup({
  client: new DynamoDBClient({ region: "eu-central-1" }),
  tableName: "agents",
});

let units = 0;

/** AWS's size of a value: texts by their bytes, a number by its digits, a map with 3 bytes and 1 for each entry. */
function sizeOfValue(value: AttributeValue): number {
  if (value.M !== undefined) {
    return 3 + Object.keys(value.M).length + sizeOf(value.M);
  }
  return value.N === undefined
    ? Buffer.byteLength(value.S ?? "x")
    : 1 + Math.ceil(value.N.length / 2);
}

function sizeOf(item: Item): number {
  return Object.entries(item).reduce(
    (sum, [name, value]) => sum + Buffer.byteLength(name) + sizeOfValue(value),
    0,
  );
}

const unitsOf = (bytes: number, consistent: boolean | undefined) =>
  Math.max(1, Math.ceil(bytes / 4096)) * (consistent ? 1 : 0.5);

/** A realistic agent, with three channels open. */
const agent = (id: string) =>
  anItem({
    availabilityId: { S: id },
    channels: {
      M: Object.fromEntries(
        ["freshdesk", "freshchat", "freshcaller"].map((channel) => [
          channel,
          {
            M: {
              available: { BOOL: true },
              agentId: { S: "12345678" },
              channelAccountId: { S: "291863432-sc" },
            },
          },
        ]),
      ),
    },
  });

const row = (id: string): Item => ({
  accountId: { S: ACCOUNT },
  availabilityId: { S: id },
  freshchatAgentId: { S: "12345678" },
  freshchatAvailableSince: { S: "2026-11-22T08:55:00.000Z" },
});

/** An account with that many agents, all available. */
function anAccountOf(count: number): void {
  const ids = Array.from({ length: count }, (_, index) => String(787_000 + index));
  dynamo.on(GetItemCommand).callsFake((input: GetItemCommand["input"]) => {
    const item = agent(input.Key?.["availabilityId"]?.S ?? "");
    units += unitsOf(sizeOf(item), input.ConsistentRead);
    return { Item: item };
  });
  dynamo.on(BatchGetItemCommand).callsFake((input: BatchGetItemCommand["input"]) => {
    const { Keys: keys = [], ConsistentRead: consistent } = input.RequestItems?.["agents"] ?? {};
    const items = keys.map((key) => agent(key["availabilityId"]?.S ?? ""));
    units += items.reduce((sum, item) => sum + unitsOf(sizeOf(item), consistent), 0);
    return { Responses: { agents: items } };
  });
  dynamo.on(QueryCommand).callsFake((input: QueryCommand["input"]) => {
    const from = ids.indexOf(input.ExclusiveStartKey?.["availabilityId"]?.S ?? "") + 1;
    const page = ids.slice(from, from + (input.Limit ?? 2));
    const items = page.map(input.IndexName === undefined ? agent : row);
    const bytes = items.reduce((sum, item) => sum + sizeOf(item), 0);
    units += unitsOf(bytes, input.ConsistentRead);
    const isLast = from + page.length >= ids.length || input.Limit === undefined;
    return { Items: items, ...(!isLast && { LastEvaluatedKey: items.at(-1) }) };
  });
}

async function all(rows: AsyncIterable<unknown>): Promise<number> {
  const taken: unknown[] = [];
  for await (const each of rows) {
    taken.push(each);
  }
  return taken.length;
}

const hundred = Array.from({ length: 100 }, (_, index) => String(787_000 + index));

beforeEach(() => {
  dynamo.reset();
  units = 0;
});

it.each<[string, number, () => Promise<unknown>]>([
  ["one agent", 0.5, () => lookup.byAvailabilityId(ACCOUNT, "787000")],
  [
    "one agent, consistent",
    1,
    () => lookup.byAvailabilityId(ACCOUNT, "787000", { consistent: true }),
  ],
  ["an e-mail address that two have", 1.5, () => lookup.byEmail(ACCOUNT, "rachel@acme.com")],
  [
    "an agent id that two have",
    1.5,
    () => lookup.byChannelAgentId(ACCOUNT, "freshchat", "12345678"),
  ],
  ["a hundred agents", 50, () => lookup.byAvailabilityIds(ACCOUNT, hundred)],
  [
    "a hundred agents, consistent",
    100,
    () => lookup.byAvailabilityIds(ACCOUNT, hundred, { consistent: true }),
  ],
  [
    "the first three who are available",
    0.5,
    () => all(lookup.availableOn(ACCOUNT, "freshchat", { limit: 3 })),
  ],
  [
    "a page of a hundred who are available",
    1.5,
    () => lookup.availablePageOn(ACCOUNT, "freshchat"),
  ],
  [
    "a page of a hundred who are available and were heard of",
    51.5,
    () => lookup.availablePageOn(ACCOUNT, "freshchat", { heardWithinMs: 60_000 }),
  ],
  ["all of 1,000 who are available", 14.5, () => all(lookup.availableOn(ACCOUNT, "freshchat"))],
  ["everybody of 1,000", 82, () => all(lookup.all(ACCOUNT))],
  ["everybody of 1,000, consistent", 164, () => all(lookup.all(ACCOUNT, { consistent: true }))],
])("%s: %d read units", async (_question, stated, ask) => {
  anAccountOf(1000);

  await ask();

  expect(units).toBe(stated);
});

it("costs what its documentation says", () => {
  expect(sizeOf(agent("787000"))).toBeLessThan(1024);
  expect(sizeOf(row("787000"))).toBeLessThan(4096 / 35);
});
