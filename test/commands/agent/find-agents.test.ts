import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "@jest/globals";

import { aSession, aTombstone, anItem, aUserItem } from "../../builders/item.ts";
import { type Responses, UNREACHABLE_ENDPOINT, runCommand, withServices } from "../run-command.ts";

const ACCOUNT = "11010177632";

type Item = Record<string, AttributeValue>;

const idOf = (item: Item | undefined) => item?.["availabilityId"]?.S ?? "";

/** An agent with an availability ID, a name, an email address, and an ID in Freshchat. */
function anAgent(id: string, name: string, freshchatId: string): Item {
  return anItem({
    availabilityId: { S: id },
    name: { S: name },
    email: { S: `${name.toLowerCase()}@acme.com` },
    channels: { M: { freshchat: { M: { agentId: { S: freshchatId } } } } },
    freshchatAgentId: { S: freshchatId },
  });
}

interface Input {
  readonly IndexName?: string;
  readonly ExpressionAttributeValues: { readonly ":value"?: { readonly S: string } };
  readonly Key: Item;
  readonly Item: Item;
  readonly RequestItems: { readonly agents: { readonly Keys: readonly Item[] } };
}

/** Mocks a stage `blue` with these items. Also returns the agents that were replaced by a tombstone. */
function aStage(items: readonly Item[]) {
  const forgotten: string[] = [];
  const values: Record<string, string> = {
    "table-name": "agents",
    "dead-letter-queue-url": `${UNREACHABLE_ENDPOINT}/1/queue`,
  };
  const attributes = {
    ByEmail: "email",
    ByUserId: "userId",
    ByFreshchatAgentId: "freshchatAgentId",
  };
  const find = (key: Item) => items.find((item) => idOf(item) === idOf(key));
  const responses: Record<string, (input: Input) => unknown> = {
    GetParametersByPath: () => ({
      Parameters: [
        "table-name",
        "audit-log-name",
        "bus-arn",
        "dead-letter-queue-url",
        "on-failure-bucket-name",
        "personal-data-in-events",
      ].map((name) => ({
        Name: `/agent-availability/blue/${name}`,
        Value: values[name] ?? name,
      })),
    }),
    GetParameter: () => ({ Parameter: {} }),
    GetItem: ({ Key: key }) => ({ Item: find(key) }),
    Query: ({ IndexName: index = "", ExpressionAttributeValues: { ":value": value } }) => {
      const attribute = new Map(Object.entries(attributes)).get(index) ?? "";
      return {
        Items: value ? items.filter((item) => item[attribute]?.S === value.S) : items,
      };
    },
    BatchGetItem: ({ RequestItems: { agents } }) => ({
      Responses: { agents: agents.Keys.map(find).filter((item) => item !== undefined) },
    }),
    PutItem: ({ Item: item }) => {
      forgotten.push(idOf(item));
      return {};
    },
    CreateLogStream: () => ({}),
    PutLogEvents: () => ({}),
  };
  return { responses: responses as unknown as Responses, forgotten };
}

async function agent(responses: Responses, ...args: readonly string[]) {
  return await withServices(
    responses,
    async (endpoint) => await runCommand(["agent", ...args, "--stage", "blue"], endpoint),
  );
}

const rachel = anAgent("55", "Rachel", "700");
const ross = anAgent("66", "Ross", "55");

