/** A channel as an example's payload lists it. */
export interface PayloadChannel {
  readonly channel: string;
  readonly available?: boolean;
  readonly agent_id?: string;
  readonly channel_account_id?: string;
}

/** The state of an agent in Freshdesk at one point in time. */
export interface Situation {
  readonly at: string;
  readonly name: string;
  readonly email: string;
  readonly loggedIn: boolean;
  readonly status: { readonly id: number; readonly name: string; readonly since: string };
  readonly channels: readonly PayloadChannel[];
  readonly actor: object;
}

const toSecond = (time: string) => time.replace(/\.\d+Z$/, "Z");

/** Returns the old and the new value of each attribute that differs, as Freshdesk reports them. */
function changesBetween(before: Situation | undefined, now: Situation): object {
  if (before === undefined) {
    return {};
  }
  const pairs = {
    status_id: [before.status.id, now.status.id],
    status_updated_at: [toSecond(before.status.since), toSecond(now.status.since)],
    channel_availability: [before.channels, now.channels],
  };
  return Object.fromEntries(
    Object.entries(pairs).filter(
      ([, [old, value]]) => JSON.stringify(old) !== JSON.stringify(value),
    ),
  );
}

/** Returns a payload of `onAgentAvailabilityUpdate`, as Freshdesk documents it. */
export function payloadOf(now: Situation, before: Situation | undefined): object {
  const { id, name, since } = now.status;
  return {
    currentHost: { endpoint_urls: { freshdesk: "https://acme.freshdesk.com" } },
    event: "onAgentAvailabilityUpdate",
    region: "US",
    domain: "acme.freshdesk.com",
    account_id: "11010177632",
    timestamp: Date.parse(now.at) / 1000 + 0.306,
    data: {
      actor: now.actor,
      agent_availability: {
        id: 787096,
        account_id: "11010177632",
        name: now.name,
        Email: now.email,
        logged_in: now.loggedIn,
        status_id: id,
        status_updated_at: toSecond(since),
        created_at: "2024-03-05T10:11:12Z",
        updated_at: toSecond(now.at),
        channel_availability: now.channels,
      },
      associations: { status: { id, name } },
      changes: { model_changes: changesBetween(before, now) },
    },
  };
}
