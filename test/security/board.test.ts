import {
  BatchGetItemCommand,
  DynamoDBClient,
  GetItemCommand,
  QueryCommand,
} from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "@jest/globals";
import type { AwsClientStub } from "aws-sdk-client-mock";

import { createAgentLookup } from "../../client/lookups/agent-lookup.ts";
import { createAgentsReader } from "../../functions/board/board-agents.ts";
import { createUncoveredReader } from "../../functions/board/uncovered-channels.ts";
import { ACCOUNT as FRESHDESK_ACCOUNT, aWrite, boardTables } from "../builders/board-tables.ts";
import { boardTemplate, boardSettings } from "../lib/board/board.ts";
import { coverage, statusLimits } from "../lib/supervision/supervision-stack.ts";
import { policiesOf, resourcesOf, roleIdOf, theOnly } from "../lib/synthesized.ts";
import { allResources, logGroup, TABLE } from "./all-resources.ts";
import { ACCOUNT, REGION, resolverOf } from "./resolve.ts";
import { allThatIsAllowed, isAllowed, type Policy } from "./simulate.ts";

const HISTORY = `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/HistoryTable`;
const COVERAGE = `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/CoverageTable`;
const tableArns: Readonly<Record<string, string>> = {
  agents: TABLE,
  history: HISTORY,
  coverage: COVERAGE,
};

/** The role of the board's function, in a stage whose board shows some accounts or all. */
function roleOf(board: object, settings: object = {}) {
  const template = boardTemplate(board, settings);
  const resolve = resolverOf(template, {
    "/agent-availability/blue/table-arn": TABLE,
    "/agent-availability/blue/table-name": TABLE.split("/").at(-1) ?? "",
    "/agent-availability/blue/coverage-table-name": COVERAGE.split("/").at(-1) ?? "",
    "/agent-availability/blue/history-table-arn": HISTORY,
    "/agent-availability/blue/history-table-name": HISTORY.split("/").at(-1) ?? "",
  });
  const roleId = roleIdOf(theOnly(template, "AWS::Lambda::Function").Properties["Role"]);
  return {
    principal: `arn:aws:iam::${ACCOUNT}:role/${roleId}`,
    policies: policiesOf(template, roleId).map(
      (each) => resolve(each.Properties["PolicyDocument"]) as Policy,
    ),
  };
}

const board = { ...boardSettings, accountIds: [FRESHDESK_ACCOUNT, "43"] };
const role = roleOf(board);
const logIds = Object.keys(resourcesOf(boardTemplate(), "AWS::Logs::LogGroup"));
const LOG = logGroup(logIds.find((id) => id.startsWith("FunctionLogs")) ?? "");

interface Request {
  readonly action: string;
  readonly resource: string;
  /** The partition keys that it reads. */
  readonly keys: readonly string[];
}

/** The request to IAM that a command causes. An unknown command fails the test. */
function requestOf(command: object): Request {
  if (command instanceof QueryCommand) {
    const {
      TableName: table = "",
      IndexName: index,
      ExpressionAttributeValues: values,
    } = command.input;
    const key = values?.[":accountId"]?.S ?? values?.[":agent"]?.S ?? "";
    const suffix = index === undefined ? "" : `/index/${index}`;
    return {
      action: "dynamodb:Query",
      resource: `${tableArns[table] ?? ""}${suffix}`,
      keys: [key],
    };
  }
  if (command instanceof GetItemCommand) {
    const { TableName: table = "", Key: key } = command.input;
    const keys = [key?.["accountId"]?.S ?? ""];
    return { action: "dynamodb:GetItem", resource: tableArns[table] ?? "", keys };
  }
  if (command instanceof BatchGetItemCommand) {
    const { agents = { Keys: [] }, ...others } = command.input.RequestItems ?? {};
    expect(others).toEqual({});
    return {
      action: "dynamodb:BatchGetItem",
      resource: TABLE,
      keys: agents.Keys?.map((key) => key["accountId"]?.S ?? "") ?? [],
    };
  }
  throw new Error(`add the permission of the command ${command.constructor.name}`);
}

const requestsOf = (client: AwsClientStub<DynamoDBClient>) =>
  client.calls().map(({ args: [command] }) => requestOf(command));

/** Returns IAM's context of a request: the partition keys that it reads. */
const ofKeys = (...keys: readonly string[]) => ({ "dynamodb:LeadingKeys": [...keys] });

/** Requests all data of an account that the board serves. */
async function requestEverything(): Promise<Request[]> {
  const tables = boardTables();
  const userId = { S: "72025350026" };
  const now = new Date().toISOString();
  tables.store("7", { ...aWrite(now, "1"), userId });
  tables.store("session:72025350026", {
    ...aWrite(now, "1"),
    userId,
    since: { S: now },
    loggedIn: { BOOL: true },
  });
  const { readHistory, readChanges } = tables.readerAt(now);
  await createAgentsReader(createAgentLookup({ tableName: "agents" }))(FRESHDESK_ACCOUNT);
  await readChanges(FRESHDESK_ACCOUNT);
  const to = Date.now();
  await readHistory(FRESHDESK_ACCOUNT, "7", { from: to - 3_600_000, to });
  return requestsOf(tables.client);
}

