import { randomUUID } from "node:crypto";

import { Webhook } from "standardwebhooks";
import * as z from "zod";

import type { Agent } from "../client/lookups/agent-lookup.ts";
import { RELAY_VERSION } from "../functions/ingest/relay-version.ts";
import { LocalError } from "../tools/run/local-error.ts";
import type { Cloud } from "./emulator/cloud.ts";
import { createLocalLookup } from "./emulator/local-lookup.ts";
import { channelNames, people, type PersonName } from "./sample-day/people.ts";
import { freshdeskTime } from "./sample-day/freshdesk-time.ts";
import { statuses } from "./sample-day/story.ts";

/** A change of a sample agent's availability. It leaves everything else unchanged. */
export interface SampleChange {
  readonly agent: PersonName;
  readonly status?: keyof typeof statuses | undefined;
  /** Channels, such as `freshchat`, on which the agent becomes available. */
  readonly open: readonly string[];
  /** Channels on which the agent becomes unavailable. */
  readonly close: readonly string[];
}

/** A change that was sent, and the hub's response. */
export interface SentChange {
  readonly name: string;
  readonly accountId: string;
  readonly availabilityId: string;
  readonly outcome: string;
  readonly version: number;
}

const responseSchema = z.object({
  results: z.tuple([z.object({ outcome: z.string(), version: z.int() })]),
});

/** Returns the channels of a sample agent, by Freshworks' names. */
export function channelsOf(agent: PersonName): string[] {
  return people[agent].channels.map((label: keyof typeof channelNames) => channelNames[label]);
}

/** Returns the agent's status after the change, and its start. A new agent is available. */
function statusAfter({ status }: SampleChange, before: Agent | undefined, now: Date) {
  if (status === undefined && before?.status !== undefined) {
    return before.status;
  }
  const name = status ?? "Available";
  return { id: String(statuses[name]), name, since: freshdeskTime(now) };
}

/** Returns the payload that Freshdesk raises for the change. */
function payloadOf(change: SampleChange, accountId: string, before: Agent | undefined, now: Date) {
  const { agent, open, close } = change;
  const { id, name, email } = people[agent];
  const status = statusAfter(change, before, now);
  const channels = channelsOf(agent).map((channel, index) => ({
    channel,
    available:
      open.includes(channel) ||
      (!close.includes(channel) && before?.channels[channel]?.available === true),
    channel_account_id: "432",
    agent_id: before?.channels[channel]?.agentId ?? `${id}${index + 1}`,
  }));
  return {
    event: "onAgentAvailabilityUpdate",
    region: "US",
    timestamp: now.getTime() / 1000,
    version: "1.0.0",
    data: {
      actor: { id: id + 5000, name, type: "agent" },
      agent_availability: {
        account_id: accountId,
        id,
        name,
        email,
        created_at: before?.createdAt,
        logged_in: true,
        status_id: status.id,
        status_updated_at: status.since ?? null,
        updated_at: freshdeskTime(now),
        channel_availability: channels,
      },
      associations: { status: { id: status.id, name: status.name ?? null } },
      changes: { model_changes: {}, system_changes: {}, misc_changes: {} },
    },
  };
}

/** Posts a payload as the relay does. @returns the outcome. */
async function post(cloud: Cloud, account: Cloud["accounts"][number], payload: object) {
  const [id, sentAt, body] = [randomUUID(), new Date(), JSON.stringify(payload)];
  const url = `${cloud.ingestUrl}/v1/accounts/${account.accountId}/availability-events`;
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(sentAt.getTime() / 1000)),
      "webhook-signature": new Webhook(account.signingKey).sign(id, sentAt, body),
      "x-relay-version": RELAY_VERSION,
    },
    body,
  });
  const text = await response.text();
  if (!response.ok) {
    throw new LocalError(
      `The hub responded with ${response.status}: ${text}. If a signing key was rotated, restart the local cloud.`,
    );
  }
  return responseSchema.parse(JSON.parse(text)).results[0];
}

/**
 * Sends a signed change of a sample agent to the local cloud.
 *
 * @throws LocalError if the hub does not accept it.
 */
export async function sendChange(cloud: Cloud, change: SampleChange): Promise<SentChange> {
  const { id, name } = people[change.agent];
  const [account] = cloud.accounts;
  if (account === undefined) {
    throw new LocalError("The local cloud has no account. Start it again.");
  }
  const lookup = createLocalLookup(cloud);
  const { accountId } = account;
  const before = await lookup.byAvailabilityId(accountId, String(id), { consistent: true });
  const result = await post(cloud, account, payloadOf(change, accountId, before, new Date()));
  return { name, accountId, availabilityId: String(id), ...result };
}
