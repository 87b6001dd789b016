import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";

import type { Agent } from "../../client/lookups/agent-lookup.ts";
import { commandLine } from "../shared/arguments.ts";
import { CommandError } from "../shared/command-error.ts";
import { findAgents, type Match } from "./find-agents.ts";

/** The agent to forget, as typed. */
export interface ForgetOptions {
  readonly accountId: string;
  /** An ID of any kind; with `exact`, the key of an item. */
  readonly agentId: string;
  readonly stage: string;
  readonly exact: boolean;
  readonly yes: boolean;
}

const describe = ({ name, email, availabilityId }: Agent) =>
  `${name ?? "agent without a name"} (${[email, `availability ID ${availabilityId}`].filter(Boolean).join(", ")})`;

export interface Target {
  readonly availabilityId: string;
  readonly userId?: string | undefined;
  /** The user ID to search for if no item has the availability ID. */
  readonly fallbackUserId?: string | undefined;
  /** Whether the item is forgotten even if it is already forgotten or does not exist. */
  readonly force: boolean;
  readonly description: string;
}

/** Lists the agents that have the ID, and how to select one of them. */
function ambiguousError(
  { accountId, agentId, stage }: ForgetOptions,
  problem: string,
  matches: readonly Match[],
): CommandError {
  return new CommandError(
    `${JSON.stringify(agentId)} ${problem}. Nothing was changed. Select an agent by availability ID with --exact:`,
    {
      details: matches.flatMap(({ agent, kinds }) => [
        `  ${kinds.join(" and ")} of ${describe(agent)}`,
        `    ${commandLine(`agent forget ${accountId} ${agent.availabilityId} --exact`, stage)}`,
      ]),
    },
  );
}

const isDirect = ({ kinds }: Match) =>
  kinds.some((kind) => ["availability ID", "email address", "user ID"].includes(kind));

/** The ID may be the user ID of a person who has only a session. No lookup finds that person. */
const targetById = (agentId: string, exact: boolean): Target => ({
  availabilityId: agentId,
  force: exact,
  ...(!exact && { fallbackUserId: agentId }),
  description: `the agent with ${exact ? "availability ID" : "ID"} ${agentId}`,
});

function targetOf(match: Match, agentId: string): Target {
  const { agent, kinds } = match;
  const found = isDirect(match) ? "" : `, found by ${kinds.join(" and ")},`;
  const description = `${describe(agent)}${found}`;
  // The agent may have a newer item than the one with the typed ID.
  return kinds.includes("availability ID")
    ? { availabilityId: agentId, force: false, description }
    : { availabilityId: agent.availabilityId, userId: agent.userId, force: false, description };
}

/** Returns the item to forget without reading it: an agent whose item is unreadable can be forgotten, too. */
function exactTarget({ accountId, agentId, stage }: ForgetOptions): Target {
  if (agentId.includes("@")) {
    // The tombstone and the audit log would keep the email address.
    throw new CommandError(
      `With --exact, <agent> must be an availability ID or an item key, not an email address. Nothing was changed. Find the ID with: ${commandLine(`agent show ${accountId} EMAIL`, stage)}`,
    );
  }
  return targetById(agentId, true);
}

/**
 * Finds the agent to forget. Never treats an ID as one of another kind: an agent who is already forgotten is
 * found by the tombstone, even if the ID is also another agent's ID in a channel.
 */
export async function findTarget(
  client: DynamoDBClient,
  tableName: string,
  options: ForgetOptions,
): Promise<Target> {
  const { accountId, agentId, exact, yes } = options;
  if (exact) {
    return exactTarget(options);
  }
  const { matches, removal } = await findAgents({ client, tableName }, accountId, agentId);
  const [match, ...others] = matches;
  if (removal !== undefined || match === undefined) {
    return targetById(agentId, false);
  }
  if (others.length > 0) {
    throw ambiguousError(options, `is an ID of ${matches.length} agents`, matches);
  }
  if (yes && !isDirect(match)) {
    throw ambiguousError(
      options,
      "is an agent ID in a channel, which cannot be used with --yes",
      matches,
    );
  }
  return targetOf(match, agentId);
}
