import {
  DescribeTableCommand,
  DynamoDBClient,
  ScanCommand,
  type ScanCommandInput,
} from "@aws-sdk/client-dynamodb";
import { beforeEach, describe, expect, it, jest } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";

import { countAvailable, takeCensus } from "../../functions/census/take-census.ts";
import { anIndex } from "../builders/available-index.ts";

Object.assign(process.env, {
  STAGE: "blue",
  TABLE_NAME: "agents",
  AWS_REGION: "eu-central-1",
  // Otherwise Powertools writes to its own console.
  POWERTOOLS_DEV: "true",
  POWERTOOLS_METRICS_DISABLED: "false",
});
const { handler } = await import("../../functions/census/handler.ts");

const table = mockClient(DynamoDBClient);
const client = new DynamoDBClient({});

const EVENING = new Date("2026-11-25T20:00:00.000Z");

beforeEach(() => {
  table.reset();
  table.on(DescribeTableCommand).resolves({ Table: { ItemCount: 512 } });
});

/** Fills the indexes with the times since which agents have been available. */
function indexesContain(availableSince: Readonly<Record<string, readonly string[]>>): void {
  table
    .on(ScanCommand)
    .callsFake((input: ScanCommandInput) =>
      anIndex(availableSince[input.IndexName ?? ""] ?? [])(input),
    );
}

describe("the census", () => {
  it("reads only counts from the indexes of available agents", async () => {
    indexesContain({
      AvailableOnFreshdesk: [
        "2026-11-25T12:00:00.000Z",
        "2026-11-25T13:00:00.000Z",
        "2026-11-25T14:00:00.000Z",
      ],
      AvailableOnFreshcaller: ["2026-11-25T12:00:00.000Z"],
    });

    expect([...(await takeCensus(client, "agents", EVENING))]).toEqual([
      ["StoredItems", 512],
      ["AvailableOnFreshdesk", 3],
      ["AvailableOnFreshchat", 0],
      ["AvailableOnFreshcaller", 1],
      ["ActiveAgents", 3],
    ]);
    expect(table.commandCalls(ScanCommand)).toHaveLength(3);
    expect(table.commandCalls(DescribeTableCommand)[0]?.args[0].input).toEqual({
      TableName: "agents",
    });
    for (const call of table.commandCalls(ScanCommand)) {
      expect(call.args[0].input).toMatchObject({ TableName: "agents", Select: "COUNT" });
    }
  });

  it("counts agents who opened a channel over 12 hours ago as available but not as active", async () => {
    const openedOver12HoursAgo = ["2026-11-24T09:00:00.000Z", "2026-11-25T07:59:59.999Z"];
    indexesContain({ AvailableOnFreshchat: [...openedOver12HoursAgo, "2026-11-25T08:00:00.001Z"] });

    expect(await countAvailable(client, "agents", "freshchat", EVENING)).toEqual({
      available: 3,
      active: 1,
    });
  });

  it("counts no agent twice: active agents are those on the channel with the most of them", async () => {
    const two = ["2026-11-25T12:00:00.000Z", "2026-11-25T12:00:00.000Z"];
    indexesContain({
      AvailableOnFreshdesk: two,
      AvailableOnFreshchat: [...two, "2026-11-25T13:00:00.000Z"],
      AvailableOnFreshcaller: two,
    });

    expect((await takeCensus(client, "agents", EVENING)).get("ActiveAgents")).toBe(3);
  });

  it("adds up the pages of an index", async () => {
    const key = { accountId: { S: "1" } };
    table
      .on(ScanCommand, { ExclusiveStartKey: undefined })
      .resolves({ Count: 850, ScannedCount: 900, LastEvaluatedKey: key })
      .on(ScanCommand, { ExclusiveStartKey: key })
      .resolves({ Count: 10, ScannedCount: 17 });

    expect(await countAvailable(client, "agents", "freshchat", EVENING)).toEqual({
      available: 917,
      active: 860,
    });
  });

  it("fails if a page cannot be read, so that no count is too low", async () => {
    table
      .on(ScanCommand)
      .resolvesOnce({ Count: 900, LastEvaluatedKey: { accountId: { S: "1" } } })
      .rejects(new Error("throttled"));

    await expect(countAvailable(client, "agents", "freshchat", EVENING)).rejects.toThrow(
      "throttled",
    );
  });
});

describe("the handler of the census", () => {
  it("writes every count as a metric of the stage, in one log line, even if it is 0", async () => {
    const log = jest.spyOn(console, "log").mockReturnValue();
    indexesContain({ AvailableOnFreshchat: [new Date().toISOString()] });

    await handler();

    const lines = log.mock.calls.map(([line]) => JSON.parse(String(line)) as object);
    log.mockRestore();
    expect(lines).toEqual([
      expect.objectContaining({
        stage: "blue",
        service: "census",
        StoredItems: 512,
        AvailableOnFreshdesk: 0,
        AvailableOnFreshchat: 1,
        AvailableOnFreshcaller: 0,
        ActiveAgents: 1,
      }),
    ]);
  });
});
