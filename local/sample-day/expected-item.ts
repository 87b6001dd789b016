import { compact, type Json, asList, asObject } from "./json.ts";
import {
  readBoolean,
  domainIn,
  contentHashOf,
  readId,
  readMicroseconds,
  readText,
  readTime,
} from "./payload-values.ts";

/** An expected item, without the attributes that only the hub can know. */
export type ExpectedItem = Record<string, unknown>;

/** The place of an event in the order of its item. */
export interface ExpectedOrder {
  readonly updatedAt: string;
  readonly eventTimestamp: number;
  readonly contentHash: string;
}

/** The channels that have attributes of their own. */
export const KNOWN_CHANNELS = ["freshdesk", "freshchat", "freshcaller"];

/** Returns the channels of a payload's list by name. */
function channelsIn(value: unknown): Record<string, Json> {
  const entries = asList(value)
    .map(asObject)
    .map((entry): [string, Json] => [
      String(entry["channel"]),
      compact({
        available: readBoolean(entry["available"]),
        agentId: readId(entry["agent_id"]),
        channelAccountId: readId(entry["channel_account_id"]),
      }),
    ]);
  return Object.fromEntries(entries);
}

function statusIn(agent: Json, association: Json): Json | undefined {
  const statusId = readId(agent["status_id"]) ?? readId(association["id"]);
  if (statusId === undefined) {
    return undefined;
  }
  const isSame = (readId(association["id"]) ?? statusId) === statusId;
  return compact({
    id: statusId,
    name: isSame ? readText(association["name"]) : undefined,
    since: readTime(agent["status_updated_at"]),
  });
}

function actorIn(actor: Json): Json | undefined {
  const { type } = actor;
  if (type !== "agent" && type !== "system") {
    return undefined;
  }
  const actorId = readId(actor["id"]);
  const id = actorId === "0" ? undefined : actorId;
  return compact({ type, id, name: readText(actor["name"]) });
}

/** Returns the values that the content hash covers. */
function contentIn(data: Json): Json {
  const agent = asObject(data["agent_availability"]);
  return compact({
    name: readText(agent["name"]),
    email: (readText(agent["Email"]) ?? readText(agent["email"]))?.toLowerCase(),
    loggedIn: readBoolean(agent["logged_in"]),
    status: statusIn(agent, asObject(asObject(data["associations"])["status"])),
    channels: channelsIn(agent["channel_availability"]),
    actor: actorIn(asObject(data["actor"])),
  });
}

function reportedPreviousIn(changes: Json): Json | undefined {
  const [statusId] = asList(changes["status_id"]);
  const [statusSince] = asList(changes["status_updated_at"]);
  const reported = compact({ statusId: readId(statusId), statusSince: readTime(statusSince) });
  return Object.keys(reported).length > 0 ? reported : undefined;
}

/** Returns the facts that the hub must read from a payload. */
function changeIn(payload: Json) {
  const data = asObject(payload["data"]);
  const agent = asObject(data["agent_availability"]);
  const changes = asObject(asObject(data["changes"])["model_changes"]);
  const [before, after] = asList(changes["channel_availability"]).map(channelsIn);
  const updatedAt = readTime(agent["updated_at"]) ?? "";
  const content = contentIn(data);
  return {
    key: {
      accountId: readId(agent["account_id"]) ?? "",
      availabilityId: readId(agent["id"]) ?? "",
    },
    order: {
      updatedAt,
      eventTimestamp: readMicroseconds(payload["timestamp"]) ?? Date.parse(updatedAt) * 1000,
      contentHash: contentHashOf(content),
    },
    content,
    rest: compact({
      domain: domainIn(payload),
      region: readText(payload["region"]),
      createdAt: readTime(agent["created_at"]),
      reportedPrevious: reportedPreviousIn(changes),
    }),
    /** Returns whether the payload itself reports that the channel's availability changed. */
    reportsChange: (channel: string): boolean => {
      const [old, current] = [before?.[channel]?.["available"], after?.[channel]?.["available"]];
      return old !== undefined && current !== undefined && old !== current;
    },
  };
}

/** The values that determine the attributes of the known channels. */
export interface ChannelReport {
  readonly order: ExpectedOrder;
  readonly content: Json;
  readonly reportsChange: (channel: string) => boolean;
}

/**
 * Returns the attributes of the known channels: agent IDs, and the times since which the availability has not
 * changed.
 */
export function channelAttributes(change: ChannelReport, before: ExpectedItem | undefined): Json {
  const attributes = KNOWN_CHANNELS.flatMap((channel): [string, unknown][] => {
    const { available, agentId } = asObject(asObject(change.content["channels"])[channel]);
    const name = `${channel}${available === true ? "Available" : "Unavailable"}Since`;
    const { updatedAt } = change.order;
    const since = change.reportsChange(channel) ? updatedAt : (before?.[name] ?? updatedAt);
    return [
      [`${channel}AgentId`, agentId],
      [name, available === undefined ? undefined : since],
    ];
  });
  return compact(Object.fromEntries(attributes));
}

function compareText(first: string, second: unknown): number {
  const other = String(second);
  return first === other ? 0 : first < other ? -1 : 1;
}

/** Compares an event with a stored item: positive if the event is newer, 0 if equal, negative if older. */
export function compareOrder(order: ExpectedOrder, stored: ExpectedItem): number {
  const { updatedAt, eventTimestamp, contentHash } = order;
  return (
    compareText(updatedAt, stored["updatedAt"]) ||
    eventTimestamp - Number(stored["eventTimestamp"]) ||
    compareText(contentHash, stored["contentHash"])
  );
}

/** Returns the availability ID of the agent that a payload is about. */
export const agentOf = (payload: object): string => keyOf(payload).availabilityId;

export const keyOf = (payload: object) => changeIn(asObject(payload)).key;

/** Returns a text by which an agent's payloads can be sorted as the hub orders them. */
export function sortKeyOf(payload: object): string {
  const { updatedAt, eventTimestamp, contentHash } = changeIn(asObject(payload)).order;
  return `${updatedAt} ${String(eventTimestamp).padStart(20, "0")} ${contentHash}`;
}

/** One write that an event must lead to. */
export interface ExpectedWrite {
  readonly key: string;
  readonly order: ExpectedOrder;
  /** Returns the item after the write, without key, count, order and delivery. */
  readonly attributes: (before: ExpectedItem | undefined) => Json;
}

/** Returns the write of the agent's availability item. */
export function availabilityWrite(payload: object): ExpectedWrite {
  const change = changeIn(asObject(payload));
  return {
    key: change.key.availabilityId,
    order: change.order,
    attributes: (before) => ({
      ...change.content,
      ...change.rest,
      ...channelAttributes(change, before),
    }),
  };
}
