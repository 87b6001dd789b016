import { readFileSync } from "node:fs";

import { describe, expect, it } from "@jest/globals";

import { anItem, aTombstone } from "../../builders/item.ts";
import { ACCOUNT, aChange, aHistoryStage, aStatus } from "../a-history-stage.ts";
import { atDate } from "../frozen-date.ts";
import { type Responses, runCommand, withServices } from "../run-command.ts";

const PAGE = new URL("../../../docs/use/history.md", import.meta.url);
const AVAILABLE = aStatus("7", "Available");
const LUNCH = aStatus("9", "Lunch");

/** Rachel is available from 08:00 to 11:00, then at lunch with all channels closed. */
function aWorkingDay() {
  const stage = aHistoryStage();
  stage.store(
    aChange("08:00", 1, AVAILABLE),
    aChange("11:00", 2, {
      ...LUNCH,
      channels: { M: { freshchat: { M: { available: { BOOL: false }, agentId: { S: "3282" } } } } },
    }),
  );
  return stage;
}

const run = async (responses: Responses, ...args: readonly string[]) =>
  await withServices(
    responses,
    async (endpoint) =>
      await runCommand(["agent", "history", ACCOUNT, ...args, "--stage", "blue"], endpoint),
  );

const DAY = ["--from", "2026-11-28T07:00Z", "--to", "2026-11-28T12:00Z"];

atDate("2026-11-28T13:00:00.000Z");

describe("the history of an agent", () => {
  it("is printed as in docs/use/history.md, with unknown time, in a time zone", async () => {
    const { out, err, code } = await run(
      aWorkingDay().responses,
      "Rachel@acme.com",
      ...DAY,
      "--time-zone",
      "Europe/Berlin",
    );

    expect({ err, code }).toEqual({ err: "", code: 0 });
    expect(out).toMatch(/09:00:00\+01:00 +1:00:00 +unknown +unknown +unknown$/m);
    expect(out).toMatch(/12:00:00\+01:00 +3:00:00 +Available +yes +freshchat$/m);
    expect(readFileSync(PAGE, "utf8")).toContain(`\`\`\`text\n${out}\`\`\`\n`);
  });

  it("covers the last 24 hours up to now, unless a period is selected", async () => {
    const printed = async (...options: readonly string[]): Promise<unknown> =>
      JSON.parse((await run(aWorkingDay().responses, "787096", "--json", ...options)).out);
    const all = await printed();
    const last = await printed("--last", "90m");

    expect(all).toMatchObject({
      stage: "blue",
      accountId: ACCOUNT,
      from: "2026-11-27T13:00:00.000Z",
      to: "2026-11-28T13:00:00.000Z",
      agents: [{ availabilityId: "787096", name: "Rachel", intervals: { length: 3 } }],
    });
    expect(last).toMatchObject({
      agents: [
        {
          intervals: [
            {
              from: "2026-11-28T11:30:00.000Z",
              to: "2026-11-28T13:00:00.000Z",
              status: { id: "9", name: "Lunch" },
              loggedIn: true,
              channels: { freshchat: false },
              unknown: false,
            },
          ],
        },
      ],
    });
  });

  it("remains readable by availability ID after the agent was deleted", async () => {
    const stage = aWorkingDay();
    const tombstone = aTombstone("787096");
    const { accountId, availabilityId } = tombstone;
    stage.agents.items.set(JSON.stringify({ accountId, availabilityId }), {
      ...tombstone,
      removedBecause: { S: "deleted" },
    });

    const { out, code } = await run(stage.responses, "787096", ...DAY);

    expect(code).toBe(0);
    expect(out).toContain("No name (availability ID 787096)");
    expect(out).toMatch(/3:00:00 +Available/);
  });

  it("reports that the history does not cover the whole period", async () => {
    const { err, code } = await run(
      aWorkingDay().responses,
      "787096",
      "--from",
      "2026-08-01",
      "--to",
      "2026-11-28T12:00Z",
    );

    expect(code).toBe(0);
    expect(err).toBe("The history is kept for 90 days. It begins at 2026-08-30T13:00:00.000Z.\n");
  });
});

