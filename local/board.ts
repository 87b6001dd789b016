import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { GetParameterCommand, ParameterNotFound, SSMClient } from "@aws-sdk/client-ssm";

import { buildPage } from "../board/build.ts";
import { createTimelineReader } from "../client/history/timeline-reader.ts";
import { createAgentLookup } from "../client/lookups/agent-lookup.ts";
import { serveBoard } from "../commands/board/server.ts";
import { createAgentsReader } from "../functions/board/board-agents.ts";
import type { BoardChanges, BoardData, BoardHistory } from "../functions/board/board-data.ts";
import { createJoinedAgentsReader } from "../functions/board/joined-agents.ts";
import { createHistoryReader, type HistoryReader } from "../functions/board/board-history.ts";
import { createBoard } from "../functions/board/board.ts";
import { supervisionOptions } from "../functions/board/supervision-options.ts";
import { type AccountReader, dataBody } from "../functions/board/data-body.ts";
import { parameterName } from "../lib/stage-parameter-names.ts";
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

async function readParameter(cloud: Cloud, name: string): Promise<string | undefined> {
  try {
    const ssm = new SSMClient(clientConfig(cloud));
    const { Parameter: parameter } = await ssm.send(new GetParameterCommand({ Name: name }));
    return parameter?.Value;
  } catch (error) {
    if (error instanceof ParameterNotFound) {
      return undefined;
    }
    throw error;
  }
}

async function readersOf(cloud: Cloud): Promise<Readers> {
  const client = new DynamoDBClient(clientConfig(cloud));
  const agents = { tableName: cloud.tableName, client };
  const readTimeline = createTimelineReader({
    stage: cloud.stage,
    client,
    readParameter: async (name) => await readParameter(cloud, name),
  });
  const [coverageTableName, statusLimits] = await Promise.all(
    (["coverage-table-name", "status-limits"] as const).map(
      async (name) => await readParameter(cloud, parameterName(cloud.stage, name)),
    ),
  );
  return {
    readAgents: createAgentsReader(
      createAgentLookup(agents),
      supervisionOptions(client, { coverageTableName, statusLimits }),
    ),
    history: createHistoryReader(createJoinedAgentsReader(agents), readTimeline),
  };
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
