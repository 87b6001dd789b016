import type { FreshdeskAgent } from "../../local/freshdesk-api/state.ts";

const SECOND = 1000;
/** The statuses of every account. Their IDs begin with 1. */
export const STATUSES = ["Available", "Lunch", "In a call", "Training"] as const;
export const FIRST_USER_ID = 72_025_000_000;

/** Returns a time as Freshdesk writes it, exact to the second. */
const timeText = (milliseconds: number | undefined) =>
  milliseconds === undefined ? null : new Date(milliseconds).toISOString().replace(/\.\d+Z$/, "Z");

/** The ID of an agent's availability, which is not the user ID. */
const availabilityIdOf = ({ userId }: FreshdeskAgent) => `a${userId - FIRST_USER_ID}`;

/** Returns the payload of `onAgentAvailabilityUpdate`, with the agent's whole state. */
export function availabilityPayload(
  agent: FreshdeskAgent,
  { accountId, time, isChatOpen }: { accountId: string; time: number; isChatOpen: boolean },
): object {
  const { name, email, loggedIn, statusId = 0, statusUpdatedAt, available } = agent;
  const id = availabilityIdOf(agent);
  return {
    data: {
      actor: { type: "system", id: null },
      agent_availability: {
        id,
        account_id: accountId,
        name,
        email,
        logged_in: loggedIn,
        created_at: "2025-10-07T12:10:20Z",
        updated_at: timeText(time),
        status_id: statusId,
        status_updated_at: timeText(statusUpdatedAt),
        channel_availability: [
          { channel: "freshdesk", available, agent_id: `${id}1` },
          { channel: "freshchat", available: isChatOpen, agent_id: `${id}2` },
        ],
      },
      associations: { status: { id: statusId, name: STATUSES[statusId % STATUSES.length] } },
      changes: { model_changes: {}, system_changes: {}, misc_changes: {} },
    },
    event: "onAgentAvailabilityUpdate",
    region: "US",
    timestamp: time / SECOND,
    version: "1.0.0",
  };
}

/** Returns the payload of an `onAgentUpdate` for a login or logout, or of an `onAgentDelete`. */
export function agentPayload(
  { userId, name, email, loggedIn, available }: FreshdeskAgent,
  { accountId, time, isDeletion }: { accountId: string; time: number; isDeletion: boolean },
): object {
  return {
    data: {
      agent: { id: 222, user_id: userId, account_id: accountId, email, name, available },
      actor: { id: userId, name, type: "agent" },
      associations: {},
      ...(!isDeletion && {
        changes: { model_changes: {}, misc_changes: { logged_in: [!loggedIn, loggedIn] } },
      }),
    },
    event: isDeletion ? "onAgentDelete" : "onAgentUpdate",
    region: "US",
    timestamp: time / SECOND,
    version: "1.0.0",
    account_id: accountId,
  };
}