describe("the history of an agent fails", () => {
  it("if no agent has the ID", async () => {
    const { out, err, code } = await run(aWorkingDay().responses, "404");

    expect({ out, code }).toEqual({ out: "", code: 1 });
    expect(err).toBe(
      'agent "404" not found in account 11010177632 (stage blue). Agents appear after their first availability event. To find an agent who was removed, use the availability ID, or the user ID if the agent never had an availability ID.\n',
    );
  });

  it("if a deleted agent who had an availability item is searched for by user ID, and names the ID to use", async () => {
    const stage = aHistoryStage();
    const userId = { S: "5" };
    const removedBecause = { S: "deleted" };
    stage.store(aChange("08:00", 1, { userId }), { ...aTombstone("787096"), removedBecause });
    stage.store({ ...aTombstone("user:5"), removedBecause });

    const { err, code } = await run(stage.responses, "5", ...DAY);

    expect(code).toBe(1);
    expect(err).toBe(
      "Agent 5 of account 11010177632 was deleted in Freshdesk on 2026-11-22T10:00:00.000Z (stage blue). To find an agent who was removed, use the availability ID, or the user ID if the agent never had an availability ID.\n",
    );
  });

  it("if the agent was forgotten", async () => {
    const stage = aHistoryStage();
    stage.store(aTombstone("787096"));

    const { out, err, code } = await run(stage.responses, "787096");

    expect({ out, code }).toEqual({ out: "", code: 1 });
    expect(err).toBe(
      "Agent 787096 of account 11010177632 was forgotten on 2026-11-22T10:00:00.000Z (stage blue).\n",
    );
  });

  it("if the stage keeps no history", async () => {
    const responses = {
      ...aWorkingDay().responses,
      GetParametersByPath: () => ({
        Parameters: [{ Name: "/agent-availability/blue/table-name", Value: "agents" }],
      }),
    };

    const { err, code } = await run(responses, "787096");

    expect(code).toBe(1);
    expect(err).toBe(
      'stage "blue" in eu-central-1 keeps no history (missing parameters: /agent-availability/blue/history-table-name, /agent-availability/blue/history-days). Set historyDays and deploy the stack AgentAvailabilityHistory.\n',
    );
  });

  it("if the whole period is older than the history", async () => {
    const { err, code } = await run(
      aHistoryStage({ days: "7" }).responses,
      "787096",
      "--from",
      "2026-11-01",
      "--to",
      "2026-11-21",
    );

    expect(code).toBe(1);
    expect(err).toBe(
      "the period must end after 2026-11-21T13:00:00.000Z, because the history is kept for 7 days (got 2026-11-21T00:00:00.000Z). To keep future changes longer, increase the setting historyDays.\n",
    );
  });

  it.each([
    [["--to", "2026-11-28"], "--from is required with --to"],
    [["--from", "2026-11-29"], "--from must be earlier than now (got 2026-11-29T00:00:00.000Z"],
    [
      ["--from", "2026-11-28", "--to", "2026-11-27"],
      "--from must be earlier than --to (got 2026-11-28T00:00:00.000Z and 2026-11-27T00:00:00.000Z)",
    ],
    [["--from", "2026-11-28", "--last", "2h"], "cannot be used with option '--from <time>'"],
    [["--time-zone", "Berlin"], "Must be an IANA time zone such as Europe/Berlin."],
  ])("with the options %j", async (options, message) => {
    const { out, err, code } = await run(aWorkingDay().responses, "787096", ...options);

    expect({ out, code }).toEqual({ out: "", code: 1 });
    expect(err).toContain(message);
  });

  it("if the permission is missing, and names it", async () => {
    const stage = aWorkingDay();
    const { Query: query = () => undefined } = stage.responses;
    const responses: Responses = {
      ...stage.responses,
      Query: (input) =>
        (input as { TableName: string }).TableName === "history" ? undefined : query(input),
    };

    const { err, code } = await run(responses, "787096");

    expect(code).toBe(1);
    expect(err).toContain("output HistoryPolicyArn");
  });
});

it("prints all agents who share an ID of different kinds", async () => {
  const stage = aWorkingDay();
  stage.store(
    anItem({
      ...aChange("08:00", 1),
      availabilityId: { S: "3282" },
      email: { S: "ross@acme.com" },
      name: { S: "Ross" },
    }),
  );

  const { out } = await run(stage.responses, "3282", ...DAY);

  expect(out).toContain("Rachel (availability ID 787096)");
  expect(out).toContain("\n\nRoss (availability ID 3282)");
});
