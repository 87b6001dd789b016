import { CommandError } from "../shared/command-error.ts";
import type { FoundAgents } from "./find-agents.ts";

export interface RequestedAgent {
  readonly stage: string;
  readonly accountId: string;
  readonly agentId: string;
}

/** Returns a sentence about the removal of an agent; `undefined` if the agent was not removed. */
export function formatRemoval(
  { removal }: FoundAgents,
  { stage, accountId, agentId }: RequestedAgent,
): string | undefined {
  if (removal === undefined) {
    return undefined;
  }
  const { removedAt, removedBecause } = removal;
  const how = removedBecause === "deleted" ? "deleted in Freshdesk" : removedBecause;
  return `Agent ${agentId} of account ${accountId} was ${how} on ${removedAt} (stage ${stage}).`;
}

/** Returns the error for an ID of an agent that does not exist or was removed. */
export function notFound(found: FoundAgents, requested: RequestedAgent): CommandError {
  const { stage, accountId, agentId } = requested;
  return new CommandError(
    formatRemoval(found, requested) ??
      `agent ${JSON.stringify(agentId)} not found in account ${accountId} (stage ${stage}). Agents appear after their first availability event.`,
  );
}
