import type {
  Actor,
  AgentStatus,
  AvailabilityChange,
  ChannelAvailability,
  Channels,
  ReportedPrevious,
} from "./change.ts";
import { limits, parseId } from "./fields.ts";
import type { CheckLength } from "./issues.ts";
import { type ChannelEntry, type Payload, reportedChannels } from "./payload-schema.ts";
import { microsecondsOf, parseTime } from "./time.ts";

const AGENT = "data.agent_availability";

function actorOf({ actor }: Payload["data"], checkLength: CheckLength): Actor | undefined {
  if (actor.type === undefined) {
    return undefined;
  }
  // The system's ID is null in the documentation, and 0 in fixtures of related events.
  const actorId = actor.id === "0" ? undefined : actor.id;
  return {
    type: actor.type,
    id: checkLength("data.actor.id", actorId, limits.id),
    name: checkLength("data.actor.name", actor.name),
  };
}

function statusOf(data: Payload["data"], checkLength: CheckLength): AgentStatus | undefined {
  const { status_id, status_updated_at: since } = data.agent_availability;
  const { id: associatedId, name } = data.associations.status;
  const path = status_id === undefined ? "data.associations.status.id" : `${AGENT}.status_id`;
  const id = checkLength(path, status_id ?? associatedId, limits.id);
  if (id === undefined) {
    return undefined;
  }
  const isSame = associatedId === undefined || associatedId === id;
  return {
    id,
    name: isSame ? checkLength("data.associations.status.name", name) : undefined,
    since,
  };
}

/** `__proto__` is the one name that a JavaScript object, and so the AWS SDK, cannot hold. */
function isStorable(name: string | undefined): name is string {
  return name !== undefined && name !== "__proto__";
}

function channelsOf(entries: readonly ChannelEntry[], checkLength: CheckLength): Channels {
  const channels = new Map<string, ChannelAvailability>();
  for (const [index, { channel, available, agent_id, channel_account_id }] of entries.entries()) {
    const path = `${AGENT}.channel_availability.${index}`;
    if (isStorable(channel)) {
      checkLength(`${path}.channel`, channel, limits.channelName);
      channels.set(channel, {
        available,
        agentId: checkLength(`${path}.agent_id`, agent_id, limits.id),
        channelAccountId: checkLength(`${path}.channel_account_id`, channel_account_id, limits.id),
      });
    }
  }
  return Object.fromEntries(channels);
}

/** An ID begins with a letter or a digit. Freshworks writes `*` for a value that it does not disclose. */
function reportedId(value: unknown): string | undefined {
  const id = parseId(value);
  return id !== undefined && id.length <= limits.id && /^[\p{L}\p{N}]/u.test(id) ? id : undefined;
}

function reportedPreviousOf({ changes }: Payload["data"]): ReportedPrevious | undefined {
  const { status_id, status_updated_at } = changes.model_changes;
  const statusId = reportedId(status_id[0]);
  const statusSince = parseTime(status_updated_at[0]);
  return statusId === undefined && statusSince === undefined
    ? undefined
    : { statusId, statusSince };
}

function availabilityByName(value: unknown): Map<string | undefined, boolean | undefined> {
  return new Map(
    reportedChannels.parse(value).map(({ channel, available }) => [channel, available]),
  );
}

/** Returns the channels that the event reports as changed to their current availability. */
function reportedChannelChangesOf({ changes }: Payload["data"], channels: Channels): string[] {
  const [before, after] = changes.model_changes.channel_availability.map(availabilityByName);
  return Object.entries(channels).flatMap(([name, { available }]) => {
    const previous = before?.get(name);
    const isChange = previous !== undefined && previous !== available;
    return isChange && available !== undefined && after?.get(name) === available ? [name] : [];
  });
}

/** Returns the host name in `https://acme.freshdesk.com` or `acme.freshdesk.com/`. */
export function domainOf(
  { currentHost, domain }: Pick<Payload, "currentHost" | "domain">,
  checkLength: CheckLength,
): string | undefined {
  const endpoint = currentHost.endpoint_urls.freshdesk;
  const path = endpoint === undefined ? "domain" : "currentHost.endpoint_urls.freshdesk";
  const name = (endpoint ?? domain)?.replace(/^https?:\/\/|\/.*$/g, "");
  return name === "" ? undefined : checkLength(path, name);
}

/** Returns the change that a payload reports. Everything that is stored passes through `checkLength`. */
export function changeOf(payload: Payload, checkLength: CheckLength): AvailabilityChange {
  const { data, region, timestamp } = payload;
  const agent = data.agent_availability;
  const channels = channelsOf(agent.channel_availability, checkLength);
  const email = checkLength(
    `${AGENT}.${agent.Email === undefined ? "email" : "Email"}`,
    agent.Email ?? agent.email,
  );
  return {
    accountId: agent.account_id,
    availabilityId: agent.id,
    updatedAt: agent.updated_at,
    eventTimestamp: timestamp ?? microsecondsOf(agent.updated_at),
    content: {
      name: checkLength(`${AGENT}.name`, agent.name),
      email: email?.toLowerCase(),
      loggedIn: agent.logged_in,
      status: statusOf(data, checkLength),
      channels,
      actor: actorOf(data, checkLength),
    },
    createdAt: agent.created_at,
    domain: domainOf(payload, checkLength),
    region: checkLength("region", region),
    reportedPrevious: reportedPreviousOf(data),
    reportedChannelChanges: reportedChannelChangesOf(data, channels),
    isIncomplete: payload.incomplete,
  };
}
