import { readdirSync, readFileSync } from "node:fs";

import { DynamoDBClient } from "@aws-sdk/client-dynamodb";

import { requiredList, requiredText } from "../environment-variables.ts";
import type { BoardConfig } from "./board-data.ts";
import { createBoard } from "./board.ts";
import { createReaders } from "./readers.ts";
import { createRequestHandler } from "./request-handler.ts";
import { createSignInOrigins } from "./sign-in-origins.ts";

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

const client = new DynamoDBClient({
  requestHandler: { connectionTimeout: 1000, requestTimeout: 3000, throwOnRequestTimeout: true },
});

/** The folder of the page's files in the bundle. */
const pageFolder = new URL("page/", import.meta.url);
const page = new Map(
  readdirSync(pageFolder).map((name) => [name, readFileSync(new URL(name, pageFolder))]),
);

const board = createBoard({
  page,
  config,
  ...createReaders({
    client,
    tableName: requiredText(process.env, "TABLE_NAME"),
    historyTableName: process.env["HISTORY_TABLE_NAME"],
    // Three consecutive reads must fit into the function's timeout of 10 seconds.
    historyDeadlineMs: 2500,
    coverageTableName: process.env["COVERAGE_TABLE_NAME"],
    statusLimits: process.env["STATUS_LIMITS"],
  }),
  signInOrigins: createSignInOrigins(config.signIn.issuer),
});

/** Handles the board's HTTP API: its page, and the data of accounts. */
export const handler = createRequestHandler(board, config);
