import { readdirSync, readFileSync } from "node:fs";

import { DynamoDBClient } from "@aws-sdk/client-dynamodb";

import { createTimelineReader } from "../../client/history/timeline-reader.ts";
import { createAgentLookup } from "../../client/lookups/agent-lookup.ts";
import { requiredList, requiredText } from "../environment.ts";
import { createAgentsReader } from "./board-agents.ts";
import type { BoardConfig } from "./board-data.ts";
import { createJoinedAgentsReader } from "./joined-agents.ts";
import { createHistoryReader } from "./board-history.ts";
import { createBoard } from "./board.ts";
import { createRequestHandler } from "./request-handler.ts";
import { createSignInOrigins } from "./sign-in-origins.ts";
import { supervisionOptions } from "./supervision-options.ts";

const accountsClaim = process.env["ACCOUNTS_CLAIM"];
const config = {
  stage: requiredText(process.env, "STAGE"),
  accountIds: requiredList(process.env, "ACCOUNT_IDS"),
  ...(accountsClaim !== undefined && { accountsClaim }),
  signIn: {
    issuer: requiredText(process.env, "ISSUER"),
    clientId: requiredText(process.env, "CLIENT_ID"),
    audience: requiredText(process.env, "AUDIENCE"),
    scopes: requiredList(process.env, "SCOPES"),
  },
} satisfies Omit<BoardConfig, "history">;

const tableName = requiredText(process.env, "TABLE_NAME");
const client = new DynamoDBClient({
  requestHandler: { connectionTimeout: 1000, requestTimeout: 3000, throwOnRequestTimeout: true },
});
const lookup = createAgentLookup({ tableName, client });

const historyTableName = process.env["HISTORY_TABLE_NAME"];
const history =
  historyTableName === undefined
    ? undefined
    : createHistoryReader(
        createJoinedAgentsReader({ tableName, client }),
        // Three consecutive reads must fit into the function's timeout of 10 seconds.
        createTimelineReader({ tableName, historyTableName, client, deadlineMs: 2500 }),
      );

/** The folder of the page's files in the bundle. */
const pageFolder = new URL("page/", import.meta.url);
const page = new Map(
  readdirSync(pageFolder).map((name) => [name, readFileSync(new URL(name, pageFolder))]),
);

const board = createBoard({
  page,
  config,
  readAgents: createAgentsReader(
    lookup,
    supervisionOptions(client, {
      coverageTableName: process.env["COVERAGE_TABLE_NAME"],
      statusLimits: process.env["STATUS_LIMITS"],
    }),
  ),
  history,
  signInOrigins: createSignInOrigins(config.signIn.issuer),
});

/** Handles the board's HTTP API: its page, and the data of accounts. */
export const handler = createRequestHandler(board, config);
