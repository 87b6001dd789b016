import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "@jest/globals";

import type { BoardAgent, BoardData } from "../../functions/board/board-data.ts";
import { createReaders } from "../../functions/board/readers.ts";
import { ACCOUNT, aWrite, boardTables } from "../builders/board-tables.ts";

const at = (time: string) => `2026-11-28T${time}:00.000Z`;

/** The board's readers of the tables. */
const readersOf = (historyTableName?: string) =>
  createReaders({
    client: new DynamoDBClient(),
    tableName: "agents",
    historyTableName,
    coverageTableName: undefined,
    statusLimits: undefined,
    historyDeadlineMs: 60_000,
  });

async function readAgents(): Promise<readonly BoardAgent[]> {
  const { body } = await readersOf().readAgents(ACCOUNT);
  return (JSON.parse(body) as BoardData).agents;
}

const isAvailable = (available: boolean) => ({ M: { available: { BOOL: available } } });

describe("the agents that the board reads", () => {
  it("have only the fields that the board shows", async () => {
    boardTables().store("7", {
      ...aWrite(at("09:00"), "1"),
      freshchatAvailableSince: { S: at("08:00") },
    });

    expect(await readAgents()).toEqual([
      {
        id: "7",
        name: "Rachel",
        email: "7@acme.com",
        loggedIn: true,
        status: { id: "1", name: "Status 1", since: at("09:00") },
        channels: { freshchat: { available: true, since: at("08:00") } },
      },
    ]);
  });

  it("have the time since which they have been available or unavailable on each channel, if it is known", async () => {
    boardTables().store("7", {
      ...aWrite(at("09:00"), "1"),
      channels: {
        M: {
          freshdesk: isAvailable(true),
          freshchat: isAvailable(false),
          freshcaller: { M: {} },
          telex: isAvailable(true),
          fax: isAvailable(false),
        },
      },
      freshdeskAvailableSince: { S: at("08:00") },
      freshchatUnavailableSince: { S: at("08:20") },
    });

    expect((await readAgents())[0]?.channels).toEqual({
      freshdesk: { available: true, since: at("08:00") },
      freshchat: { available: false, since: at("08:20") },
      freshcaller: {},
      telex: { available: true },
      fax: { available: false },
    });
  });
});

describe("the history that the board reads", () => {
  it("exists only if the stage has a history table", () => {
    expect(readersOf().history).toBeUndefined();
    expect(readersOf("history").history).toBeDefined();
  });

  it("comes from the history table of the stage", async () => {
    const tables = boardTables();
    tables.store("7", aWrite(at("09:00"), "1"));
    const period = { from: Date.parse(at("09:00")), to: Date.parse(at("10:00")) };
    const { body = "" } =
      (await readersOf("history").history?.readHistory(ACCOUNT, "7", period)) ?? {};

    expect(JSON.parse(body)).toMatchObject({
      agentId: "7",
      intervals: [{ from: at("09:00"), status: { id: "1" } }],
    });
    expect(tables.history.queries.length).toBeGreaterThan(0);
  });
});
