import type { DetailOf } from "./catalogue.ts";
import type { Channels } from "./change.ts";
import type { EventOptions } from "./typed-event.ts";
import type { AgentState } from "./state.ts";

function idsOf(channels: Channels): Record<string, string> {
  return Object.fromEntries(
    Object.entries(channels).flatMap(([channel, { agentId }]) =>
      agentId === undefined ? [] : [[channel, agentId]],
    ),
  );
}

/** The facts about an agent that identify the agent in events. */
export type KnownAgent = Pick<
  AgentState,
  "availabilityId" | "userId" | "name" | "email" | "channels"
>;

/** Returns the field `agent` of an event. */
export function agentOf(
  state: KnownAgent,
  { personalData }: EventOptions,
): DetailOf<"Agent Availability Changed">["agent"] {
  const { availabilityId, userId, name, email, channels } = state;
  return { availabilityId, userId, ids: idsOf(channels), ...(personalData && { name, email }) };
}
