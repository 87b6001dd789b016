import type { Random } from "./seeded-random.ts";

/** A change of an agent. */
export interface Change {
  readonly accountId: string;
  readonly agent: string;
  /** Epoch milliseconds. */
  readonly time: number;
  /** The previous status, if the payload reports it. */
  readonly previous: { readonly statusId: number; readonly since: number } | undefined;
  /** @default an address of the agent's own */
  readonly email?: string;
}

/** Names of Freshdesk's statuses by ID. Payloads with ID 235 have no name. */
const STATUSES: Readonly<Record<number, string>> = {
  232: "On break",
  233: "Available",
  234: "Lunch",
};

/** Formats a time as Freshdesk does, to the second. */
const formatTime = (time: number) => new Date(time).toISOString().replace(/\.\d+Z$/, "Z");

function channelsOf(agent: string, random: Random): object[] {
  return ["freshdesk", "freshchat", "freshcaller", "telex"]
    .filter(() => random.next() < 0.9)
    .map((channel) => ({
      channel,
      available: random.pick([true, true, false, false, "freshcaller"]),
      agent_id: `${agent}-${channel}`,
      channel_account_id: "432",
    }));
}

/** Returns a payload with random content, in the format that Freshdesk documents. */
export function randomPayload(change: Change, random: Random) {
  const { accountId, agent, time, previous, email = `${agent}@Acme.example` } = change;
  const statusId = random.pick([232, 233, 234, 235]);
  const payload = {
    data: {
      actor: random.pick([
        { id: "11032938000", name: "Minerva", type: "agent" },
        { id: null, name: null, type: "system" },
      ]),
      agent_availability: {
        account_id: accountId,
        id: agent,
        name: `Agent ${agent}`,
        Email: email,
        logged_in: random.pick([true, false]),
        status_id: statusId,
        status_updated_at: formatTime(time),
        created_at: "2022-01-09T02:18:41Z",
        updated_at: formatTime(time),
        channel_availability: channelsOf(agent, random),
      },
      associations: { status: { id: String(statusId), name: STATUSES[statusId] } },
      changes: {
        model_changes: {
          status_id: [previous?.statusId ?? null, statusId],
          status_updated_at: [previous ? formatTime(previous.since) : null, formatTime(time)],
        },
      },
    },
    event: "onAgentAvailabilityUpdate",
    region: "US",
    timestamp: time / 1000 + 0.306_384,
    domain: "acme.freshdesk.com",
    account_id: accountId,
  };
  return { payload, statusId };
}
