import { DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";

import { createAgentLookup } from "../../client/lookups/agent-lookup.ts";
import { createAgentsReader } from "../../functions/board/board-agents.ts";
import { boardOf, boardSettings } from "../lib/board/board.ts";
import { policiesOf, resourcesOf, roleIdOf, theOnly } from "../lib/synthesized.ts";
import { everything, logGroup, TABLE } from "./everything.ts";
import { ACCOUNT, resolverOf } from "./resolve.ts";
import { allThatIsAllowed, isAllowed, type Policy } from "./simulate.ts";

/** The role of the board's function, in a stage whose board shows some accounts or all. */
function roleOf(board: object) {
  const template = boardOf(board);
  const resolve = resolverOf(template, {
    "/agent-availability/blue/table-arn": TABLE,
    "/agent-availability/blue/table-name": TABLE.split("/").at(-1) ?? "",
  });
  const roleId = roleIdOf(theOnly(template, "AWS::Lambda::Function").Properties["Role"]);
  return {
    principal: `arn:aws:iam::${ACCOUNT}:role/${roleId}`,
    policies: policiesOf(template, roleId).map(
      (each) => resolve(each.Properties["PolicyDocument"]) as Policy,
    ),
  };
}

const role = roleOf(boardSettings);
const logs = Object.keys(resourcesOf(boardOf(), "AWS::Logs::LogGroup"));
const LOG = logGroup(logs.find((id) => id.startsWith("FunctionLogs")) ?? "");

/** IAM's context of a query: the partition keys that it reads. */
const ofAccount = (accountId: string) => ({ "dynamodb:LeadingKeys": [accountId] });

describe("the board's role", () => {
  it("allows every call that the board makes", async () => {
    const client = mockClient(DynamoDBClient);
    client.on(QueryCommand).resolves({ Items: [] });
    await createAgentsReader(createAgentLookup({ tableName: "agents" }))("42");
    const calls = client.calls().map(({ args: [command] }) => {
      expect(command).toBeInstanceOf(QueryCommand);
      const { IndexName: index } = (command as QueryCommand).input;
      return index === undefined ? TABLE : `${TABLE}/index/${index}`;
    });

    expect(calls).not.toEqual([]);
    for (const resource of calls) {
      const caller = { ...role, context: ofAccount("42") };
      expect([resource, await isAllowed(caller, "dynamodb:Query", resource)]).toEqual([
        resource,
        true,
      ]);
    }
  });

  it("denies the items of accounts that the board does not show", async () => {
    const caller = { ...role, context: ofAccount("44") };

    expect(await isAllowed(caller, "dynamodb:Query", TABLE)).toBe(false);
  });

  it("allows the items of every account if only the viewer's token decides", async () => {
    const { accountIds: _shown, ...settings } = boardSettings;
    const caller = {
      ...roleOf({ ...settings, accountsClaim: "accounts" }),
      context: ofAccount("44"),
    };

    expect(await isAllowed(caller, "dynamodb:Query", TABLE)).toBe(true);
  });

  it("denies everything else: writing, scans, indexes, parameters, keys, bus, queues and other logs", async () => {
    const all = [...everything, LOG, `${LOG}:log-stream:s`];

    expect(await allThatIsAllowed({ ...role, context: ofAccount("42") }, all)).toEqual(
      [
        `dynamodb:Query ${TABLE}`,
        `logs:CreateLogStream ${LOG}:log-stream:s`,
        `logs:PutLogEvents ${LOG}:log-stream:s`,
        // IAM always allows a caller to get its own identity.
        "sts:GetCallerIdentity *",
      ].toSorted(),
    );
  });
});
