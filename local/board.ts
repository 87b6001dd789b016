import { DynamoDBClient } from "@aws-sdk/client-dynamodb";

import { buildPage } from "../board/build.ts";
import { createAgentLookup } from "../client/lookups/agent-lookup.ts";
import { serveBoard } from "../commands/board/server.ts";
import { type AgentsReader, createAgentsReader } from "../functions/board/board-agents.ts";
import type { BoardData } from "../functions/board/board-data.ts";
import { createBoard } from "../functions/board/board.ts";
import { type Cloud, clientConfig } from "./emulator/cloud.ts";

/** The board of a local cloud. It is served before the cloud exists, and shows no agents until then. */
export interface LocalBoard {
  readonly url: string;
  /** Shows the agents of a cloud from now on. */
  readonly show: (cloud: Cloud) => void;
  readonly close: () => Promise<void>;
}

/** What the board is created with. */
export interface LocalBoardOptions {
  readonly stage: string;
  readonly accountIds: readonly string[];
  /** Called with every error that made a request fail. */
  readonly onError: (error: unknown) => void;
}

const noAgents: AgentsReader = async (accountId) => {
  const data: BoardData = { accountId, agents: [] };
  return await Promise.resolve({ body: JSON.stringify(data), etag: '"no cloud"' });
};

function agentsOf(cloud: Cloud): AgentsReader {
  const client = new DynamoDBClient(clientConfig(cloud));
  return createAgentsReader(createAgentLookup({ tableName: cloud.tableName, client }));
}

/** Serves the board on a free port of 127.0.0.1. */
export async function startBoard({
  stage,
  accountIds,
  onError,
}: LocalBoardOptions): Promise<LocalBoard> {
  let readAgents = noAgents;
  const board = createBoard({
    page: await buildPage(),
    config: { stage, accountIds },
    readAgents: async (accountId) => await readAgents(accountId),
  });
  const { url, close } = await serveBoard(board, 0, onError);
  return {
    url,
    close,
    show: (cloud) => {
      readAgents = agentsOf(cloud);
    },
  };
}
