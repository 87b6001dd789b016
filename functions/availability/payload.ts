import * as z from "zod";

import type {
  Actor,
  AgentStatus,
  AvailabilityChange,
  ChannelAvailability,
  Channels,
  StatedPrevious,
} from "./change.ts";
import { id, requiredId } from "./fields.ts";
import {
  type ChannelEntry,
  type Payload,
  payloadSchema,
  statedChannels,
} from "./payload-schema.ts";
import { microsecondsOf, parseTime } from "./time.ts";

function actorOf({ type, id: actorId, name }: Payload["data"]["actor"]): Actor | undefined {
  if (type !== "agent" && type !== "system") {
    return undefined;
  }
  // The system's id is null by the page of the event, and 0 in fixtures of its siblings.
  return { type, id: actorId === "0" ? undefined : actorId, name };
}

function statusOf({ agent_availability, associations }: Payload["data"]): AgentStatus | undefined {
  const { status } = associations;
  const statusId = agent_availability.status_id ?? status.id;
  if (statusId === undefined) {
    return undefined;
  }
  const isSame = status.id === undefined || status.id === statusId;
  return {
    id: statusId,
    name: isSame ? status.name : undefined,
    since: agent_availability.status_updated_at,
  };
}

/** `__proto__` is the one name that JavaScript objects, the AWS SDK's among them, cannot carry. */
function byName(entries: readonly ChannelEntry[]): Map<string, ChannelAvailability> {
  const channels = new Map<string, ChannelAvailability>();
  for (const { channel, available, agent_id, channel_account_id } of entries) {
    if (channel !== undefined && channel !== "__proto__") {
      channels.set(channel, { available, agentId: agent_id, channelAccountId: channel_account_id });
    }
  }
  return channels;
}

function statedPreviousOf({ changes }: Payload["data"]): StatedPrevious | undefined {
  const { status_id, status_updated_at } = changes.model_changes;
  const statusId = id.safeParse(status_id[0]).data;
  const statusSince = parseTime(status_updated_at[0]);
  return statusId === undefined && statusSince === undefined
    ? undefined
    : { statusId, statusSince };
}

/** The channels whose availability the event itself says it changed, to what its state says too. */
function statedFlipsOf({ changes }: Payload["data"], channels: Channels): string[] {
  const [before, after] = changes.model_changes.channel_availability;
  const old = byName(statedChannels.parse(before));
  return [...byName(statedChannels.parse(after))]
    .filter(([name, { available }]) => {
      const was = old.get(name)?.available;
      return (
        available !== undefined &&
        was !== undefined &&
        was !== available &&
        channels[name]?.available === available
      );
    })
    .map(([name]) => name);
}

/** `https://acme.freshdesk.com` or `acme.freshdesk.com`, without what surrounds the name. */
function domainOf({ currentHost, domain }: Payload): string | undefined {
  const name = (currentHost.endpoint_urls.freshdesk ?? domain)?.replace(/^https?:\/\/|\/.*$/g, "");
  return name === "" ? undefined : name;
}

function changeOf(payload: Payload): AvailabilityChange {
  const { data, region, timestamp } = payload;
  const agent = data.agent_availability;
  const channels = Object.fromEntries(byName(agent.channel_availability));
  return {
    accountId: agent.account_id,
    availabilityId: agent.id,
    updatedAt: agent.updated_at,
    eventTimestamp: timestamp ?? microsecondsOf(agent.updated_at),
    content: {
      name: agent.name,
      email: (agent.Email ?? agent.email)?.toLowerCase(),
      loggedIn: agent.logged_in,
      status: statusOf(data),
      channels,
      actor: actorOf(data.actor),
    },
    createdAt: agent.created_at,
    domain: domainOf(payload),
    region,
    statedPrevious: statedPreviousOf(data),
    statedFlips: statedFlipsOf(data, channels),
    isIncomplete: payload.incomplete,
  };
}

/** What is wrong with a payload, and where: `data.agent_availability.updated_at`. Never quotes a value. */
export interface Issue {
  readonly path: string;
  readonly message: string;
}

/** A payload understood, or what is wrong with it. `accountId` is told wherever it can be read. */
export type ParsedPayload =
  | { readonly ok: true; readonly change: AvailabilityChange; readonly accountId: string }
  | { readonly ok: false; readonly issues: readonly Issue[]; readonly accountId?: string };

const FIRST_YEAR = "2010";
const MOST_AHEAD_MS = 15 * 60_000;

function timeIssue(updatedAt: string, receivedAt: Date): string | undefined {
  if (updatedAt < FIRST_YEAR) {
    return `is before ${FIRST_YEAR}`;
  }
  return Date.parse(updatedAt) > receivedAt.getTime() + MOST_AHEAD_MS
    ? "is more than 15 minutes ahead of the hub's clock"
    : undefined;
}

const accountIdSchema = z.object({
  data: z.object({ agent_availability: z.object({ account_id: requiredId }) }),
});

function issuesOf(error: z.ZodError): Issue[] {
  return error.issues.map(({ path, message }) => ({
    path: path.length === 0 ? "body" : path.join("."),
    message,
  }));
}

/**
 * Reads one payload of `onAgentAvailabilityUpdate`, as the FDK hands it to its handler.
 *
 * Only what identity and order hang on must be there: `id`, `account_id`, `updated_at` and
 * `channel_availability` of `data.agent_availability`. Never throws.
 *
 * @param receivedAt the hub's clock: an event from further ahead than 15 minutes would freeze its agent.
 */
export function parsePayload(payload: unknown, receivedAt: Date): ParsedPayload {
  const parsed = payloadSchema.safeParse(payload);
  if (!parsed.success) {
    const readable = accountIdSchema.safeParse(payload).data;
    return {
      ok: false,
      issues: issuesOf(parsed.error),
      ...(readable && { accountId: readable.data.agent_availability.account_id }),
    };
  }
  const change = changeOf(parsed.data);
  const message = timeIssue(change.updatedAt, receivedAt);
  if (message !== undefined) {
    const issue = { path: "data.agent_availability.updated_at", message };
    return { ok: false, issues: [issue], accountId: change.accountId };
  }
  return { ok: true, change, accountId: change.accountId };
}
