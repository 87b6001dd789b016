import { DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";

import { countAvailable, takeCensus } from "../../functions/census/count.ts";
import { readEnvironment } from "../../functions/census/environment.ts";

const table = mockClient(DynamoDBClient);
const client = new DynamoDBClient({});

beforeEach(() => {
  table.reset();
});

describe("the census", () => {
  it("asks each index of who is available for a number, and for nothing else", async () => {
    table
      .on(ScanCommand, { IndexName: "AvailableOnFreshdesk" })
      .resolves({ Count: 3 })
      .on(ScanCommand, { IndexName: "AvailableOnFreshchat" })
      .resolves({ Count: 0 })
      .on(ScanCommand, { IndexName: "AvailableOnFreshcaller" })
      .resolves({ Count: 1 });

    expect([...(await takeCensus(client, "agents"))]).toEqual([
      ["AvailableOnFreshdesk", 3],
      ["AvailableOnFreshchat", 0],
      ["AvailableOnFreshcaller", 1],
    ]);
    for (const call of table.commandCalls(ScanCommand)) {
      expect(call.args[0].input).toMatchObject({ TableName: "agents", Select: "COUNT" });
    }
  });

  it("adds up the pages of an index", async () => {
    const key = { accountId: { S: "1" } };
    table
      .on(ScanCommand, { ExclusiveStartKey: undefined })
      .resolves({ Count: 900, LastEvaluatedKey: key })
      .on(ScanCommand, { ExclusiveStartKey: key })
      .resolves({ Count: 17 });

    expect(await countAvailable(client, "agents", "freshchat")).toBe(917);
  });

  it("fails where a page cannot be read, rather than tell a number that is too small", async () => {
    table
      .on(ScanCommand)
      .resolvesOnce({ Count: 900, LastEvaluatedKey: { accountId: { S: "1" } } })
      .rejects(new Error("throttled"));

    await expect(countAvailable(client, "agents", "freshchat")).rejects.toThrow("throttled");
  });

  it("names the variable that it misses", () => {
    expect(() => readEnvironment({ STAGE: "blue" })).toThrow(
      "environment variable TABLE_NAME is missing",
    );
  });
});
