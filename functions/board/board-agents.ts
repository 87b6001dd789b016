import type { Agent, AgentLookup } from "../../client/lookups/agent-lookup.ts";
import type { StatusLimit } from "../availability/overrun.ts";
import type { BoardAgent, BoardChannel, BoardData, UncoveredChannel } from "./board-data.ts";
import { type AccountReader, dataBody, shareReadings } from "./data-body.ts";

/** Period for which all viewers of an account share one reading of the table. */
const CACHE_MS = 1000;

function isChannelWithTimes(channel: string, since: Agent["since"]): channel is keyof typeof since {
  return Object.hasOwn(since, channel);
}

function channelOf({ channels, since }: Agent, channel: string): BoardChannel {
  const available = channels[channel]?.available;
  if (available === undefined) {
    return {};
  }
  const times = isChannelWithTimes(channel, since) ? since[channel] : undefined;
  return { available, since: available ? times?.availableSince : times?.unavailableSince };
}

/** Returns only those fields of an agent that the board shows. */
function boardAgent(agent: Agent): BoardAgent {
  const { availabilityId, name, email, loggedIn, status, channels } = agent;
  return {
    id: availabilityId,
    name,
    email,
    loggedIn,
    status,
    channels: Object.fromEntries(
      Object.keys(channels).map((channel) => [channel, channelOf(agent, channel)]),
    ),
  };
}

export interface AgentsReaderOptions {
  /** Reads the uncovered channels of an account. @default - the stage has no `coverage` */
  readonly readUncovered?: ((accountId: string) => Promise<UncoveredChannel[]>) | undefined;
  /** The stage's limits. @default - the stage has no `statusLimits` */
  readonly statusLimits?: readonly StatusLimit[] | undefined;
  /** The clock, in epoch milliseconds. @default Date.now */
  readonly now?: () => number;
}

/**
 * Returns a function that reads all agents of an account. However many viewers poll, the table is read
 * at most once a second.
 */
export function createAgentsReader(
  lookup: AgentLookup,
  { readUncovered, statusLimits, now }: AgentsReaderOptions = {},
): AccountReader {
  const limitsOf = (account: string) =>
    statusLimits?.filter(({ accountId = account }) => accountId === account);

  async function readAgents(accountId: string): Promise<BoardAgent[]> {
    const agents: BoardAgent[] = [];
    for await (const agent of lookup.all(accountId)) {
      agents.push(boardAgent(agent));
    }
    return agents;
  }

  async function read(accountId: string) {
    const [agents, uncovered] = await Promise.all([
      readAgents(accountId),
      readUncovered?.(accountId),
    ]);
    const limits = limitsOf(accountId);
    const data: BoardData = {
      accountId,
      agents,
      ...(uncovered && { uncovered }),
      ...(limits && { statusLimits: limits }),
    };
    return dataBody(data);
  }

  return shareReadings(read, CACHE_MS, now);
}
