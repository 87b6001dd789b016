import { readFileSync } from "node:fs";

import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "@jest/globals";

import { aSession, aTombstone, aUserItem } from "../builders/item.ts";
import { ACCOUNT, aChange, aHistoryStage, aStatus } from "./a-history-stage.ts";
import { atDate } from "./frozen-date.ts";
import { type Responses, runCommand, startCommand, withServices } from "./run-command.ts";

type Item = Record<string, AttributeValue>;

const PAGE = new URL("../../docs/use/history.md", import.meta.url);
const HOUR = 3_600_000;
const AVAILABLE = {
  ...aStatus("7", "Available"),
  channels: {
    M: {
      freshchat: { M: { available: { BOOL: true } } },
      freshcaller: { M: { available: { BOOL: false } } },
    },
  },
};
const LUNCH = aStatus("9", "Lunch");
const CLOSED = { channels: { M: { freshchat: { M: { available: { BOOL: false } } } } } };

const run = async (responses: Responses, ...args: readonly string[]) =>
  await withServices(
    responses,
    async (endpoint) => await runCommand(["report", ...args, "--stage", "blue"], endpoint),
  );

const DAY = [ACCOUNT, "--day", "2026-11-28", "--time-zone", "Europe/Berlin"];

/** The tombstone of an agent who was deleted in Freshdesk at the given time on 28 November 2026, UTC. */
function deletedAt(time: string, availabilityId: string): Item {
  const at = `2026-11-28T${time}:00.000Z`;
  return {
    ...aTombstone(availabilityId),
    updatedAt: { S: at },
    removedAt: { S: at },
    removedBecause: { S: "deleted" },
    version: { N: "9" },
  };
}

/** Attributes of another agent. */
function another(availabilityId: string, name: string): Item {
  return {
    availabilityId: { S: availabilityId },
    name: { S: name },
    email: { S: `${name.toLowerCase()}@acme.com` },
  };
}

/** Rachel is available from 08:00 to 11:00 UTC, at lunch until 12:00, then available again. */
function aWorkingDay() {
  const stage = aHistoryStage();
  stage.store(
    aChange("08:00", 1, AVAILABLE),
    aChange("11:00", 2, { ...LUNCH, ...CLOSED }),
    aChange("12:00", 3, AVAILABLE),
  );
  return stage;
}

/** Returns the agents of a report by availability ID. */
async function agentsOf(responses: Responses): Promise<ReadonlyMap<string, object>> {
  const { out, code } = await run(responses, ...DAY, "--json");
  expect(code).toBe(0);
  const rows = out
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as { readonly availabilityId: string });
  expect(new Set(rows.map(({ availabilityId }) => availabilityId)).size).toBe(rows.length);
  return new Map(rows.map((row) => [row.availabilityId, row]));
}

atDate("2026-11-29T12:00:00.000Z");

