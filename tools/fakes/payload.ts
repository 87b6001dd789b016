/** A time in the past, as Freshdesk writes it. */
export function minutesAgo(minutes: number): string {
  return new Date(Date.now() - minutes * 60_000).toISOString().replace(/\.\d+Z$/, "Z");
}

interface PayloadOptions {
  readonly agent?: Readonly<Record<string, unknown>>;
  readonly actor?: unknown;
  readonly changes?: unknown;
  readonly [envelope: string]: unknown;
}

/** A payload of `onAgentAvailabilityUpdate`, composed from its documentation. `agent` overrides fields of the agent. */
export function aPayload({ agent, actor, changes, ...envelope }: PayloadOptions = {}) {
  return {
    data: {
      actor: actor ?? { id: "11032938000", name: "Minerva", type: "agent" },
      agent_availability: {
        account_id: "11010177632",
        id: 787096,
        name: "Rachel",
        Email: "Rachel@acme.com",
        logged_in: true,
        status_id: 232,
        status_updated_at: minutesAgo(10),
        created_at: "2022-01-09T02:18:41Z",
        updated_at: minutesAgo(10),
        channel_availability: [
          { channel: "freshdesk", available: true, channel_account_id: "432", agent_id: "32938" },
          { channel: "freshchat", available: false, channel_account_id: "29-sc", agent_id: "3282" },
        ],
        ...agent,
      },
      associations: { status: { id: "232", name: "On break" } },
      changes: changes ?? { model_changes: {} },
    },
    event: "onAgentAvailabilityUpdate",
    region: "US",
    timestamp: 1654748321.306384,
    domain: "acme.freshdesk.com",
    account_id: "11010177632",
    ...envelope,
  };
}
