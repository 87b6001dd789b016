import { once } from "node:events";

import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SSMClient } from "@aws-sdk/client-ssm";
import type { Command } from "commander";

import { buildPage } from "../board/build.ts";
import { createBoard } from "../functions/board/board.ts";
import { createReaders } from "../functions/board/readers.ts";
import { listAccounts } from "./account/signing-keys.ts";
import { serveBoard } from "./board/server.ts";
import { type GlobalOptions, wholeNumber } from "./shared/arguments.ts";
import { describeCause } from "./shared/aws-failure.ts";
import { findStage } from "./shared/deployed-stage.ts";
import type { Terminal } from "./shared/terminal.ts";

interface BoardOptions extends GlobalOptions {
  readonly port: number;
}

/** Serves the board until Ctrl-C, with the operator's credentials and read-only. */
async function board({ stage, json, port }: BoardOptions, terminal: Terminal): Promise<void> {
  const interrupted = terminal.interruption();
  const { parameters, optionalParameter } = await findStage(new SSMClient(), stage, [
    "table-name",
    "signing-keys-secret-arn",
  ]);
  const accounts = await listAccounts({
    secrets: new SecretsManagerClient(),
    secretId: parameters["signing-keys-secret-arn"],
    stage,
  });
  const server = await serveBoard(
    createBoard({
      page: await buildPage(),
      config: { stage, accountIds: accounts.map(({ accountId }) => accountId) },
      ...createReaders({
        client: new DynamoDBClient(),
        tableName: parameters["table-name"],
        historyTableName: optionalParameter("history-table-name"),
        coverageTableName: optionalParameter("coverage-table-name"),
        statusLimits: optionalParameter("status-limits"),
      }),
    }),
    port,
    (error) => {
      terminal.note(
        `The board could not read the tables: ${describeCause(error)}. Once the cause is fixed, the page updates automatically.`,
      );
    },
  );
  terminal.print({
    json,
    value: { stage, url: server.url },
    text: [`The board of stage ${stage} is at ${server.url} until you press Ctrl-C.`],
  });
  if (!interrupted.aborted) {
    await once(interrupted, "abort");
  }
  await server.close();
}

export function addBoardCommand(program: Command, terminal: Terminal): void {
  program
    .command("board")
    .description(
      "serve a web page that shows the available agents, on 127.0.0.1 only, until Ctrl-C",
    )
    .option("--port <number>", "port to listen on; 0 selects a free one", wholeNumber(0, 65_535), 0)
    .action(async (_options: object, command: Command) => {
      await board(command.optsWithGlobals<BoardOptions>(), terminal);
    });
}