describe("a report", () => {
  it("is printed as in docs/use/history.md: the time of each agent in each status, with unknown time", async () => {
    const stage = aWorkingDay();
    stage.store(aChange("15:00", 1, { ...another("9", "Ross"), ...LUNCH, ...CLOSED }));

    const { out, err, code } = await run(stage.responses, ...DAY);

    expect(code).toBe(0);
    expect(out).toContain("787096           Rachel  14:00:00   1:00:00  9:00:00   15:00:00");
    expect(out).toContain("9                Ross    0:00:00    8:00:00  16:00:00  8:00:00");
    expect(readFileSync(PAGE, "utf8")).toContain(`\`\`\`text\n${out}\`\`\`\n`);
    expect(err).toMatch(/^Reported 2 agents\. Read \d+ items from the table of agents and 4 /);
  });

  it("is CSV for Excel, with hours", async () => {
    const stage = aHistoryStage();
    stage.store(
      aChange("08:00", 1, { ...AVAILABLE, name: { S: '=cmd|"/c calc"!A1' } }),
      aChange("08:45", 2, {
        ...aStatus("9", "Lunch, long"),
        ...CLOSED,
        name: { S: '=cmd|"/c calc"!A1' },
      }),
    );

    const { out, code } = await run(stage.responses, ...DAY, "--csv");

    const agent = `2026-11-28,Europe/Berlin,787096,,"'=cmd|""/c calc""!A1",rachel@acme.com`;
    expect(code).toBe(0);
    expect(out.split("\r\n")).toEqual([
      "date,time_zone,availability_id,user_id,name,email,measure,status_or_channel,hours",
      `${agent},status,"Lunch, long",14.25`,
      `${agent},status,Available,0.75`,
      `${agent},unknown,,9`,
      `${agent},logged in,,15`,
      `${agent},channel open,freshcaller,0`,
      `${agent},channel open,freshchat,0.75`,
      "",
    ]);
  });

  it("in CSV begins with a byte order mark, without which Excel misreads names", async () => {
    const { responses } = aWorkingDay();

    const start = await withServices(responses, async (endpoint) => {
      const command = startCommand(["report", ...DAY, "--csv", "--stage", "blue"], {
        AWS_ENDPOINT_URL: endpoint,
      });
      const printed = await command.printed((text) => text || undefined);
      await command.ended;
      return printed;
    });

    expect(start).toMatch(/^\uFEFFdate,/);
  });

  it("is one line of JSON for each agent, with milliseconds that add up to the day", async () => {
    const agents = await agentsOf(aWorkingDay().responses);

    expect([...agents.values()]).toEqual([
      {
        stage: "blue",
        accountId: ACCOUNT,
        date: "2026-11-28",
        timeZone: "Europe/Berlin",
        from: "2026-11-27T23:00:00.000Z",
        to: "2026-11-28T23:00:00.000Z",
        availabilityId: "787096",
        name: "Rachel",
        email: "rachel@acme.com",
        statuses: [
          { id: "7", name: "Available", milliseconds: 14 * HOUR },
          { id: "9", name: "Lunch", milliseconds: HOUR },
        ],
        channels: { freshcaller: 0, freshchat: 14 * HOUR },
        loggedIn: 15 * HOUR,
        unknown: 9 * HOUR,
      },
    ]);
  });

  it("of today ends now", async () => {
    const { out } = await run(
      aWorkingDay().responses,
      ACCOUNT,
      "--day",
      "2026-11-29",
      "--time-zone",
      "UTC",
    );

    expect(out).toContain("2026-11-29T00:00:00.000Z to 2026-11-29T12:00:00.000Z: 12:00:00 hours");
  });

  it("explains how agents appear if the account has none", async () => {
    const { out, code } = await run(aHistoryStage().responses, ...DAY);

    expect(code).toBe(0);
    expect(out).toBe(
      "No agents in account 11010177632 (stage blue). Agents appear after their first availability event.\n",
    );
  });
});

describe("the agents of a report", () => {
  it("are read from all pages, each person once, with the effective login state", async () => {
    const stage = aWorkingDay();
    for (let id = 1; id <= 20; id += 1) {
      stage.store(aChange("09:00", 1, { ...another(String(id), `Agent${id}`), ...AVAILABLE }));
    }
    const user = { userId: { S: "55" }, email: { S: "phoebe@acme.com" } };
    stage.store(aChange("09:00", 1, { ...another("30", "Phoebe"), ...user }));
    stage.store(aChange("10:00", 1, { ...another("31", "Phoebe"), ...user, ...AVAILABLE }));
    stage.store(
      aSession({
        ...user,
        availabilityId: { S: "session:55" },
        loggedIn: { BOOL: false },
        updatedAt: { S: "2026-11-28T12:00:00.000Z" },
        eventTimestamp: { N: String(Date.parse("2026-11-28T12:00:00.000Z") * 1000) },
      }),
    );
    const { userId: _userId, ...monica } = aUserItem(aChange("09:00", 1));
    stage.store({
      ...monica,
      ...another("user:72", "Monica"),
      userId: { S: "72" },
      ...AVAILABLE,
    });

    const agents = await agentsOf(stage.responses);

    expect(agents.size).toBe(1 + 20 + 1 + 1);
    expect(agents.get("user:72")).toMatchObject({ name: "Monica", unknown: 10 * HOUR });
    expect(agents.get("31")).toMatchObject({ name: "Phoebe", loggedIn: 2 * HOUR });
    expect(agents.has("30")).toBe(false);
  });

  it("include those who were deleted in Freshdesk on the day or later, without names", async () => {
    const stage = aHistoryStage();
    stage.store(aChange("08:00", 1, AVAILABLE), deletedAt("15:00", "787096"));
    stage.store(
      aUserItem({ ...aChange("08:00", 1), availabilityId: { S: "user:72" }, userId: { S: "72" } }),
      deletedAt("15:00", "user:72"),
    );

    const agents = await agentsOf(stage.responses);

    expect([...agents.keys()]).toEqual(["787096", "user:72"]);
    expect(agents.get("787096")).toMatchObject({
      statuses: [{ id: "7", milliseconds: 7 * HOUR }],
      unknown: 17 * HOUR,
    });
    expect(agents.get("787096")).not.toHaveProperty("name");
  });

  it("exclude those who were forgotten, merged, or deleted before the day", async () => {
    const stage = aWorkingDay();
    stage.store(aTombstone("1"));
    stage.store({ ...aTombstone("2"), removedBecause: { S: "merged" } });
    stage.store({
      ...deletedAt("15:00", "3"),
      removedAt: { S: "2026-11-27T22:00:00.000Z" },
    });
    // The `user:` item was merged when the availability item appeared. Then the person was deleted.
    const user = aUserItem({
      ...aChange("08:00", 1),
      availabilityId: { S: "user:72" },
      userId: { S: "72" },
    });
    const { removedBecause: _reason, ...tombstone } = deletedAt("10:00", "user:72");
    stage.store(
      user,
      { ...tombstone, removedBecause: { S: "merged" } },
      { ...deletedAt("15:00", "user:72"), version: { N: "10" } },
    );

    expect([...(await agentsOf(stage.responses)).keys()]).toEqual(["787096"]);
  });
});

