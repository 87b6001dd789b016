import * as z from "zod";

import type { DetailOf, DetailType } from "../../functions/availability/catalogue.ts";
import { coverageIdOf, overrunIdOf } from "../../functions/availability/event-metadata.ts";
import { SOURCE } from "../../functions/availability/typed-event.ts";
import type { Envelope, EventOf } from "./event.ts";
import { EventError } from "./event-error.ts";
import { itemIdOf } from "./item-id.ts";
import { detailSchemas } from "./parse-event.ts";
import { isObject, type JsonObject } from "./unwrap.ts";

/** A part of a value, at any depth. Fields that are `undefined` are omitted. */
export type PartOf<Value> = Value extends readonly unknown[]
  ? Value
  : Value extends object
    ? { readonly [Key in keyof Value]?: PartOf<Value[Key]> | undefined }
    : Value;

const breakStatus = { id: "232", name: "On break", since: "2026-11-24T09:30:00.000Z" };
const availableStatus = { id: "1", name: "Available", since: "2026-11-24T08:00:00.000Z" };

const channels = {
  freshdesk: { available: false, agentId: "32938", channelAccountId: "11010177632" },
  freshchat: { available: false, agentId: "3282", channelAccountId: "77632" },
};

const commonFields = {
  accountId: "11010177632",
  agent: {
    availabilityId: "787096",
    userId: "72025350026",
    ids: { freshdesk: "32938", freshchat: "3282" },
  },
};

const metadata = {
  schemaVersion: 1,
  epoch: 1_795_500_000_000,
  version: 2,
  occurredAt: "2026-11-24T09:30:00.000Z",
  publishedAt: "2026-11-24T09:30:00.250Z",
  gap: false,
};

const changeMetadata = {
  ...metadata,
  receivedAt: "2026-11-24T09:30:00.200Z",
  origin: "relay",
  domain: "acme.freshdesk.com",
  region: "US",
  webhookId: "w-787096-2",
};

const changeFields = {
  ...commonFields,
  metadata: changeMetadata,
  actor: { type: "agent", id: "11032938000" },
};

const supervisionMetadata = { origin: "supervision" };

const DURATION_MS = 5_400_000;

/** An agent with two channels, available since 8:00, who goes on break at 9:30. */
const defaults: Readonly<Record<DetailType, Readonly<Record<string, unknown>>>> = {
  "Agent Availability Changed": {
    ...changeFields,
    changed: ["status", "channels"],
    loggedIn: true,
    status: breakStatus,
    channels,
    previous: {
      loggedIn: true,
      status: availableStatus,
      channels: {
        freshdesk: { ...channels.freshdesk, available: true },
        freshchat: { ...channels.freshchat, available: true },
      },
    },
  },
  "Agent Status Changed": {
    ...changeFields,
    status: breakStatus,
    previous: { status: availableStatus, durationMs: DURATION_MS },
  },
  "Agent Channel Availability Changed": {
    ...changeFields,
    channel: "freshdesk",
    available: false,
    previous: { available: true, durationMs: DURATION_MS },
  },
  "Agent Login Changed": {
    accountId: commonFields.accountId,
    metadata: changeMetadata,
    agent: { userId: commonFields.agent.userId },
    loggedIn: false,
    since: metadata.occurredAt,
    previous: { loggedIn: true, durationMs: DURATION_MS },
  },
  "Agent Removed": {
    ...commonFields,
    metadata: { ...metadata, origin: "operator" },
    reason: "item-deleted",
    status: breakStatus,
    channels,
  },
  "Agent Status Overrun": {
    ...commonFields,
    metadata: { ...metadata, ...supervisionMetadata, publishedAt: "2026-11-24T09:45:00.250Z" },
    status: breakStatus,
    limitMinutes: 15,
    overdueSince: "2026-11-24T09:45:00.000Z",
  },
  "Channel Coverage Changed": {
    accountId: commonFields.accountId,
    metadata: { ...metadata, ...supervisionMetadata },
    channel: "freshcaller",
    covered: false,
    available: 0,
    minimum: 1,
    since: metadata.occurredAt,
    previous: { covered: true, durationMs: DURATION_MS },
  },
};

function merge(base: JsonObject, part: JsonObject): JsonObject {
  const both = { ...base, ...part };
  const entries = Object.entries(both).map(([key, value]): [string, unknown] => {
    const inner = base[key];
    return [key, isObject(inner) && isObject(value) ? merge(inner, value) : value];
  });
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

const overrunIdentitySchema = z
  .looseObject({
    accountId: z.string(),
    agent: z.looseObject({ availabilityId: z.string() }),
    status: z.looseObject({ id: z.string(), since: z.string() }),
    limitMinutes: z.number(),
  })
  .transform(({ agent, status, ...rest }) => ({
    ...rest,
    availabilityId: agent.availabilityId,
    statusId: status.id,
    since: status.since,
  }));

const coverageIdentitySchema = z
  .looseObject({
    metadata: z.looseObject({ version: z.number() }),
    accountId: z.string(),
    channel: z.string(),
  })
  .transform(({ metadata: { version }, ...rest }) => ({ ...rest, version }));

const identitySchema = z.looseObject({
  metadata: z.looseObject({ id: z.string().optional(), epoch: z.number(), version: z.number() }),
  accountId: z.string(),
  agent: z.union([
    z.looseObject({ availabilityId: z.string() }),
    z.looseObject({ userId: z.string() }),
  ]),
  channel: z.string().optional(),
});

/** Returns the ID that the hub would set. */
function idOf(type: DetailType, detail: JsonObject): string {
  if (type === "Agent Status Overrun") {
    return overrunIdOf(overrunIdentitySchema.parse(detail));
  }
  if (type === "Channel Coverage Changed") {
    return coverageIdOf(coverageIdentitySchema.parse(detail));
  }
  const { metadata: own, accountId, agent, channel } = identitySchema.parse(detail);
  const { epoch, version } = own;
  const parts = [accountId, itemIdOf(agent), epoch, version, type.replaceAll(" ", "")];
  return [...parts, ...(channel === undefined ? [] : [channel])].join("/");
}

/** Adds the ID that the hub would set, unless the test sets another. */
function withId(type: DetailType, detail: JsonObject): JsonObject {
  return merge({ metadata: { id: idOf(type, detail) } }, detail);
}

/**
 * Returns a valid event for a test, which sets only the fields that matter to it.
 *
 * @param type the `detail-type`.
 * @param detail the fields that differ from the defaults, at any depth. Maps such as `channels` are merged by
 *   key; fields that are `undefined` are omitted. `metadata.id` is derived from its parts.
 * @param envelope the fields of the envelope that differ from the defaults.
 * @throws EventError if the hub could not publish such an event.
 */
export function anEvent<Type extends DetailType>(
  type: Type,
  detail?: PartOf<DetailOf<Type>>,
  envelope: Partial<Envelope> = {},
): EventOf<Type> {
  const schema: z.ZodType<DetailOf<Type>> = detailSchemas[type];
  const { data, error } = schema.safeParse(withId(type, merge(defaults[type], detail ?? {})));
  if (error) {
    const issues = error.issues.map(({ path, message }) => ({ path: path.join("."), message }));
    throw new EventError(`the event must match the schema of "${type}"`, issues);
  }
  return {
    version: "0",
    id: "4e1c1f0c-6f0a-4f5e-9a55-0d4f3c1f7a10",
    "detail-type": type,
    source: SOURCE,
    account: "123456789012",
    time: `${data.metadata.publishedAt.slice(0, 19)}Z`,
    region: "eu-central-1",
    resources: [],
    ...envelope,
    detail: data,
  };
}
