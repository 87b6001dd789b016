import {
  ConditionalCheckFailedException,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";

import {
  createItemChanges,
  type Decision,
  OvertakenError,
} from "../../functions/store/item-changes.ts";
import { type Attributes, UnreadableItemError } from "../../functions/store/read-item.ts";
import { anItem } from "../builders/item.ts";

const key = { accountId: "11010177632", availabilityId: "787096" };
const keyAttributes = {
  accountId: { S: key.accountId },
  availabilityId: { S: key.availabilityId },
};
const versioned = (version: number) => anItem({ version: { N: String(version) } });
const changed = () => new ConditionalCheckFailedException({ message: "no", $metadata: {} });

const client = mockClient(DynamoDBClient);

const change = <Result>(
  decide: (item: Attributes | undefined) => Decision<Result>,
  known?: Attributes,
) => createItemChanges(new DynamoDBClient(), "agents").change(key, decide, known);
const puts = () => client.commandCalls(PutItemCommand).map((call) => call.args[0].input);
const reads = () => client.commandCalls(GetItemCommand).map((call) => call.args[0].input);

beforeEach(() => {
  client.reset();
  client.on(GetItemCommand).resolves({ Item: versioned(7) });
  client.on(PutItemCommand).resolves({});
  client.on(UpdateItemCommand).resolves({});
});

describe("changing an item", () => {
  it("reads it with strong consistency, and writes it unless it has changed", async () => {
    const put = versioned(8);

    expect(await change((item) => ({ result: item?.["version"], write: { put } }))).toEqual({
      N: "7",
    });
    expect(reads()).toEqual([{ TableName: "agents", Key: keyAttributes, ConsistentRead: true }]);
    expect(puts()).toEqual([
      {
        TableName: "agents",
        Item: put,
        ConditionExpression: "#epoch = :knownEpoch AND #version = :knownVersion",
        ExpressionAttributeNames: { "#epoch": "epoch", "#version": "version" },
        ExpressionAttributeValues: {
          ":knownEpoch": { N: "1795486584641" },
          ":knownVersion": { N: "7" },
        },
      },
    ]);
  });

  it("creates it only if it is still absent", async () => {
    client.on(GetItemCommand).resolves({});

    await change(() => ({ result: 1, write: { put: versioned(1) } }));

    expect(puts()).toEqual([
      {
        TableName: "agents",
        Item: versioned(1),
        ConditionExpression: "attribute_not_exists(accountId)",
      },
    ]);
  });

  it("can update it", async () => {
    const values = { ":one": { N: "1" } };

    await change(() => ({ result: 1, write: { update: "SET #version = :one", values } }));

    expect(client.commandCalls(UpdateItemCommand).map((call) => call.args[0].input)).toEqual([
      {
        TableName: "agents",
        Key: keyAttributes,
        UpdateExpression: "SET #version = :one",
        ConditionExpression: "#epoch = :knownEpoch AND #version = :knownVersion",
        ExpressionAttributeNames: { "#epoch": "epoch", "#version": "version" },
        ExpressionAttributeValues: {
          ":knownEpoch": { N: "1795486584641" },
          ":knownVersion": { N: "7" },
          ":one": { N: "1" },
        },
      },
    ]);
  });

  it("writes nothing if the decision needs no write", async () => {
    expect(await change(() => ({ result: "as it is" }))).toBe("as it is");
    expect(puts()).toEqual([]);
  });

  it("omits the first read if the item is known", async () => {
    await change(() => ({ result: 1, write: { put: versioned(4) } }), versioned(3));

    expect(reads()).toEqual([]);
    expect(puts()[0]?.ExpressionAttributeValues?.[":knownVersion"]).toEqual({ N: "3" });
  });

  it("reads and decides again if the item has changed", async () => {
    client.on(PutItemCommand).rejectsOnce(changed()).resolves({});
    client.on(GetItemCommand).resolves({ Item: versioned(9) });

    const decide = (item: Attributes | undefined) => ({
      result: item?.["version"]?.N,
      write: { put: versioned(10) },
    });

    expect(await change(decide, versioned(3))).toBe("9");
    expect(puts().map((input) => input.ExpressionAttributeValues?.[":knownVersion"]?.N)).toEqual([
      "3",
      "9",
    ]);
  });

  it("stops after 20 attempts", async () => {
    client.on(PutItemCommand).rejects(changed());

    const overtaken = change(() => ({ result: 1, write: { put: versioned(8) } }));

    await expect(overtaken).rejects.toThrow(
      new OvertakenError("the item changed during each of 20 attempts"),
    );
    await expect(overtaken).rejects.toMatchObject({ name: "OvertakenError" });
    expect(puts()).toHaveLength(20);
  });

  it("reports any other error of DynamoDB", async () => {
    client.on(PutItemCommand).rejects(new Error("unreachable"));

    await expect(change(() => ({ result: 1, write: { put: versioned(8) } }))).rejects.toThrow(
      "unreachable",
    );
    expect(puts()).toHaveLength(1);
  });

  it("rejects an item that is not ordered", async () => {
    const { version: _version, ...unordered } = anItem();
    client.on(GetItemCommand).resolves({ Item: unordered });

    await expect(change(() => ({ result: 1, write: { put: versioned(8) } }))).rejects.toThrow(
      UnreadableItemError,
    );
    expect(puts()).toEqual([]);
  });
});
