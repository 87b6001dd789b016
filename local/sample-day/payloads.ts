import { acme } from "../sample-accounts.ts";
import { channelNames, type ChannelLabel, people, type PersonName } from "./people.ts";
import { freshdeskTime, type RaiseContext, timestampOf } from "./freshdesk-time.ts";
import { type Change, statuses } from "./story.ts";

/** An agent's availability in Freshdesk at a point in time. */
export interface Situation {
  readonly status: { readonly id: number; readonly name: string } | undefined;
  readonly since: string | undefined;
  readonly open: ReadonlySet<ChannelLabel>;
}

export const NOTHING_KNOWN: Situation = { status: undefined, since: undefined, open: new Set() };

function channelsOf(who: PersonName, open: ReadonlySet<ChannelLabel>, isFirst: boolean) {
  const { id, channels } = people[who];
  return channels.map((label: ChannelLabel) => ({
    channel: channelNames[label],
    // The documentation of the event lists "freshcaller" as a value of this boolean.
    available: isFirst && label === "bots" ? "freshcaller" : open.has(label),
    channel_account_id: label === "chat" ? "293829-sc38983u4-3u3ru38" : "432",
    agent_id: `${id}${label === "chat" ? 2 : label === "phone" ? 3 : 1}`,
  }));
}

function actorOf({ who, by }: Change, index: number) {
  if (by === "system") {
    return index % 2 === 0
      ? { id: null, name: null, type: "system" }
      : { id: 0, name: "system", type: "system" };
  }
  return by === "admin"
    ? { id: "11032938000", name: "Minerva", type: "agent", privileges: "all" }
    : { id: people[who].userId, name: people[who].name, type: "agent" };
}

export function situationAfter(change: Change, before: Situation, time: Date): Situation {
  const { status, open = [], close = [] } = change;
  return {
    ...(status === undefined
      ? before
      : { status: { id: statuses[status], name: status }, since: freshdeskTime(time) }),
    open: new Set([...before.open, ...open].filter((label) => !close.includes(label))),
  };
}

/** Returns the fields in the formats and with the names that Freshdesk uses at different times. */
function agentOf(who: PersonName, now: Situation, time: Date, index: number) {
  const { id, name, email } = people[who];
  const updatedAt = freshdeskTime(time);
  return {
    account_id: index % 3 === 0 ? Number(acme.accountId) : acme.accountId,
    created_at: "2022-01-09T02:18:41Z",
    [index % 5 === 0 ? "email" : "Email"]: email,
    id: index % 4 === 0 ? String(id) : id,
    logged_in: true,
    name,
    status_id: now.status?.id ?? null,
    status_updated_at: now.since ?? null,
    updated_at: index % 7 === 0 ? updatedAt.replace("T", " ").replace("Z", " UTC") : updatedAt,
  };
}

/** Returns the changes as Freshdesk reports them. The first event of an agent reports none. */
function changesOf(
  before: Situation,
  now: Situation,
  channels: Readonly<Record<"before" | "after", readonly object[]>>,
) {
  if (before.status === undefined) {
    return {};
  }
  const isChannelChange = JSON.stringify(channels.before) !== JSON.stringify(channels.after);
  return {
    ...(now.since !== before.since && {
      status_id: [before.status.id, now.status?.id],
      status_updated_at: [before.since, now.since],
    }),
    ...(isChannelChange && { channel_availability: [channels.before, channels.after] }),
  };
}

/** Returns the payload that Freshdesk raises for a change. */
export function payloadOf(
  change: Change,
  before: Situation,
  now: Situation,
  { time, index }: RaiseContext,
): object {
  const { who } = change;
  const isFirst = before.status === undefined;
  const channels = {
    before: channelsOf(who, before.open, isFirst),
    after: channelsOf(who, now.open, isFirst),
  };
  return {
    currentHost: {
      subscribed_modules: ["support_agent"],
      endpoint_urls: { freshdesk: `https://${acme.domain}` },
    },
    data: {
      actor: actorOf(change, index),
      agent_availability: {
        ...agentOf(who, now, time, index),
        channel_availability: channels.after,
      },
      associations: {
        status: { id: String(now.status?.id ?? ""), name: now.status?.name ?? null },
      },
      changes: {
        model_changes: changesOf(before, now, channels),
        system_changes: {},
        misc_changes: {},
      },
    },
    event: "onAgentAvailabilityUpdate",
    region: "US",
    timestamp: timestampOf(time, index),
    version: "1.0.0",
  };
}

export function describeChange({ who, status, open = [], close = [], by }: Change): string {
  const { name, channels } = people[who];
  const own = (labels: readonly ChannelLabel[]) =>
    channels.filter((label: ChannelLabel) => labels.includes(label)).join(", ");
  const actor = by === undefined ? "" : ` (by the ${by === "admin" ? "administrator" : "system"})`;
  const parts = [
    status ?? "",
    own(open) === "" ? "" : `opens ${own(open)}`,
    own(close) === "" ? "" : `closes ${own(close)}`,
  ];
  return `${name}: ${parts.filter(Boolean).join(", ")}${actor}`;
}
