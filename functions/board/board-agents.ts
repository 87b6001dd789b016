import type { Agent, AgentLookup } from "../../client/lookups/agent-lookup.ts";
import type { BoardAgent, BoardChannel, BoardData } from "./board-data.ts";
import { type AccountReader, dataBody, shareReadings } from "./data-body.ts";

/** All viewers of an account share one reading of the table for this long. */
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

/** Returns what the board shows of an agent: nothing that it does not need. */
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

/**
 * Returns a function that reads all agents of an account. However many viewers poll, the table is read
 * at most once a second.
 */
export function createAgentsReader(lookup: AgentLookup, now?: () => number): AccountReader {
  async function read(accountId: string) {
    const agents: BoardAgent[] = [];
    for await (const agent of lookup.all(accountId)) {
      agents.push(boardAgent(agent));
    }
    const data: BoardData = { accountId, agents };
    return dataBody(data);
  }

  return shareReadings(read, CACHE_MS, now);
}
