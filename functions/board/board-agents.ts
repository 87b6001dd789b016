import { createHash } from "node:crypto";

import type { Agent, AgentLookup } from "../../client/lookups/agent-lookup.ts";
import type { BoardAgent, BoardChannel, BoardData } from "./board-data.ts";

/** All viewers of an account share one reading of the table for this long. */
const CACHE_MS = 1000;

/** The agents of an account as the response's body, and the body's ETag. */
export interface AgentsBody {
  readonly body: string;
  readonly etag: string;
}

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

async function readBody(lookup: AgentLookup, accountId: string): Promise<AgentsBody> {
  const agents: BoardAgent[] = [];
  for await (const agent of lookup.all(accountId)) {
    agents.push(boardAgent(agent));
  }
  const data: BoardData = { accountId, agents };
  const body = JSON.stringify(data);
  const hash = createHash("sha256").update(body).digest("base64url");
  return { body, etag: `"${hash}"` };
}

/**
 * Returns a function that reads all agents of an account. However many viewers poll, the table is read
 * at most once a second; a failed reading is not kept.
 */
export function createAgentsReader(lookup: AgentLookup, now: () => number = Date.now) {
  const readings = new Map<string, { readonly at: number; readonly body: Promise<AgentsBody> }>();

  return async (accountId: string): Promise<AgentsBody> => {
    const known = readings.get(accountId);
    if (known !== undefined && now() - known.at < CACHE_MS) {
      return await known.body;
    }
    const reading = { at: now(), body: readBody(lookup, accountId) };
    readings.set(accountId, reading);
    try {
      return await reading.body;
    } catch (error) {
      readings.delete(accountId);
      throw error;
    }
  };
}

/** @see createAgentsReader */
export type AgentsReader = ReturnType<typeof createAgentsReader>;
