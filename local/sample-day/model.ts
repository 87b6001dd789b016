import { createHash } from "node:crypto";

/**
 * What the hub has to come to, by its public documents alone (docs/use/api.md, docs/use/table.md, docs/use/events.md).
 *
 * Shares no code with the hub: agreement between the two is worth something only if nobody copied.
 */

/** JSON that came from outside. */
type Json = Readonly<Record<string, unknown>>;

/** What became of an event. */
export type Judgement = "applied" | "duplicate" | "stale";

/** An item as it has to be, but for what only the hub can know. */
export type ExpectedItem = Record<string, unknown>;

/** An event as it has to be: its detail, with `{epoch}` in the id, and without what only the hub can know. */
export interface ExpectedEvent {
  readonly id: string;
  readonly detailType: string;
  readonly detail: Json;
}

const KNOWN = ["freshdesk", "freshchat", "freshcaller"];

function object(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Json)
    : {};
}

function without(values: Json): Json {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function id(value: unknown): string | undefined {
  return typeof value === "number"
    ? Number.isSafeInteger(value)
      ? String(value)
      : undefined
    : text(value);
}

function iso(value: unknown): string | undefined {
  const written = text(value)?.replace(/^(\S+) (\S+) UTC$/, "$1T$2Z");
  const time = written === undefined ? Number.NaN : Date.parse(written);
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}

function truth(value: unknown): boolean | undefined {
  return value === true || value === "true"
    ? true
    : value === false || value === "false"
      ? false
      : undefined;
}

/** RFC 8785, for strings, booleans and objects of them. */
function canonical(value: unknown): string {
  if (typeof value !== "object" || value === null) {
    return JSON.stringify(value);
  }
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .toSorted(([first], [second]) => (first < second ? -1 : 1))
    .map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`);
  return `{${members.join(",")}}`;
}

function hash(content: Json): string {
  return createHash("sha256")
    .update(canonical(content))
    .digest()
    .subarray(0, 16)
    .toString("base64url");
}

function channelsIn(list: unknown): Record<string, Json> {
  const entries = (Array.isArray(list) ? list : []).map(object).map((entry) => [
    String(entry["channel"]),
    without({
      available: truth(entry["available"]),
      agentId: id(entry["agent_id"]),
      channelAccountId: id(entry["channel_account_id"]),
    }),
  ]);
  return Object.fromEntries(entries) as Record<string, Json>;
}

function microseconds(timestamp: unknown, updatedAt: string): number {
  const number = Number(timestamp ?? Number.NaN);
  return Number.isFinite(number)
    ? Math.round(number * (number < 1e11 ? 1e6 : 1e3))
    : Date.parse(updatedAt) * 1000;
}

/** A payload as the table has to show it. */
function understood(payload: Json) {
  const data = object(payload["data"]);
  const agent = object(data["agent_availability"]);
  const association = object(object(data["associations"])["status"]);
  const actor = object(data["actor"]);
  const changes = object(object(data["changes"])["model_changes"]);
  const [statusBefore] = Array.isArray(changes["status_id"])
    ? (changes["status_id"] as unknown[])
    : [];
  const [sinceBefore] = Array.isArray(changes["status_updated_at"])
    ? (changes["status_updated_at"] as unknown[])
    : [];
  const [channelsBefore, channelsAfter] = Array.isArray(changes["channel_availability"])
    ? (changes["channel_availability"] as unknown[])
    : [];
  const statusId = id(agent["status_id"]) ?? id(association["id"]);
  const updatedAt = iso(agent["updated_at"]) ?? "";
  const actorId = id(actor["id"]);
  const content = without({
    name: text(agent["name"]),
    email: (text(agent["Email"]) ?? text(agent["email"]))?.toLowerCase(),
    loggedIn: truth(agent["logged_in"]),
    status:
      statusId === undefined
        ? undefined
        : without({
            id: statusId,
            name:
              (id(association["id"]) ?? statusId) === statusId
                ? text(association["name"])
                : undefined,
            since: iso(agent["status_updated_at"]),
          }),
    channels: channelsIn(agent["channel_availability"]),
    actor:
      actor["type"] === "agent" || actor["type"] === "system"
        ? without({
            type: actor["type"],
            id: actorId === "0" ? undefined : actorId,
            name: text(actor["name"]),
          })
        : undefined,
  });
  const stated = without({ statusId: id(statusBefore), statusSince: iso(sinceBefore) });
  const host =
    text(object(object(payload["currentHost"])["endpoint_urls"])["freshdesk"]) ??
    text(payload["domain"]);
  return {
    key: { accountId: id(agent["account_id"]) ?? "", availabilityId: id(agent["id"]) ?? "" },
    order: {
      updatedAt,
      eventTimestamp: microseconds(payload["timestamp"], updatedAt),
      contentHash: hash(content),
    },
    content,
    rest: without({
      domain: host?.replace(/^https:\/\//, ""),
      region: text(payload["region"]),
      createdAt: iso(agent["created_at"]),
      reportedPrevious: Object.keys(stated).length > 0 ? stated : undefined,
    }),
    opened: (channel: string) => {
      const before = channelsIn(channelsBefore)[channel]?.["available"];
      const after = channelsIn(channelsAfter)[channel]?.["available"];
      return before !== undefined && after !== undefined && before !== after;
    },
  };
}

type Understood = ReturnType<typeof understood>;

function sinceAttributes(
  { content, order, opened }: Understood,
  before: ExpectedItem | undefined,
): Json {
  const attributes = KNOWN.flatMap((channel) => {
    const entry = object(object(content["channels"])[channel]);
    const available = entry["available"];
    const name = `${channel}${available === true ? "Available" : "Unavailable"}Since`;
    const since = opened(channel) ? order.updatedAt : (before?.[name] ?? order.updatedAt);
    return [
      [`${channel}AgentId`, entry["agentId"]],
      ...(available === undefined ? [] : [[name, since]]),
    ];
  });
  return without(Object.fromEntries(attributes) as Json);
}

function compare(first: Understood["order"], second: ExpectedItem): number {
  const places = ["updatedAt", "eventTimestamp", "contentHash"] as const;
  for (const place of places) {
    const [one, other] = [first[place], second[place] as string | number];
    if (one !== other) {
      return one < other ? -1 : 1;
    }
  }
  return 0;
}

function same(first: unknown, second: unknown): boolean {
  return (
    canonical(first ?? {}) === canonical(second ?? {}) &&
    (first === undefined) === (second === undefined)
  );
}

function between(from: unknown, to: unknown): number | undefined {
  const milliseconds = Date.parse(String(to)) - Date.parse(String(from));
  return Number.isNaN(milliseconds) || milliseconds < 0 ? undefined : milliseconds;
}

function sinceOf(item: ExpectedItem, channel: string): unknown {
  return item[`${channel}AvailableSince`] ?? item[`${channel}UnavailableSince`];
}

function isGap(before: ExpectedItem | undefined, after: ExpectedItem): boolean {
  const stated = object(after["reportedPrevious"]);
  const was = object(before?.["status"]);
  const differs = (name: string, value: unknown) =>
    stated[name] !== undefined && stated[name] !== value;
  return (
    before !== undefined && (differs("statusId", was["id"]) || differs("statusSince", was["since"]))
  );
}

const known = (item: ExpectedItem) =>
  without({ loggedIn: item["loggedIn"], status: item["status"], channels: item["channels"] });

/** The events of one applied change. */
export function eventsOf(before: ExpectedItem | undefined, after: ExpectedItem): ExpectedEvent[] {
  const gap = isGap(before, after);
  const channels = object(after["channels"]);
  const actor =
    after["actor"] === undefined
      ? undefined
      : without({ ...object(after["actor"]), name: undefined });
  const ids = Object.entries(channels).flatMap(([name, entry]) =>
    object(entry)["agentId"] === undefined ? [] : [[name, object(entry)["agentId"]]],
  );
  const event = (detailType: string, more: Json, channel?: string): ExpectedEvent => {
    const name = `${detailType.replaceAll(" ", "")}${channel === undefined ? "" : `/${channel}`}`;
    const place = `${String(after["accountId"])}/${String(after["availabilityId"])}`;
    return {
      id: `${place}/{epoch}/${String(after["version"])}/${name}`,
      detailType,
      detail: without({
        metadata: without({
          schemaVersion: 1,
          version: after["version"],
          occurredAt: after["updatedAt"],
          origin: "relay",
          gap,
          domain: after["domain"],
          region: after["region"],
          webhookId: after["webhookId"],
        }),
        accountId: after["accountId"],
        agent: { availabilityId: after["availabilityId"], ids: Object.fromEntries(ids) as Json },
        actor,
        ...more,
      }),
    };
  };
  const changed = [
    ...(same(before?.["status"], after["status"]) ? [] : ["status"]),
    ...(before?.["loggedIn"] === after["loggedIn"] ? [] : ["loggedIn"]),
    ...(same(before?.["channels"] ?? {}, channels) ? [] : ["channels"]),
    ...(before?.["name"] === after["name"] && before?.["email"] === after["email"]
      ? []
      : ["profile"]),
  ];
  const status = object(after["status"]);
  const was = object(before?.["status"]);
  const statusEvents =
    status["id"] === undefined || status["id"] === was["id"]
      ? []
      : [
          event("Agent Status Changed", {
            status,
            previous:
              before &&
              without({
                status: before["status"],
                durationMs: gap ? undefined : between(was["since"], status["since"]),
              }),
          }),
        ];
  const channelEvents = Object.keys(channels)
    .toSorted()
    .flatMap((channel) => {
      const available = object(channels[channel])["available"];
      const earlier = object(object(before?.["channels"])[channel])["available"];
      if (available === undefined || available === earlier) {
        return [];
      }
      const measured =
        before !== undefined && earlier !== undefined && !gap && KNOWN.includes(channel);
      return [
        event(
          "Agent Channel Availability Changed",
          {
            channel,
            available,
            previous:
              before &&
              without({
                available: earlier,
                durationMs: measured
                  ? between(sinceOf(before, channel), sinceOf(after, channel))
                  : undefined,
              }),
          },
          channel,
        ),
      ];
    });
  return [
    event("Agent Availability Changed", {
      changed,
      ...known(after),
      previous: before && known(before),
    }),
    ...statusEvents,
    ...channelEvents,
  ];
}

/** How an event stands to what is stored: positive when newer, 0 when the same, negative when older. */
export function placeBeside(payload: object, stored: ExpectedItem): number {
  return compare(understood(payload as Json).order, stored);
}

/** The agent that an event is about. */
export const agentOf = (payload: object): string => understood(payload as Json).key.availabilityId;

/** The item that an applied event leaves; `before` may be the tombstone of a forgotten agent. */
export function itemAfter(
  before: ExpectedItem | undefined,
  payload: object,
  webhookId: string,
): ExpectedItem {
  const change = understood(payload as Json);
  return {
    ...change.key,
    version: Number(before?.["version"] ?? 0) + 1,
    ...change.order,
    ...change.content,
    ...change.rest,
    ...sinceAttributes(change, before),
    webhookId,
    origin: "relay",
  };
}

/** The hub, as its documents have it: deliveries in, items and events out. */
export function createModel() {
  const items = new Map<string, ExpectedItem>();
  const events = new Map<string, ExpectedEvent>();
  return {
    items,
    events,
    /** Takes one event, as the hub has to. */
    take(
      payload: object,
      webhookId: string,
    ): { readonly judgement: Judgement; readonly version: number } {
      const { key } = understood(payload as Json);
      const place = `${key.accountId}/${key.availabilityId}`;
      const before = items.get(place);
      const comparison = before === undefined ? 1 : placeBeside(payload, before);
      if (comparison <= 0) {
        return {
          judgement: comparison === 0 ? "duplicate" : "stale",
          version: Number(before?.["version"]),
        };
      }
      const after = itemAfter(before, payload, webhookId);
      items.set(place, after);
      for (const event of eventsOf(before, after)) {
        events.set(event.id, event);
      }
      return { judgement: "applied", version: Number(after["version"]) };
    },
    /** Places a change among others, to sort an agent's list as the hub does. */
    timeOf(payload: object): string {
      const { order } = understood(payload as Json);
      return `${order.updatedAt} ${String(order.eventTimestamp).padStart(20, "0")}`;
    },
    agentOf,
  };
}

/** @see createModel */
export type Model = ReturnType<typeof createModel>;
