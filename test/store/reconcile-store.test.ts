import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  type QueryCommandInput,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";

import { readItem } from "../../functions/store/read-item.ts";
import { createReconcileStore } from "../../functions/store/reconcile-store.ts";
import { tombstoneWrite } from "../../functions/store/tombstone-writes.ts";
import { aTable } from "../../tools/fakes/table.ts";
import { anItem, aSession, aTombstone, aUserItem } from "../builders/item.ts";

const ACCOUNT = "11010177632";
const unreadable = anItem({ availabilityId: { S: "1" }, status: { S: "Lunch" } });
const unordered = anItem({ availabilityId: { S: "2" }, contentHash: { N: "1" } });

let table: ReturnType<typeof aTable>;
let client: ReturnType<typeof mockClient>;
let store: ReturnType<typeof createReconcileStore>;

beforeEach(() => {
  table = aTable({ pageSize: 2 });
  client = mockClient(DynamoDBClient);
  client.on(QueryCommand).callsFake((input: QueryCommandInput) => table.query(input));
  client.on(GetItemCommand).callsFake((input) => table.get(input as never));
  client.on(UpdateItemCommand).callsFake((input) => table.update(input as never));
  store = createReconcileStore(new DynamoDBClient(), "agents");
  const items = [anItem(), aUserItem(), aSession(), aTombstone("5"), unreadable, unordered];
  for (const item of [...items, anItem({ accountId: { S: "43" } })]) {
    const { accountId, availabilityId } = item;
    table.items.set(JSON.stringify({ accountId, availabilityId }), item);
  }
});

describe("the items of an account", () => {
  it("are read page by page, without those of other accounts, and unreadable ones are counted", async () => {
    const { items, unreadable: counted } = await store.items(ACCOUNT);

    const expected = [aTombstone("5"), anItem(), aSession(), aUserItem()].map(readItem);
    expect(items).toEqual(expected);
    expect(counted).toBe(2);
    expect(client.commandCalls(QueryCommand)).toHaveLength(3);
  });

  it("are an empty list if the account has no items", async () => {
    client.on(QueryCommand).resolves({});

    expect(await store.items(ACCOUNT)).toEqual({ items: [], unreadable: 0 });
  });
});

describe("items by availability ID", () => {
  it("are read consistently, in the order of the IDs, without missing and unreadable ones", async () => {
    const ids = ["user:72025350026", "1", "2", "missing", "787096"];

    expect(await store.itemsOf(ACCOUNT, ids)).toEqual([aUserItem(), anItem()].map(readItem));
    expect(client.commandCalls(GetItemCommand).map(({ args: [{ input }] }) => input)).toEqual(
      ids.map((id) => ({
        TableName: "agents",
        Key: { accountId: { S: ACCOUNT }, availabilityId: { S: id } },
        ConsistentRead: true,
      })),
    );
  });
});

describe("a conditional write", () => {
  const write = tombstoneWrite(readItem(anItem()), { reason: "merged", microseconds: 1000 });

  it("returns true if the item had not changed since it was read", async () => {
    expect(await store.write(write)).toBe(true);
    expect(client.commandCalls(UpdateItemCommand)[0]?.args[0].input.TableName).toBe("agents");
  });

  it("returns false if the item had changed since it was read", async () => {
    client
      .on(UpdateItemCommand)
      .rejects(new ConditionalCheckFailedException({ message: "no", $metadata: {} }));

    expect(await store.write(write)).toBe(false);
  });

  it("throws any other error of DynamoDB", async () => {
    client.on(UpdateItemCommand).rejects(new Error("throttled"));

    await expect(store.write(write)).rejects.toThrow("throttled");
  });
});
