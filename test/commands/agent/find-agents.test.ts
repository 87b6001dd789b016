import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "@jest/globals";

import { aTombstone, anItem } from "../../../tools/fakes/item.ts";
import { type Answers, NOBODY, runCommand, withServices } from "../run-command.ts";

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
  readonly ExpressionAttributeValues: { readonly ":value": { readonly S: string } };
  readonly Key: Item;
  readonly Item: Item;
  readonly RequestItems: { readonly agents: { readonly Keys: readonly Item[] } };
}

/** A stage `blue` with these items. Returns which agents were replaced by a tombstone, too. */
function aStage(items: readonly Item[]) {
  const forgotten: string[] = [];
  const values: Record<string, string> = {
    "table-name": "agents",
    "dead-letter-queue-url": `${NOBODY}/1/queue`,
  };
  const attributes = { ByEmail: "email", ByFreshchatAgentId: "freshchatAgentId" };
  const find = (key: Item) => items.find((item) => idOf(item) === idOf(key));
  const answers: Record<string, (input: Input) => unknown> = {
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
      return { Items: items.filter((item) => item[attribute]?.S === value.S) };
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
  return { answers: answers as unknown as Answers, forgotten };
}

async function agent(answers: Answers, ...args: readonly string[]) {
  return await withServices(
    answers,
    async (endpoint) => await runCommand(["agent", ...args, "--stage", "blue"], endpoint),
  );
}

const rachel = anAgent("55", "Rachel", "700");
const ross = anAgent("66", "Ross", "55");

describe("agent forget", () => {
  it("forgets nobody else if the agent with this availability ID is already forgotten", async () => {
    const { answers, forgotten } = aStage([aTombstone("55"), ross]);

    const { out, code } = await agent(answers, "forget", ACCOUNT, "55", "--yes", "--json");

    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      availabilityId: "55",
      outcome: "already-forgotten",
      removedAt: "2026-11-22T10:00:00.000Z",
    });
    expect(forgotten).toEqual([]);
  });

  it("stops if the ID is an availability ID and another agent's channel ID, and says how to select either", async () => {
    const { answers, forgotten } = aStage([rachel, ross]);

    const { out, err, code } = await agent(answers, "forget", ACCOUNT, "55", "--yes");

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

  it("does not take an unknown availability ID for a channel ID without asking", async () => {
    const { answers, forgotten } = aStage([ross]);

    const { out, err, code } = await agent(answers, "forget", ACCOUNT, "55", "--yes");

    expect({ out, code }).toEqual({ out: "", code: 1 });
    expect(err).toContain('"55" is neither an availability ID nor an email address.');
    expect(err).toContain(
      `npx agent-availability agent forget ${ACCOUNT} 66 --exact --stage blue\n`,
    );
    expect(forgotten).toEqual([]);
  });

  it("names the kind of ID before it asks about an agent found by channel ID", async () => {
    const { answers } = aStage([ross]);

    const { err } = await agent(answers, "forget", ACCOUNT, "55");

    expect(err).toContain("Ross (ross@acme.com, availability ID 66), found by freshchat agent ID,");
  });

  it.each([
    ["an email address", "Rachel@acme.com", []],
    ["an availability ID", "55", []],
    ["--exact", "55", ["--exact"]],
  ])("forgets the only match by %s", async (kind, id, options) => {
    const { answers, forgotten } = aStage(kind === "--exact" ? [rachel, ross] : [rachel]);

    const { code } = await agent(answers, "forget", ACCOUNT, id, ...options, "--yes", "--json");

    expect(code).toBe(0);
    expect(forgotten).toEqual(["55"]);
  });
});

describe("agent show", () => {
  it("says that the agent with this availability ID was forgotten, and how another one matches", async () => {
    const { answers } = aStage([aTombstone("55"), ross]);

    const { out, err, code } = await agent(answers, "show", ACCOUNT, "55");
    const json = await agent(answers, "show", ACCOUNT, "55", "--json");

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
    const { answers } = aStage([aTombstone("55")]);

    const { out, err, code } = await agent(answers, "show", ACCOUNT, "55");

    expect({ out, code }).toEqual({ out: "", code: 1 });
    expect(err).toBe(
      `Agent 55 of account ${ACCOUNT} was forgotten on 2026-11-22T10:00:00.000Z (stage blue).\n`,
    );
  });

  it("names every kind of ID by which an agent was found", async () => {
    const { answers } = aStage([anAgent("9", "Phoebe", "9")]);

    const { out } = await agent(answers, "show", ACCOUNT, "9");

    expect(out).toMatch(/^found by +availability ID and freshchat agent ID$/m);
  });
});
