import * as z from "zod";

import {
  boolean,
  id,
  limits,
  list,
  objectOf,
  requiredId,
  text,
  time,
} from "../availability/fields.ts";
import type { AgentSnapshot } from "../availability/snapshot.ts";

/** The ticket channel. The API shows neither chat nor phone. In some plans, it also lists queues. */
const TICKETS = "freshdesk";

/** A text that fits into an item. A longer one is unknown. */
const shortText = text.transform((value) =>
  value !== undefined && value.length <= limits.text ? value : undefined,
);

const email = shortText.transform((value) => value?.toLowerCase());

const shortId = id.transform((value) =>
  value !== undefined && value.length <= limits.id ? value : undefined,
);

const channelSchema = objectOf({
  channel: text,
  available: boolean,
  logged_in: boolean,
  status_id: shortId,
  availability_updated_at: time,
});

const contactSchema = objectOf({ name: shortText, email });

const availabilitySchema = objectOf({ channel_availability: list, status_updated_at: time });

/** One agent of `GET /api/v2/agents?only=availability`. */
const availabilityRowSchema = z.object({
  id: requiredId,
  user_data: objectOf({ user: objectOf({ name: shortText, email, deleted: boolean }) }),
  contact: contactSchema,
  availability: availabilitySchema,
  deactivated: boolean,
});

/** One agent of `GET /api/v2/agents` and `GET /api/v2/agents/{id}`, in every account. */
const basicRowSchema = z.object({
  id: requiredId,
  contact: contactSchema,
  available: boolean,
  available_since: time,
  deactivated: boolean,
});

/** `GET /api/v2/agents/{id}/availability`: the same channels, at the top level. */
const oneAvailabilitySchema = objectOf({
  channel_availability: list,
  status_updated_at: time,
});

/** An agent is logged in if any channel reports it. */
function isLoggedIn(reported: readonly (boolean | undefined)[]): boolean | undefined {
  return reported.includes(true) || (reported.includes(false) ? false : undefined);
}

/** Combines the facts of an agent's channels, which all contain the same status. */
function channelFacts(rows: readonly unknown[]) {
  const channels = rows.map((row) => channelSchema.parse(row));
  const tickets = channels.find(({ channel }) => channel === TICKETS);
  return {
    loggedIn: isLoggedIn(channels.map((channel) => channel.logged_in)),
    statusId: (tickets ?? channels[0])?.status_id,
    ticketsAvailable: tickets?.available,
    ticketsSince: tickets?.availability_updated_at,
  };
}

/** Parses an agent with availability; `undefined` if it has no ID. */
function parseAvailabilityRow(row: unknown, requestedAt: string): AgentSnapshot | undefined {
  const parsed = availabilityRowSchema.safeParse(row).data;
  if (parsed === undefined) {
    return undefined;
  }
  const { user } = parsed.user_data;
  return {
    userId: parsed.id,
    name: user.name ?? parsed.contact.name,
    email: user.email ?? parsed.contact.email,
    ...channelFacts(parsed.availability.channel_availability),
    statusSince: parsed.availability.status_updated_at,
    isDeactivated: parsed.deactivated === true || user.deleted === true,
    requestedAt,
  };
}

/** Parses the availability of one agent, whom the request identifies. */
export function parseAvailability(
  body: unknown,
  userId: string,
  requestedAt: string,
): AgentSnapshot {
  const parsed = oneAvailabilitySchema.parse(body);
  return {
    userId,
    ...channelFacts(parsed.channel_availability),
    statusSince: parsed.status_updated_at,
    isDeactivated: false,
    requestedAt,
  };
}

/** Parses an agent without availability details; `undefined` if it has no ID. */
export function parseBasicRow(row: unknown, requestedAt: string): AgentSnapshot | undefined {
  const parsed = basicRowSchema.safeParse(row).data;
  return (
    parsed && {
      userId: parsed.id,
      name: parsed.contact.name,
      email: parsed.contact.email,
      ticketsAvailable: parsed.available,
      ticketsSince: parsed.available_since,
      isDeactivated: parsed.deactivated === true,
      requestedAt,
    }
  );
}

export interface ParsedRows {
  readonly snapshots: readonly AgentSnapshot[];
  /** Number of rows without a usable ID. */
  readonly unreadable: number;
}

export function parseRows(
  rows: readonly unknown[],
  {
    requestedAt,
    hasAvailability,
  }: { readonly requestedAt: string; readonly hasAvailability: boolean },
): ParsedRows {
  const parse = hasAvailability ? parseAvailabilityRow : parseBasicRow;
  const snapshots = rows.flatMap((row) => parse(row, requestedAt) ?? []);
  return { snapshots, unreadable: rows.length - snapshots.length };
}