describe("agent forget", () => {
  it("forgets nobody else if the agent with this availability ID is already forgotten", async () => {
    const { responses, forgotten } = aStage([aTombstone("55"), ross]);

    const { out, code } = await agent(responses, "forget", ACCOUNT, "55", "--yes", "--json");

    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      availabilityId: "55",
      outcome: "already-forgotten",
      removedAt: "2026-11-22T10:00:00.000Z",
    });
    expect(forgotten).toEqual([]);
  });

  it("stops if the ID is an availability ID and another agent's channel ID, and prints how to select either", async () => {
    const { responses, forgotten } = aStage([rachel, ross]);

    const { out, err, code } = await agent(responses, "forget", ACCOUNT, "55", "--yes");

    expect({ out, code }).toEqual({ out: "", code: 1 });
    expect(err)
      .toBe(`"55" is an ID of 2 agents. Nothing was changed. Select an agent by availability ID with --exact:
  availability ID of Rachel (rachel@acme.com, availability ID 55)
    npx agent-availability agent forget ${ACCOUNT} 55 --exact --stage blue
  freshchat agent ID of Ross (ross@acme.com, availability ID 66)
    npx agent-availability agent forget ${ACCOUNT} 66 --exact --stage blue
`);
    expect(forgotten).toEqual([]);
  });

  it("does not treat an unknown availability ID as a channel ID without asking", async () => {
    const { responses, forgotten } = aStage([ross]);

    const { out, err, code } = await agent(responses, "forget", ACCOUNT, "55", "--yes");

    expect({ out, code }).toEqual({ out: "", code: 1 });
    expect(err).toContain('"55" is an agent ID in a channel, which cannot be used with --yes.');
    expect(err).toContain(
      `npx agent-availability agent forget ${ACCOUNT} 66 --exact --stage blue\n`,
    );
    expect(forgotten).toEqual([]);
  });

  it("names the kind of ID before it asks about an agent found by channel ID", async () => {
    const { responses } = aStage([ross]);

    const { err } = await agent(responses, "forget", ACCOUNT, "55");

    expect(err).toContain("Ross (ross@acme.com, availability ID 66), found by freshchat agent ID,");
  });

  it.each([
    ["an email address", "Rachel@acme.com", []],
    ["an availability ID", "55", []],
    ["--exact", "55", ["--exact"]],
  ])("forgets the only match by %s", async (kind, id, options) => {
    const { responses, forgotten } = aStage(kind === "--exact" ? [rachel, ross] : [rachel]);

    const { code } = await agent(responses, "forget", ACCOUNT, id, ...options, "--yes", "--json");

    expect(code).toBe(0);
    expect(forgotten).toEqual(["55"]);
  });
});

describe("agent forget, of a person with several items", () => {
  const phoebe = (overrides: Item = {}) => ({ ...anAgent("77", "Phoebe", "700"), ...overrides });
  const person = { userId: { S: "5" }, email: { S: "phoebe@acme.com" } };
  const session = aSession({ availabilityId: { S: "session:5" }, ...person });
  const userItem = aUserItem({ availabilityId: { S: "user:5" }, ...person });

  async function forgottenBy(items: readonly Item[], ...args: readonly string[]) {
    const { responses, forgotten } = aStage(items);
    const { code, err } = await agent(responses, "forget", ACCOUNT, ...args, "--yes", "--json");
    return { code, err, forgotten };
  }

  it.each([
    ["the email address", ["phoebe@acme.com"]],
    ["the user ID", ["5"]],
    ["the availability ID", ["77"]],
    ["the availability ID with --exact", ["77", "--exact"]],
  ])(
    "forgets user: item and session first, even if they do not exist, by %s",
    async (_by, args) => {
      const everything = { code: 0, err: "", forgotten: ["user:5", "session:5", "77"] };

      expect(await forgottenBy([phoebe(), session, ross], ...args)).toEqual(everything);
      expect(await forgottenBy([phoebe({ userId: { S: "5" } }), ross], ...args)).toEqual(
        everything,
      );
    },
  );

  it("forgets a person who has only a session, by user ID", async () => {
    expect(await forgottenBy([session, ross], "5")).toMatchObject({
      code: 0,
      forgotten: ["user:5", "session:5"],
    });
  });

  it("forgets a person without an availability item", async () => {
    expect(await forgottenBy([userItem, session], "phoebe@acme.com")).toMatchObject({
      code: 0,
      forgotten: ["user:5", "session:5"],
    });
  });

  it("does not forget an item with the same address that may be another person's", async () => {
    const known = phoebe({ userId: { S: "5" } });
    const other = {
      ...anAgent("78", "Phoebe", "701"),
      updatedAt: { S: "2026-11-22T08:00:00.000Z" },
    };

    expect(await forgottenBy([known, other, session], "5")).toMatchObject({
      forgotten: ["user:5", "session:5", "77"],
    });
    expect(await forgottenBy([known, other, session], "78", "--exact")).toMatchObject({
      forgotten: ["78"],
    });
  });

  it("forgets only the item with the typed availability ID if another has the same address", async () => {
    const other = anAgent("78", "Phoebe", "701");

    expect(await forgottenBy([phoebe(), other, session], "77")).toMatchObject({
      forgotten: ["77"],
    });
    expect(await forgottenBy([phoebe(), other, session], "77", "--exact")).toMatchObject({
      forgotten: ["77"],
    });
  });

  it("does not forget the person to whom the address belongs now", async () => {
    const renamed = aUserItem({
      availabilityId: { S: "user:5" },
      userId: { S: "5" },
      email: { S: "phoebe.buffay@acme.com" },
    });

    expect(await forgottenBy([phoebe(), renamed], "5")).toMatchObject({
      forgotten: ["user:5", "session:5"],
    });
  });

  it("does not treat the ID of a forgotten availability item as a user ID", async () => {
    const { forgotten, code } = await forgottenBy([aTombstone("5"), session], "5");

    expect({ forgotten, code }).toEqual({ forgotten: [], code: 0 });
  });

  it("reports that the person with this user ID is already forgotten", async () => {
    const { responses, forgotten } = aStage([aTombstone("user:5"), aTombstone("session:5")]);

    const { out, code } = await agent(responses, "forget", ACCOUNT, "5", "--yes", "--json");

    expect({ code, forgotten }).toEqual({ code: 0, forgotten: [] });
    expect(JSON.parse(out)).toMatchObject({
      availabilityId: "user:5",
      outcome: "already-forgotten",
    });
  });

  it("forgets an agent whom Freshdesk has deleted", async () => {
    const deleted = { ...aTombstone("77"), removedBecause: { S: "deleted" } };

    expect(await forgottenBy([deleted], "77")).toMatchObject({ code: 0, forgotten: ["77"] });
  });

  it("forgets user: item and session of a person whom Freshdesk has deleted, by user ID", async () => {
    const deleted = ["77", "user:5", "session:5"].map((id) =>
      Object.assign(aTombstone(id), { removedBecause: { S: "deleted" } }),
    );

    expect(await forgottenBy(deleted, "5")).toMatchObject({
      code: 0,
      forgotten: ["user:5", "session:5"],
    });
  });
});