describe("the board's role for coverage", () => {
  const caller = roleOf(board, { historyDays: 0, coverage });

  it("allows reading the coverage of an account that it shows, and no other", async () => {
    const tables = boardTables();
    await createUncoveredReader(new DynamoDBClient(), "coverage")(FRESHDESK_ACCOUNT);
    const [{ action, resource, keys } = { action: "", resource: "", keys: [] }, ...others] =
      requestsOf(tables.client);

    expect([action, resource, keys, others]).toEqual([
      "dynamodb:Query",
      COVERAGE,
      [FRESHDESK_ACCOUNT],
      [],
    ]);
    expect(await isAllowed({ ...caller, context: ofKeys(...keys) }, action, resource)).toBe(true);
    expect(await isAllowed({ ...caller, context: ofKeys("44") }, action, resource)).toBe(false);
  });

  it("denies everything else on the coverage table, and every access without the setting", async () => {
    const allowed = await allThatIsAllowed(caller, [...allResources, COVERAGE]);

    expect(allowed.filter((each) => each.includes(COVERAGE))).toEqual([
      `dynamodb:Query ${COVERAGE}`,
    ]);
    const without = await allThatIsAllowed(roleOf(board, { statusLimits }), [COVERAGE]);
    expect(without.filter((each) => each.includes(COVERAGE))).toEqual([]);
  });
});

describe("the board's role", () => {
  it("allows every call that the board makes, and only for an account that it shows", async () => {
    const requests = await requestEverything();
    const distinct = new Set(requests.map(({ action, resource }) => `${action} ${resource}`));

    expect([...distinct].toSorted()).toEqual([
      `dynamodb:BatchGetItem ${TABLE}`,
      `dynamodb:GetItem ${TABLE}`,
      `dynamodb:Query ${HISTORY}`,
      `dynamodb:Query ${TABLE}`,
      `dynamodb:Query ${TABLE}/index/ByEmail`,
      `dynamodb:Query ${TABLE}/index/ByUserId`,
    ]);
    for (const { action, resource, keys } of requests) {
      const others = keys.map((key) => key.replace(FRESHDESK_ACCOUNT, "44"));
      const isAllowedFor = async (read: readonly string[]) =>
        await isAllowed({ ...role, context: ofKeys(...read) }, action, resource);

      expect([action, resource, await isAllowedFor(keys)]).toEqual([action, resource, true]);
      expect([action, resource, await isAllowedFor(others)]).toEqual([action, resource, false]);
    }
  });

  it.each([
    ["begins with the account's", `${FRESHDESK_ACCOUNT}1#7`],
    ["ends with the account's", `1${FRESHDESK_ACCOUNT}#7`],
  ])("denies the history of an account whose ID %s", async (_title, key) => {
    const caller = { ...role, context: ofKeys(key) };

    expect(await isAllowed(caller, "dynamodb:Query", HISTORY)).toBe(false);
  });

  it("allows every account if only the viewer's token decides", async () => {
    const { accountIds: _shown, ...settings } = boardSettings;
    const viewers = roleOf({ ...settings, accountsClaim: "accounts" });

    for (const [resource, key] of [
      [TABLE, "44"],
      [HISTORY, "44#7"],
    ] as const) {
      const caller = { ...viewers, context: ofKeys(key) };
      expect(await isAllowed(caller, "dynamodb:Query", resource)).toBe(true);
    }
  });

  it("denies everything else, such as writes, scans, parameters, keys, the bus, queues and other logs", async () => {
    const all = [...allResources, HISTORY, LOG, `${LOG}:log-stream:s`];

    // IAM's condition on the keys is true for a request without keys, so the role never allows another action.
    expect(await allThatIsAllowed(role, all)).toEqual(
      [
        `dynamodb:BatchGetItem ${TABLE}`,
        `dynamodb:GetItem ${TABLE}`,
        `dynamodb:Query ${HISTORY}`,
        `dynamodb:Query ${TABLE}`,
        `dynamodb:Query ${TABLE}/index/ByEmail`,
        `dynamodb:Query ${TABLE}/index/ByUserId`,
        `logs:CreateLogStream ${LOG}:log-stream:s`,
        `logs:PutLogEvents ${LOG}:log-stream:s`,
        // IAM always allows a caller to get its own identity.
        "sts:GetCallerIdentity *",
      ].toSorted(),
    );
  });

  it("allows only listing agents if the stage keeps no history", async () => {
    const caller = { ...roleOf(board, { historyDays: 0 }), context: ofKeys(FRESHDESK_ACCOUNT) };
    const allowed: string[] = [];
    for (const { action, resource } of await requestEverything()) {
      if (await isAllowed(caller, action, resource)) {
        allowed.push(`${action} ${resource}`);
      }
    }

    expect(new Set(allowed)).toEqual(new Set([`dynamodb:Query ${TABLE}`]));
  });
});