describe("what a report reads", () => {
  it("is limited to the day and a few changes around it, and is reported", async () => {
    const stage = aHistoryStage();
    const images = Array.from({ length: 90 }, (_, index) => {
      const day = 27 + Math.floor(index / 30);
      const time = `2026-11-${day}T${String(8 + Math.floor((index % 30) / 4)).padStart(2, "0")}:${(index % 4) * 15 || "00"}:00.000Z`;
      return aChange("00:00", index + 1, {
        ...aStatus(String(index % 3), "Some"),
        updatedAt: { S: time },
        eventTimestamp: { N: String(Date.parse(time) * 1000) },
      });
    });
    const [first, ...others] = images;
    stage.store(first ?? {}, ...others);

    const { err } = await run(stage.responses, ...DAY);

    const { agents, history } = stage;
    expect(history.read.items).toBe(30 + 7 + 7);
    expect(err).toMatch(
      new RegExp(
        `^Reported 1 agent\\. Read ${agents.read.items} items from the table of agents and 44 changes from the history: [\\d.]+ read units\\.\n$`,
      ),
    );
  });
});

describe("a report fails", () => {
  it.each([
    [[ACCOUNT, "--time-zone", "UTC"], "required option '--day <date>' not specified"],
    [[ACCOUNT, "--day", "2026-11-28"], "required option '--time-zone <zone>' not specified"],
    [[...DAY, "--csv", "--json"], "--csv cannot be used with --json"],
    [
      [ACCOUNT, "--day", "2026-11-30", "--time-zone", "UTC"],
      "--day must not be in the future (got 2026-11-30 in UTC)",
    ],
    [
      [ACCOUNT, "--day", "2026-08-01", "--time-zone", "UTC"],
      "the period must end after 2026-08-31T12:00:00.000Z, because the history is kept for 90 days (got 2026-08-02T00:00:00.000Z).",
    ],
  ])("with the arguments %j", async (args, message) => {
    const { out, err, code } = await run(aHistoryStage().responses, ...args);

    expect({ out, code }).toEqual({ out: "", code: 1 });
    expect(err).toContain(message);
  });

  it("if the permission to read the history is missing, and names it", async () => {
    const stage = aWorkingDay();
    const { Query: query = () => undefined } = stage.responses;
    const { err, code } = await run(
      {
        ...stage.responses,
        Query: (input) =>
          (input as { TableName: string }).TableName === "history" ? undefined : query(input),
      },
      ...DAY,
    );

    expect(code).toBe(1);
    expect(err).toContain("output HistoryPolicyArn");
  });
});
