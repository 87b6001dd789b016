import { DynamoDBClient, ScanCommand, type ScanCommandInput } from "@aws-sdk/client-dynamodb";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";

import { countAvailable, takeCensus } from "../../functions/census/count.ts";
import { anIndex } from "../builders/available-index.ts";

const table = mockClient(DynamoDBClient);
const client = new DynamoDBClient({});

/** An evening. */
const NOW = new Date("2026-11-25T20:00:00.000Z");

beforeEach(() => {
  table.reset();
});

/** What each index holds: since when somebody is available. */
function indexesHold(since: Readonly<Record<string, readonly string[]>>): void {
  table
    .on(ScanCommand)
    .callsFake((input: ScanCommandInput) => anIndex(since[input.IndexName ?? ""] ?? [])(input));
}

describe("the census", () => {
  it("asks each index of who is available for numbers, and for nothing else", async () => {
    indexesHold({
      AvailableOnFreshdesk: [
        "2026-11-25T12:00:00.000Z",
        "2026-11-25T13:00:00.000Z",
        "2026-11-25T14:00:00.000Z",
      ],
      AvailableOnFreshcaller: ["2026-11-25T12:00:00.000Z"],
    });

    expect([...(await takeCensus(client, "agents", NOW))]).toEqual([
      ["AvailableOnFreshdesk", 3],
      ["AvailableOnFreshchat", 0],
      ["AvailableOnFreshcaller", 1],
      ["AgentsAtWork", 3],
    ]);
    expect(table.commandCalls(ScanCommand)).toHaveLength(3);
    for (const call of table.commandCalls(ScanCommand)) {
      expect(call.args[0].input).toMatchObject({ TableName: "agents", Select: "COUNT" });
    }
  });

  it("takes who opened a channel over 12 hours ago for available, and not for at work", async () => {
    const forgotten = ["2026-11-24T09:00:00.000Z", "2026-11-25T07:59:59.999Z"];
    indexesHold({ AvailableOnFreshchat: [...forgotten, "2026-11-25T08:00:00.001Z"] });

    expect(await countAvailable(client, "agents", "freshchat", NOW)).toEqual({
      available: 3,
      atWork: 1,
    });
  });

  it("counts nobody twice: at work are those of the channel where that are most", async () => {
    const two = ["2026-11-25T12:00:00.000Z", "2026-11-25T12:00:00.000Z"];
    indexesHold({
      AvailableOnFreshdesk: two,
      AvailableOnFreshchat: [...two, "2026-11-25T13:00:00.000Z"],
      AvailableOnFreshcaller: two,
    });

    expect((await takeCensus(client, "agents", NOW)).get("AgentsAtWork")).toBe(3);
  });

  it("adds up the pages of an index", async () => {
    const key = { accountId: { S: "1" } };
    table
      .on(ScanCommand, { ExclusiveStartKey: undefined })
      .resolves({ Count: 850, ScannedCount: 900, LastEvaluatedKey: key })
      .on(ScanCommand, { ExclusiveStartKey: key })
      .resolves({ Count: 10, ScannedCount: 17 });

    expect(await countAvailable(client, "agents", "freshchat", NOW)).toEqual({
      available: 917,
      atWork: 860,
    });
  });

  it("fails where a page cannot be read, rather than tell a number that is too small", async () => {
    table
      .on(ScanCommand)
      .resolvesOnce({ Count: 900, LastEvaluatedKey: { accountId: { S: "1" } } })
      .rejects(new Error("throttled"));

    await expect(countAvailable(client, "agents", "freshchat", NOW)).rejects.toThrow("throttled");
  });
});
