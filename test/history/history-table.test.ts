import {
  type AttributeValue,
  BatchWriteItemCommand,
  type BatchWriteItemCommandInput,
  DynamoDBClient,
  QueryCommand,
} from "@aws-sdk/client-dynamodb";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";

import { createHistoryTable } from "../../functions/history/history-table.ts";
import { aHistoryTable } from "../builders/history-in-memory.ts";

const dynamo = mockClient(DynamoDBClient);
const key = { accountId: "42", availabilityId: "7" };
const { signal } = new AbortController();
let history = aHistoryTable(dynamo, "history");
let pauses: number[] = [];

const table = createHistoryTable({
  client: new DynamoDBClient(),
  tableName: "history",
  days: 90,
  pause: (milliseconds) => {
    pauses.push(milliseconds);
    return Promise.resolve();
  },
});

/** Stores changes by epoch and version, such as "2#1". */
function store(counts: readonly string[]): void {
  for (const count of counts) {
    const change = `2026-11-24T08:00:00.000Z#${count}`;
    const item: Record<string, AttributeValue> = { agent: { S: "42#7" }, change: { S: change } };
    history.items.set(`42#7 ${change}`, item);
  }
}

const stored = () => [...history.items.values()].map(({ change }) => change?.S?.slice(25));

beforeEach(() => {
  dynamo.reset();
  history = aHistoryTable(dynamo, "history");
  pauses = [];
});

describe("deleting the changes to an item", () => {
  it("deletes those up to the given epoch and version, and returns their number", async () => {
    store(["1#9", "2#1", "2#2", "2#3", "3#1"]);

    expect(await table.deleteUntil(key, { epoch: 2, version: 2 }, signal)).toBe(3);
    expect(stored()).toEqual(["2#3", "3#1"]);
    expect(pauses).toEqual([]);
  });

  it("reads only the keys of the item's changes, consistently, and ends with the invocation", async () => {
    store(["1#1"]);
    await table.deleteUntil(key, undefined, signal);

    const [query] = dynamo.commandCalls(QueryCommand);
    expect(query?.args[0].input).toEqual({
      TableName: "history",
      ConsistentRead: true,
      KeyConditionExpression: "#agent = :agent",
      ProjectionExpression: "#agent, #change",
      ExpressionAttributeNames: { "#agent": "agent", "#change": "change" },
      ExpressionAttributeValues: { ":agent": { S: "42#7" } },
      Limit: 25,
    });
    const options = dynamo.calls().map(({ args }) => (args as unknown[])[1]);
    expect(options).toEqual([{ abortSignal: signal }, { abortSignal: signal }]);
  });

  it("doubles the pause before each retry, up to 2 seconds", async () => {
    store(["1#1"]);
    let calls = 0;
    dynamo.on(BatchWriteItemCommand).callsFake((input: BatchWriteItemCommandInput) => {
      calls += 1;
      return calls > 8 ? history.write(input) : { UnprocessedItems: input.RequestItems };
    });

    expect(await table.deleteUntil(key, undefined, signal)).toBe(1);
    expect(pauses).toEqual([50, 100, 200, 400, 800, 1600, 2000, 2000]);
    expect(stored()).toEqual([]);
  });
});
