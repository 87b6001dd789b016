import {
  DynamoDBClient,
  QueryCommand,
  type QueryCommandInput,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";

import { createAgentLookup } from "../../client/lookups/agent-lookup.ts";
import { createAgentsReader } from "../../functions/board/board-agents.ts";
import type { BoardData } from "../../functions/board/board-data.ts";
import { supervisionOptions } from "../../functions/board/readers.ts";
import { createCoverageTable } from "../../functions/supervision/coverage-table.ts";
import { aTable } from "../../tools/fakes/table.ts";

const aChange = (channel: string, more: object = {}) => ({
  accountId: "42",
  channel,
  epoch: 1796029200000,
  version: 1,
  covered: false,
  available: 0,
  minimum: 2,
  since: "2026-11-30T09:00:00.000Z",
  ...more,
});

const LIMITS = [
  { status: "Lunch", minutes: 60 },
  { status: "Lunch", minutes: 45, accountId: "42" },
  { status: "Lunch", minutes: 30, accountId: "43" },
];

const BOTH = { coverageTableName: "coverage", statusLimits: JSON.stringify(LIMITS) };

/** The board's agents reader, and the coverage table that it reads. */
function aBoard(values: Parameters<typeof supervisionOptions>[1]) {
  const coverage = aTable();
  const dynamo = mockClient(DynamoDBClient);
  dynamo
    .on(QueryCommand)
    .callsFake((input: QueryCommandInput) =>
      input.TableName === "coverage" ? coverage.query(input) : { Items: [] },
    );
  dynamo.on(UpdateItemCommand).callsFake((input: UpdateItemCommandInput) => coverage.update(input));
  const client = new DynamoDBClient();
  const clock = { now: 0 };
  const read = createAgentsReader(createAgentLookup({ tableName: "agents", client }), {
    ...supervisionOptions(client, values),
    now: () => clock.now,
  });
  return {
    dynamo,
    table: createCoverageTable(client, "coverage"),
    /** Reads an account two seconds after the previous reading. */
    read: async (accountId = "42") => {
      clock.now += 2000;
      const { body, etag } = await read(accountId);
      return { etag, data: JSON.parse(body) as BoardData };
    },
  };
}

describe("the agents of an account", () => {
  it("are returned with the channels that are open and uncovered", async () => {
    const { table, read } = aBoard(BOTH);
    await table.change(undefined, aChange("freshcaller"), "always");
    await table.change(undefined, aChange("freshchat", { covered: true }), "always");
    await table.change(undefined, aChange("freshdesk", { accountId: "43" }), "always");

    expect((await read()).data.uncovered).toEqual([
      { channel: "freshcaller", minimum: 2, since: "2026-11-30T09:00:00.000Z" },
    ]);
  });

  it("are returned without a channel that has closed, and with a new ETag", async () => {
    const { table, read } = aBoard(BOTH);
    const stored = await table.change(undefined, aChange("freshcaller"), "always");
    if (stored === undefined) {
      throw new Error("the first change of a channel must be stored");
    }
    const open = await read();
    const unchanged = await read();
    await table.setClosed(stored, true);
    const closed = await read();

    expect(closed.data.uncovered).toEqual([]);
    expect([unchanged.etag === open.etag, closed.etag === open.etag]).toEqual([true, false]);
  });

  it("are returned with the limits that can apply to the account, without those of other accounts", async () => {
    const { read } = aBoard(BOTH);

    expect((await read()).data.statusLimits).toEqual([LIMITS[0], LIMITS[1]]);
  });

  it("are returned without coverage and limits if the stage has no supervision", async () => {
    const { dynamo, read } = aBoard({ coverageTableName: undefined, statusLimits: undefined });

    expect((await read()).data).toEqual({ accountId: "42", agents: [] });
    expect(
      dynamo.commandCalls(QueryCommand).map(({ args: [{ input }] }) => input.TableName),
    ).toEqual(["agents"]);
  });

  it.each([
    "{}",
    "[60]",
    "[null]",
    '[{"status":"Lunch"}]',
    '[{"minutes":60}]',
    '[{"status":7,"minutes":60}]',
    '[{"status":"Lunch","minutes":"60"}]',
    '[{"status":"Lunch","minutes":60,"accountId":42}]',
    '[{"status":"Lunch","minutes":60},{"status":"Break"}]',
  ])("cannot be read with the invalid limits %s", (statusLimits) => {
    expect(() => aBoard({ coverageTableName: undefined, statusLimits })).toThrow(
      `statusLimits must be a list such as [{"status": "Lunch", "minutes": 60}] (got ${statusLimits})`,
    );
  });
});
