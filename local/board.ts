import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SSMClient } from "@aws-sdk/client-ssm";

import { buildPage } from "../board/build.ts";
import { serveBoard } from "../commands/board/server.ts";
import { findStage } from "../commands/shared/deployed-stage.ts";
import type { BoardChanges, BoardData, BoardHistory } from "../functions/board/board-data.ts";
import type { HistoryReader } from "../functions/board/board-history.ts";
import { createBoard } from "../functions/board/board.ts";
import { type AccountReader, dataBody } from "../functions/board/data-body.ts";
import { createReaders } from "../functions/board/readers.ts";
import { type Cloud, clientConfig } from "./emulator/cloud.ts";

/** The board of a local cloud. It is served before the cloud exists, and shows no agents until then. */
export interface LocalBoard {
  readonly url: string;
  /** Shows the agents of a cloud from now on. */
  readonly show: (cloud: Cloud) => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface LocalBoardOptions {
  readonly stage: string;
  readonly accountIds: readonly string[];
  /** Called with every error that made a request fail. */
  readonly onError: (error: unknown) => void;
}

/** The readers of the board's data. */
interface Readers {
  readonly readAgents: AccountReader;
  readonly history: HistoryReader;
}

const bodyOf = async (data: BoardData | BoardChanges | BoardHistory) =>
  await Promise.resolve(dataBody(data));

/** The readers of a board without a cloud. */
const emptyReaders: Readers = {
  readAgents: async (accountId) => await bodyOf({ accountId, agents: [] }),
  history: {
    readChanges: async (accountId) => await bodyOf({ accountId, changes: [] }),
    readHistory: async (accountId, agentId) => await bodyOf({ accountId, agentId, intervals: [] }),
  },
};

async function readersOf(cloud: Cloud): Promise<Readers> {
  const config = clientConfig(cloud);
  const { optionalParameter } = await findStage(new SSMClient(config), cloud.stage, ["table-name"]);
  const { readAgents, history = emptyReaders.history } = createReaders({
    client: new DynamoDBClient(config),
    tableName: cloud.tableName,
    historyTableName: optionalParameter("history-table-name"),
    coverageTableName: optionalParameter("coverage-table-name"),
    statusLimits: optionalParameter("status-limits"),
  });
  return { readAgents, history };
}

/** Serves the board on a free port of 127.0.0.1. */
export async function startBoard({
  stage,
  accountIds,
  onError,
}: LocalBoardOptions): Promise<LocalBoard> {
  let readers = emptyReaders;
  const board = createBoard({
    page: await buildPage(),
    config: { stage, accountIds },
    readAgents: async (accountId) => await readers.readAgents(accountId),
    history: {
      readChanges: async (accountId) => await readers.history.readChanges(accountId),
      readHistory: async (...agent) => await readers.history.readHistory(...agent),
    },
  });
  const { url, close } = await serveBoard(board, 0, onError);
  return {
    url,
    close,
    show: async (cloud) => {
      readers = await readersOf(cloud);
    },
  };
}
