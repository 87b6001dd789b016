import { describe, expect, it } from "@jest/globals";

import type { AuditEntry } from "../../commands/shared/audit-log.ts";
import { createForgottenCheck } from "../../commands/shared/forgotten-agents.ts";
import { anItem } from "../builders/item.ts";
import { type Responses, runCommand, withServices } from "./run-command.ts";

const ACCOUNT = "11010177632";

interface LookupInput {
  readonly IndexName?: string;
  readonly Limit?: number;
  readonly ExpressionAttributeValues?: { readonly ":value"?: { readonly S: string } };
  readonly Key?: { readonly availabilityId: { readonly S: string } };
}

/** A stage called `blue` with two agents: Rachel, available on chat, and Ross, nameless. */
function aStage(): Responses {
  const rachel = anItem();
  const {
    name: _name,
    status: _status,
    loggedIn: _loggedIn,
    freshchatAvailableSince: _since,
    freshchatAgentId: _agentId,
    actor: _actor,
    ...nameless
  } = anItem({
    availabilityId: { S: "787097" },
    email: { S: "ross@acme.com" },
    channels: { M: {} },
  });
  const key = ({ accountId, availabilityId }: ReturnType<typeof anItem>) =>
    ({ accountId, availabilityId }) as ReturnType<typeof anItem>;
  const indexes: Record<string, unknown[]> = {
    ByEmail: [key(rachel), key(nameless)],
    ByFreshchatAgentId: [key(rachel)],
    AvailableOnFreshchat: [
      {
        ...key(rachel),
        freshchatAgentId: { S: "3282" },
        freshchatAvailableSince: { S: "2026-11-22T08:55:00.000Z" },
      },
    ],
  };
  return {
    GetParametersByPath: () => ({
      Parameters: [{ Name: "/agent-availability/blue/table-name", Value: "agents" }],
    }),
    GetItem: (input) =>
      (input as LookupInput).Key?.availabilityId.S === "787096" ? { Item: rachel } : {},
    Query: (input) => {
      const {
        IndexName: index,
        Limit: limit,
        ExpressionAttributeValues: values,
      } = input as LookupInput;
      const isKnown = ["rachel@acme.com", "3282", undefined].includes(values?.[":value"]?.S);
      const found = index === undefined ? [rachel, nameless] : (indexes[index] ?? []);
      const items = isKnown ? found : [];
      return { Items: items.slice(0, limit) };
    },
    BatchGetItem: (input) => {
      const [[table, { Keys: keys }] = ["", { Keys: [] }]] = Object.entries(
        (input as { RequestItems: Record<string, { Keys: Required<LookupInput>["Key"][] }> })
          .RequestItems,
      );
      const items = [rachel, nameless].filter((item) =>
        keys.some(({ availabilityId: { S: id } }) => item["availabilityId"]?.S === id),
      );
      return { Responses: { [table]: items } };
    },
  };
}

const onStage = async (...args: readonly string[]) =>
  await withServices(
    aStage(),
    async (endpoint) => await runCommand(["agent", ...args, "--stage", "blue"], endpoint),
  );

/** Ages depend on when the test runs. */
const ageless = (text: string) =>
  text.replaceAll(/\(\d+ (?:d|h|min|s)( ago)?\)/g, "(N$1)").replaceAll(/\b\d+ d\b/g, "N d");

describe("showing an agent", () => {
  it.each([
    ["availability ID", "787096"],
    ["freshchat agent ID", "3282"],
  ])("finds it by %s, and prints everything that is known", async (kind, id) => {
    const { out, err, code } = await onStage("show", ACCOUNT, id);

    expect({ err, code }).toEqual({ err: "", code: 0 });
    expect(ageless(out)).toBe(`Rachel
account          11010177632
availability ID  787096
user ID          unknown
found by         ${kind}
email            rachel@acme.com
status           On break (ID 232) since 2026-11-22T08:50:00.000Z (N)
logged in        yes
freshchat        available since 2026-11-22T08:55:00.000Z (N) as agent 3282
telex            unavailable
last change      2026-11-22T09:00:00.000Z (N ago) by agent 11032938000
received         2026-11-22T09:00:01.000Z (N ago)
version          7 of epoch 1795486584641
`);
  });

  it("prints the agent with an email address, in any case, as JSON", async () => {
    const { out, code } = await onStage("show", ACCOUNT, "Rachel@ACME.com", "--json");

    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      stage: "blue",
      accountId: ACCOUNT,
      agents: [{ availabilityId: "787096", name: "Rachel" }],
    });
  });

  it("fails if no agent has the ID", async () => {
    const { out, err, code } = await onStage("show", ACCOUNT, "404");

    expect({ out, err, code }).toEqual({
      out: "",
      err: 'agent "404" not found in account 11010177632 (stage blue). Agents appear after their first availability event.\n',
      code: 1,
    });
  });
});

