import { channelAttributes, type ChannelReport, type ExpectedWrite } from "./expected-item.ts";
import { compact, type Json, asList, asObject } from "./json.ts";
import {
  readBoolean,
  domainIn,
  contentHashOf,
  readId,
  readMicroseconds,
  readText,
} from "./payload-values.ts";

/** The facts that the hub must read from an `onAgentUpdate` or `onAgentDelete` event. */
export interface ExpectedAgentEvent {
  readonly accountId: string;
  readonly userId: string;
  readonly isDeletion: boolean;
  readonly updatedAt: string;
  readonly eventTimestamp: number;
  readonly email: string | undefined;
  readonly name: string | undefined;
  /** The login state after a login or logout. */
  readonly loggedIn: boolean | undefined;
  readonly available: boolean | undefined;
  /** Whether the payload itself reports that the availability changed. */
  readonly reportsAvailability: boolean;
  readonly rest: Json;
}

/** Returns whether a payload is that of `onAgentUpdate` or `onAgentDelete`. */
export function isAgentPayload(payload: object): boolean {
  return ["onAgentUpdate", "onAgentDelete"].includes(String(asObject(payload)["event"]));
}

/** Returns the new value of `[old, new]`; undefined if they are not two different booleans. */
function parseChange(pair: unknown): boolean | undefined {
  const [old, current, ...more] = asList(pair);
  const isChange = typeof old === "boolean" && typeof current === "boolean" && old !== current;
  return isChange && more.length === 0 ? current : undefined;
}

/** Reads a payload of `onAgentUpdate` or `onAgentDelete`. */
export function agentEventIn(source: object): ExpectedAgentEvent {
  const payload = asObject(source);
  const data = asObject(payload["data"]);
  const agent = asObject(data["agent"]);
  const changes = asObject(data["changes"]);
  const eventTimestamp = readMicroseconds(payload["timestamp"]) ?? 0;
  const available = readBoolean(agent["available"]);
  return {
    accountId: readId(agent["account_id"]) ?? "",
    userId: readId(agent["user_id"]) ?? "",
    isDeletion: payload["event"] === "onAgentDelete",
    updatedAt: new Date(Math.floor(eventTimestamp / 1000)).toISOString(),
    eventTimestamp,
    email: readText(agent["email"])?.toLowerCase(),
    name: readText(agent["name"]),
    loggedIn: parseChange(asObject(changes["misc_changes"])["logged_in"]),
    available,
    reportsAvailability:
      available !== undefined &&
      parseChange(asObject(changes["model_changes"])["available"]) === available,
    rest: compact({ domain: domainIn(payload), region: readText(payload["region"]) }),
  };
}

/** Returns the write of the person's `user:` item; undefined if the event does not contain the availability. */
export function userWrite(event: ExpectedAgentEvent): ExpectedWrite | undefined {
  const { userId, updatedAt, eventTimestamp, name, email, available, rest } = event;
  if (available === undefined) {
    return undefined;
  }
  const content = compact({ name, email, channels: { freshdesk: { available } } });
  const order = { updatedAt, eventTimestamp, contentHash: contentHashOf(content) };
  const report: ChannelReport = { order, content, reportsChange: () => event.reportsAvailability };
  return {
    key: `user:${userId}`,
    order,
    attributes: (before) => ({ userId, ...content, ...rest, ...channelAttributes(report, before) }),
  };
}

/** Returns the write of the person's session; undefined if the event is neither a login nor a logout. */
export function sessionWrite(event: ExpectedAgentEvent): ExpectedWrite | undefined {
  const { userId, updatedAt, eventTimestamp, email, loggedIn, rest } = event;
  if (loggedIn === undefined) {
    return undefined;
  }
  const content = compact({ email, loggedIn });
  return {
    key: `session:${userId}`,
    order: { updatedAt, eventTimestamp, contentHash: contentHashOf(content) },
    attributes: () => ({ userId, ...content, ...rest, since: updatedAt }),
  };
}

const TOMBSTONE_SECONDS = 30 * 86_400;

/** Returns the tombstone with which a deletion must replace an item. */
export function removalWrite(
  event: Pick<ExpectedAgentEvent, "updatedAt" | "eventTimestamp">,
  key: string,
): ExpectedWrite {
  const { updatedAt, eventTimestamp } = event;
  const isUserOrSession = key.includes(":");
  return {
    key,
    order: {
      // Availability events are exact to the second.
      updatedAt: isUserOrSession ? updatedAt : updatedAt.replace(/\.\d{3}Z$/, ".000Z"),
      eventTimestamp,
      contentHash: "",
    },
    attributes: () => ({
      removedAt: updatedAt,
      removedBecause: "deleted",
      expiresAt: Math.floor(eventTimestamp / 1e6) + TOMBSTONE_SECONDS,
    }),
  };
}
