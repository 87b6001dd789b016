import { CommandError } from "../shared/command-error.ts";
import type { Found } from "./find-agents.ts";

/** The agent that an operator asked for. */
export interface Asked {
  readonly stage: string;
  readonly accountId: string;
  readonly agentId: string;
}

/** Returns a sentence about the removal of an agent; `undefined` if the agent was not removed. */
export function formatRemoval(
  { removed }: Found,
  { stage, accountId, agentId }: Asked,
): string | undefined {
  if (removed === undefined) {
    return undefined;
  }
  const { removedAt, removedBecause } = removed;
  const how = removedBecause === "deleted" ? "deleted in Freshdesk" : removedBecause;
  return `Agent ${agentId} of account ${accountId} was ${how} on ${removedAt} (stage ${stage}).`;
}

/** Returns the error for an ID that no agent has, or whose agent was removed. */
export function notFound(found: Found, asked: Asked): CommandError {
  const { stage, accountId, agentId } = asked;
  return new CommandError(
    formatRemoval(found, asked) ??
      `agent ${JSON.stringify(agentId)} not found in account ${accountId} (stage ${stage}). Agents appear after their first availability event.`,
  );
}