describe("listing agents", () => {
  it("prints the agents available on a channel, with names", async () => {
    const { out, err, code } = await onStage("list", ACCOUNT, "--channel", "freshchat");

    expect({ err, code }).toEqual({ err: "", code: 0 });
    expect(ageless(out)).toMatch(
      /^AVAILABLE FOR +AVAILABLE SINCE +AGENT ID +AVAILABILITY ID +NAME +EMAIL\nN d +2026-11-22T08:55:00.000Z +3282 +787096 +Rachel +rachel@acme.com\n$/,
    );
  });

  it("succeeds if no agent is available", async () => {
    const { out, code } = await onStage("list", ACCOUNT, "--channel", "freshcaller");

    expect(out).toBe("No agent of account 11010177632 is available on freshcaller (stage blue).\n");
    expect(code).toBe(0);
  });

  it("prints all agents with a column per channel, and whether there are more", async () => {
    const { out, code } = await onStage("list", ACCOUNT, "--limit", "1");

    expect(code).toBe(0);
    expect(out).toMatch(
      /^AVAILABILITY ID +NAME +EMAIL +STATUS +FRESHCHAT +TELEX +CHANGED\n787096 +Rachel +rachel@acme.com +On break +available \d+ \w+ +unavailable +\d+ \w+ ago\n\nShowing the first 1\. Use --limit to show more\.\n$/,
    );
  });

  it("rejects a channel without an index", async () => {
    const { out, err, code } = await onStage("list", ACCOUNT, "--channel", "telex");

    expect({ out, err, code }).toEqual({
      out: "",
      err: 'channel must be one of freshdesk, freshchat, freshcaller (got "telex"). Other channels have no index; read them from an agent\'s channels.\n',
      code: 1,
    });
  });
});

describe("a failure", () => {
  it.each([
    [["show", ACCOUNT], "missing required argument 'agent'"],
    [["list"], "missing required argument 'account'"],
    [["list", "acme"], "account ID must be the number of the Freshdesk account"],
    [["list", ACCOUNT, "--limit", "0"], "option '--limit <number>' argument '0' is invalid."],
    [["list", ACCOUNT, "--color"], "unknown option '--color'"],
    [["show", ACCOUNT, "@"], "email must be an email address"],
  ])("is one line, with exit code 1: %j", async (args, sentence) => {
    const { out, err, code } = await onStage(...args);

    expect({ out, code }).toEqual({ out: "", code: 1 });
    expect(err.startsWith(sentence)).toBe(true);
    expect(err).not.toMatch(/^\s+at /m);
  });

  it("names the missing permission", async () => {
    const { GetParametersByPath } = aStage();

    const { err, code } = await withServices(
      { GetParametersByPath } as Responses,
      async (endpoint) => await runCommand(["agent", "list", ACCOUNT, "--stage", "blue"], endpoint),
    );

    expect(code).toBe(1);
    expect(err).toBe(
      "the lookup is not permitted: no Query for you. Attach the stage's managed policy for lookups (output LookupPolicyArn), or look up an account that the permission covers.\n",
    );
  });
});

describe("a failed agent forget", () => {
  const { version: _version, ...uncounted } = anItem();

  it.each([
    {
      by: "an unreadable item",
      item: uncounted,
      options: ["--exact"],
      reason: "UnreadableItemError",
      sentence: "Delete the item from the table table-name manually",
      mayBeForgotten: true,
    },
    {
      by: "a rejected write",
      item: anItem(),
      options: ["--exact"],
      reason: "AccessDeniedException",
      sentence: "the AWS request failed",
      mayBeForgotten: true,
    },
    {
      by: "an item that is deleted meanwhile",
      item: anItem(),
      options: [],
      reason: "CommandError",
      sentence: "Nothing was changed",
      mayBeForgotten: false,
    },
  ])(
    "because of $by is audited so that a restore knows whether it may have taken effect",
    async ({ item, options, reason, sentence, mayBeForgotten }) => {
      const lines: AuditEntry[] = [];
      const isDeleted = () => options.length === 0 && lines.length > 0;
      const responses: Responses = {
        GetParametersByPath: () => ({
          Parameters: [
            "table-name",
            "audit-log-name",
            "bus-arn",
            "dead-letter-queue-url",
            "on-failure-bucket-name",
            "personal-data-in-events",
          ].map((name) => ({ Name: `/agent-availability/blue/${name}`, Value: name })),
        }),
        GetItem: () => ({ Item: isDeleted() ? undefined : item }),
        Query: () => ({ Items: [item] }),
        BatchGetItem: () => ({ Responses: { "table-name": [item] } }),
        CreateLogStream: () => ({}),
        PutLogEvents: (input) => {
          const { logEvents } = input as { logEvents: { message: string }[] };
          for (const { message } of logEvents) {
            const line = JSON.parse(message) as AuditEntry;
            lines.push({ ...line, recordedAt: line.at });
          }
          return {};
        },
      };

      const { err, code } = await withServices(
        responses,
        async (endpoint) =>
          await runCommand(
            ["agent", "forget", ACCOUNT, "787096", ...options, "--yes", "--stage", "blue"],
            endpoint,
          ),
      );

      expect(code).toBe(1);
      expect(err).toContain(sentence);
      expect(lines).toMatchObject([{ outcome: "started" }, { outcome: "failed", reason }]);
      const state = { availabilityId: "787096", receivedAt: "2026-01-01T00:00:00.000Z" };
      expect(createForgottenCheck(lines)({ ...state, accountId: ACCOUNT })).toBe(mayBeForgotten);
    },
  );
});
