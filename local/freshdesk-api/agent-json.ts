import type { FreshdeskAgent, FreshdeskState } from "./state.ts";

/** Returns a time as Freshdesk writes it, exact to the second. */
function timeText(milliseconds: number | undefined): string | null {
  return milliseconds === undefined
    ? null
    : new Date(milliseconds).toISOString().replace(/\.\d+Z$/, "Z");
}

/** Freshdesk's samples write the same address in different cases. */
const capitalize = (email: string) => email.replace(/^./, (first) => first.toUpperCase());

/** Any field can be null or absent in Freshdesk, so some agents omit `user`. */
const omitsUser = ({ userId }: FreshdeskAgent) => userId % 7 === 3;
const omitsContact = ({ userId }: FreshdeskAgent) => userId % 7 === 5;

function ticketChannel(agent: FreshdeskAgent, channel: string) {
  return {
    channel,
    available: agent.available,
    logged_in: agent.loggedIn,
    status_id: agent.statusId ?? null,
    assignment_limit: 10,
    current_assignment_load: 0,
    round_robin_enabled: true,
    availability_updated_at: timeText(agent.availabilityUpdatedAt),
  };
}

/** In Omni plans, a channel also lists its queues, each with its own availability. */
function channelsOf(agent: FreshdeskAgent): readonly object[] {
  const queue = { ...ticketChannel(agent, "Messaging queue"), available: false };
  return agent.userId % 2 === 0
    ? [queue, ticketChannel(agent, "freshdesk"), ticketChannel(agent, "Email queue")]
    : [ticketChannel(agent, "freshdesk")];
}

/** Returns an agent in the format of `GET /api/v2/agents?only=availability`. */
export function availabilityJson(agent: FreshdeskAgent, { accountId }: FreshdeskState): object {
  const { userId, name, email, deactivated = false } = agent;
  const user = {
    id: userId,
    name,
    email,
    account_id: accountId,
    active: !deactivated,
    deleted: false,
    helpdesk_agent: true,
    created_at: "2025-10-07T12:10:20Z",
    updated_at: "2025-10-07T12:12:03Z",
  };
  return {
    id: userId,
    ...(!omitsUser(agent) && { user_data: { user } }),
    contact: omitsContact(agent) ? null : { name, email: capitalize(email), avatar: null },
    availability: {
      agent_ref: `ref-${userId}`,
      channel_availability: channelsOf(agent),
      status_updated_at: timeText(agent.statusUpdatedAt),
    },
    deactivated,
    availability_control: "agent_controlled",
    legacy_routing: false,
  };
}

/** Returns an agent in the format of `GET /api/v2/agents/{id}/availability`. */
export function oneAvailabilityJson(agent: FreshdeskAgent): object {
  return {
    agent_ref: `ref-${agent.userId}`,
    channel_availability: channelsOf(agent),
    status_updated_at: timeText(agent.statusUpdatedAt),
    pause_assignment: false,
    idle_enabled: false,
  };
}

/** Returns an agent in the format of `GET /api/v2/agents` and `GET /api/v2/agents/{id}`. */
export function basicJson(agent: FreshdeskAgent): object {
  const { userId, name, email, available, deactivated = false } = agent;
  return {
    id: userId,
    available,
    available_since: timeText(agent.availabilityUpdatedAt),
    occasional: false,
    ticket_scope: 1,
    type: "support_agent",
    contact: { active: true, name, email: capitalize(email), time_zone: "Berlin" },
    deactivated,
    created_at: "2025-10-07T12:10:20Z",
    updated_at: "2025-10-07T12:12:03Z",
  };
}
