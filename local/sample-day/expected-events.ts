import { type ExpectedItem, KNOWN_CHANNELS } from "./expected-item.ts";
import { canonicalJson, compact, type Json, asObject } from "./json.ts";

/** An expected event: its detail, with `{epoch}` in the ID, and without the values that only the hub can know. */
export interface ExpectedEvent {
  readonly id: string;
  readonly detailType: string;
  readonly detail: Json;
}

function isSame(first: unknown, second: unknown): boolean {
  return (
    canonicalJson(first ?? {}) === canonicalJson(second ?? {}) &&
    (first === undefined) === (second === undefined)
  );
}

/** Returns the milliseconds between two times; undefined if one is unknown or the result is negative. */
export function msBetween(from: unknown, to: unknown): number | undefined {
  const milliseconds = Date.parse(String(to)) - Date.parse(String(from));
  return Number.isNaN(milliseconds) || milliseconds < 0 ? undefined : milliseconds;
}

function sinceIn(item: ExpectedItem, channel: string): unknown {
  return item[`${channel}AvailableSince`] ?? item[`${channel}UnavailableSince`];
}

/** Returns whether an event follows a gap: it reports other previous values than those stored, or is a repair. */
export function isGap(before: ExpectedItem | undefined, after: ExpectedItem): boolean {
  const reported = asObject(after["reportedPrevious"]);
  const status = asObject(before?.["status"]);
  const differs = (name: string, value: unknown) =>
    reported[name] !== undefined && reported[name] !== value;
  return (
    before !== undefined &&
    (after["origin"] === "reconcile" ||
      differs("statusId", status["id"]) ||
      differs("statusSince", status["since"]))
  );
}

const stateIn = ({ loggedIn, status, channels }: ExpectedItem) =>
  compact({ loggedIn, status, channels });

/** A repair of an availability item has the time of the change in Freshdesk, which is newer than the last event. */
export function occurredAtOf({ origin, reconciledAt, updatedAt }: ExpectedItem): unknown {
  return origin === "reconcile" ? (reconciledAt ?? updatedAt) : updatedAt;
}

/** Returns an event of a write. Adds the metadata that every event has. */
export function eventOf(
  after: ExpectedItem,
  detailType: string,
  { metadata, ...detail }: Json,
  suffix = "",
): ExpectedEvent {
  const { accountId, availabilityId, version, origin, domain, region, webhookId } = after;
  const place = `${String(accountId)}/${String(availabilityId)}/{epoch}/${String(version)}`;
  const common = { schemaVersion: 1, version, origin, domain, region, webhookId };
  return {
    id: `${place}/${detailType.replaceAll(" ", "")}${suffix}`,
    detailType,
    detail: compact({
      metadata: compact({ ...common, ...asObject(metadata) }),
      accountId,
      ...detail,
    }),
  };
}

/** The part of the detail that all events of an availability or `user:` item have. */
function commonDetail(after: ExpectedItem, gap: boolean): Json {
  const agentIds = Object.entries(asObject(after["channels"])).map(
    ([channel, entry]): [string, unknown] => [channel, asObject(entry)["agentId"]],
  );
  const { availabilityId, userId, actor } = after;
  return {
    metadata: { occurredAt: occurredAtOf(after), gap },
    agent: { availabilityId, userId, ids: compact(Object.fromEntries(agentIds)) },
    actor: actor === undefined ? undefined : compact({ ...asObject(actor), name: undefined }),
  };
}

/** The parts of an item that an event names if they changed, with their attributes. */
const PARTS = {
  status: ["status"],
  loggedIn: ["loggedIn"],
  channels: ["channels"],
  profile: ["name", "email"],
} as const;

function changedParts(before: ExpectedItem = { channels: {} }, after: ExpectedItem): string[] {
  return Object.entries(PARTS).flatMap(([part, names]) =>
    names.every((name) => isSame(before[name], after[name])) ? [] : [part],
  );
}

/** Returns the details of the status event; undefined if the status is the same. */
function statusDetail(before: ExpectedItem | undefined, after: ExpectedItem, gap: boolean) {
  const [status, old] = [asObject(after["status"]), asObject(before?.["status"])];
  if (status["id"] === undefined || status["id"] === old["id"]) {
    return undefined;
  }
  const durationMs = gap ? undefined : msBetween(old["since"], status["since"]);
  return { status, previous: before && compact({ status: before["status"], durationMs }) };
}

/** Returns the details of a channel's event; undefined if its availability is the same. */
function channelDetail(
  before: ExpectedItem | undefined,
  after: ExpectedItem,
  gap: boolean,
  channel: string,
) {
  const availableIn = (item: ExpectedItem | undefined) =>
    asObject(asObject(item?.["channels"])[channel])["available"];
  const [old, available] = [availableIn(before), availableIn(after)];
  if (available === undefined || available === old) {
    return undefined;
  }
  const isMeasured = old !== undefined && !gap && KNOWN_CHANNELS.includes(channel);
  const durationMs =
    before && isMeasured ? msBetween(sinceIn(before, channel), sinceIn(after, channel)) : undefined;
  return { channel, available, previous: before && compact({ available: old, durationMs }) };
}

/** Returns the events of one applied change. */
export function eventsOf(before: ExpectedItem | undefined, after: ExpectedItem): ExpectedEvent[] {
  const gap = isGap(before, after);
  const common = commonDetail(after, gap);
  const event = (detailType: string, more: Json | undefined, suffix?: string): ExpectedEvent[] =>
    more === undefined ? [] : [eventOf(after, detailType, { ...common, ...more }, suffix)];
  const channels = Object.keys(asObject(after["channels"])).toSorted();
  return [
    ...event("Agent Availability Changed", {
      changed: changedParts(before, after),
      ...stateIn(after),
      previous: before && stateIn(before),
    }),
    ...event("Agent Status Changed", statusDetail(before, after, gap)),
    ...channels.flatMap((channel) =>
      event(
        "Agent Channel Availability Changed",
        channelDetail(before, after, gap, channel),
        `/${channel}`,
      ),
    ),
  ];
}