describe("agent show", () => {
  it("finds a person by user ID, and shows one agent with the login state", async () => {
    const session = aSession({
      availabilityId: { S: "session:5" },
      userId: { S: "5" },
      email: { S: "rachel@acme.com" },
      loggedIn: { BOOL: false },
      eventTimestamp: { N: "1795338000400000" },
    });
    const { responses } = aStage([rachel, session]);

    const { out, code } = await agent(responses, "show", ACCOUNT, "5");

    expect(code).toBe(0);
    expect(out).toMatch(/^availability ID +55$/m);
    expect(out).toMatch(/^user ID +5$/m);
    expect(out).toMatch(/^found by +user ID$/m);
    expect(out).toMatch(/^logged in +no since 2026-11-22T09:00:00.120Z \(/m);
  });

  it("reports that Freshdesk deleted the agent", async () => {
    const { responses } = aStage([{ ...aTombstone("55"), removedBecause: { S: "deleted" } }]);

    const { err, code } = await agent(responses, "show", ACCOUNT, "55");

    expect(code).toBe(1);
    expect(err).toBe(
      `Agent 55 of account ${ACCOUNT} was deleted in Freshdesk on 2026-11-22T10:00:00.000Z (stage blue).\n`,
    );
  });

  it("reports that the agent with this availability ID was forgotten, and by which ID another one matches", async () => {
    const { responses } = aStage([aTombstone("55"), ross]);

    const { out, err, code } = await agent(responses, "show", ACCOUNT, "55");
    const json = await agent(responses, "show", ACCOUNT, "55", "--json");

    expect(code).toBe(0);
    expect(err).toBe(
      `Agent 55 of account ${ACCOUNT} was forgotten on 2026-11-22T10:00:00.000Z (stage blue).\n`,
    );
    expect(out).toMatch(/^Ross\n/);
    expect(out).toMatch(/^found by +freshchat agent ID$/m);
    expect(JSON.parse(json.out)).toMatchObject({
      agents: [{ availabilityId: "66" }],
      removedAt: "2026-11-22T10:00:00.000Z",
    });
  });

  it("fails if the only agent with this ID was forgotten", async () => {
    const { responses } = aStage([aTombstone("55")]);

    const { out, err, code } = await agent(responses, "show", ACCOUNT, "55");

    expect({ out, code }).toEqual({ out: "", code: 1 });
    expect(err).toBe(
      `Agent 55 of account ${ACCOUNT} was forgotten on 2026-11-22T10:00:00.000Z (stage blue).\n`,
    );
  });

  it("names every kind of ID by which an agent was found", async () => {
    const { responses } = aStage([anAgent("9", "Phoebe", "9")]);

    const { out } = await agent(responses, "show", ACCOUNT, "9");

    expect(out).toMatch(/^found by +availability ID and freshchat agent ID$/m);
  });
});
