import {
  BatchGetItemCommand,
  DynamoDBClient,
  GetItemCommand,
  QueryCommand,
} from "@aws-sdk/client-dynamodb";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";

import { createAgentHistory } from "../../../client/history/agent-history.ts";
import { historyItemOf, historyKeyOf } from "../../../functions/store/history-item.ts";
import { aStoredAgent, aStoredSession } from "../../builders/stored-items.ts";
import { aHistoryTable } from "../../builders/history-in-memory.ts";
import { isoAt, rowsOf } from "./some-rows.ts";

const ACCOUNT = "11010177632";
const client = new DynamoDBClient({ region: "eu-central-1" });
const dynamo = mockClient(client);
const agents = createAgentHistory({ client, tableName: "agents", historyTableName: "history" });
const PERIOD = { from: isoAt("10:00"), to: isoAt("14:00") };

/** A history whose pages have at most this many items. The agent's item has been removed. */
function aHistory(pageSize: number) {
  dynamo.reset();
  dynamo.on(GetItemCommand).resolves({});
  dynamo.on(BatchGetItemCommand).resolves({});
  dynamo.on(QueryCommand).resolves({ Items: [] });
  const history = aHistoryTable(dynamo, "history", pageSize);
  const changes = Array.from({ length: 60 }, (_, index) => {
    const time = isoAt(
      `${String(9 + Math.floor(index / 10)).padStart(2, "0")}:${String((index % 10) * 6).padStart(2, "0")}`,
    );
    const id = String(index % 3);
    return aStoredAgent({ version: index + 1, updatedAt: time, status: { id, since: time } });
  });
  const logout = aStoredSession({ version: 1, updatedAt: isoAt("11:03"), loggedIn: false });
  for (const row of [...rowsOf(changes), ...rowsOf([logout])]) {
    history.items.set(
      Object.values(historyKeyOf(row))
        .map(({ S: text }) => text)
        .join(" "),
      historyItemOf(row, 90),
    );
  }
  return history;
}

beforeEach(() => {
  aHistory(100);
});

describe("the reader of the history", () => {
  it("returns the intervals of a period, with the login state of the person's session", async () => {
    const intervals = await agents.history(ACCOUNT, "787096", PERIOD);

    expect(intervals).toHaveLength(41);
    expect(intervals[0]).toEqual({
      from: isoAt("10:00"),
      to: isoAt("10:06"),
      status: { id: "1", name: undefined },
      loggedIn: true,
      channels: { freshdesk: true, freshchat: true },
      unknown: false,
    });
    expect(intervals.find(({ from }) => from === isoAt("11:03"))?.loggedIn).toBe(false);
    expect(intervals.at(-1)?.to).toBe(isoAt("14:00"));
  });

  it("returns the same intervals for any page size", async () => {
    const expected = await agents.history(ACCOUNT, "787096", PERIOD);

    for (const pageSize of [1, 7]) {
      aHistory(pageSize);
      expect(await agents.history(ACCOUNT, "787096", PERIOD)).toEqual(expected);
    }
  });

  it("returns durations per day that add up", async () => {
    const [day, ...others] = await agents.timeIn(ACCOUNT, "787096", { ...PERIOD, timeZone: "UTC" });

    expect(others).toEqual([]);
    expect(day).toMatchObject({ date: "2026-11-28", channels: { freshdesk: 4 * 3_600_000 } });
    const sum = day?.statuses.reduce((total, { milliseconds }) => total + milliseconds, 0);
    expect(sum).toBe(4 * 3_600_000);
  });

  it("reads only the changes of the period and a few around it", async () => {
    const history = aHistory(100);
    await agents.history(ACCOUNT, "787096", PERIOD);

    const own = history.queries.filter(({ Limit: limit }) => limit === undefined);
    expect(own).toHaveLength(3);
    expect(history.queries.filter(({ Limit: limit }) => limit === 10)).toHaveLength(6);
  });

  it("returns unknown time for an agent without stored changes", async () => {
    expect(await agents.history(ACCOUNT, "nobody", PERIOD)).toEqual([
      { ...PERIOD, channels: {}, unknown: true },
    ]);
  });

  it.each([
    ["agents", "LookupPolicyArn"],
    ["history", "HistoryPolicyArn"],
  ])("names the missing permission to read the table %s", async (TableName, policy) => {
    const denied = Object.assign(new Error("denied"), { name: "AccessDeniedException" });
    dynamo.on(GetItemCommand, { TableName }).rejects(denied);
    dynamo.on(QueryCommand, { TableName }).rejects(denied);

    await expect(agents.history(ACCOUNT, "787096", PERIOD)).rejects.toMatchObject({
      name: "LookupError",
      message: expect.stringMatching(
        new RegExp(`^the lookup is not permitted: denied\\. .*\\(output ${policy}\\)`),
      ),
    });
  });

  it.each([
    [{ from: "yesterday", to: PERIOD.to }, "from must be a Date or an ISO 8601 time with a zone"],
    [{ from: PERIOD.from, to: "2026-11-28T14:00" }, "to must be a Date or an ISO 8601 time"],
    [{ from: PERIOD.to, to: PERIOD.from }, "from must be before to"],
  ])("rejects the period %j", async (period, message) => {
    await expect(agents.history(ACCOUNT, "787096", period)).rejects.toThrow(message);
  });

  it.each([
    [{}, "either stage, or tableName and historyTableName must be set (got neither)"],
    [
      { stage: "prod", tableName: "agents" },
      "either stage, or tableName and historyTableName must be set (got both)",
    ],
    [
      { tableName: "agents" },
      "historyTableName must be the stage's output HistoryTableName or HistoryTableArn (got undefined)",
    ],
    [
      { historyTableName: "history" },
      "tableName must be the stage's output TableName or TableArn (got undefined)",
    ],
    [
      { stage: "Prod" },
      'stage must start with a lowercase letter and contain at most 20 lowercase letters, digits and hyphens (got "Prod")',
    ],
  ])("rejects the options %j", (options, message) => {
    expect(() => createAgentHistory(options as never)).toThrow(message);
  });

  it("states that a stage keeps no history", async () => {
    const stageHistory = createAgentHistory({
      client,
      stage: "prod",
      readParameter: async (name) =>
        await Promise.resolve(name.endsWith("/table-name") ? "agents" : undefined),
    });

    await expect(stageHistory.history(ACCOUNT, "787096", PERIOD)).rejects.toThrow(
      'stage "prod" keeps no history (setting historyDays), or is not deployed in this AWS account and region: SSM parameter /agent-availability/prod/history-table-name does not exist',
    );
  });

  it.each([
    [undefined, "options must be an object (got undefined)"],
    [
      { ...PERIOD, timezone: "UTC" },
      'option "timezone" does not exist; the options are from, to, timeZone',
    ],
    [PERIOD, "timeZone must be an IANA time zone such as Europe/Berlin (got undefined)"],
  ])("rejects %j as the period of timeIn", async (period, message) => {
    await expect(agents.timeIn(ACCOUNT, "787096", period as never)).rejects.toMatchObject({
      name: "LookupError",
      message,
    });
  });
});
