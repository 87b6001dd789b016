import type { FreshdeskAgent } from "../freshdesk-api/state.ts";
import type { ExpectedItem } from "./expected-item.ts";
import { canonical, defined, type Json, object } from "./json.ts";
import { hash } from "./payload-values.ts";

/** A sweep that has ended: what Freshdesk showed, and when. */
export interface Sweep {
  readonly accountId: string;
  readonly domain: string;
  readonly agents: readonly FreshdeskAgent[];
  /** Whether the account's plan shows statuses and logins. */
  readonly hasAvailability: boolean;
  readonly from: Date;
  readonly until: Date;
  /** The items after the sweep, by `{accountId}/{availabilityId}`: only for times that the hub alone can know. */
  readonly observed: ReadonlyMap<string, Json>;
}

/** An item that a sweep writes, and the item after the write. */
export interface SweepWrite {
  readonly key: string;
  readonly after: ExpectedItem;
  /** Whether the write is a change, which has a version and events. */
  readonly isChange: boolean;
}

const SETTLED_MS = 60_000;

const timeText = (milliseconds: number) => new Date(milliseconds).toISOString();
const keyIn = (item: ExpectedItem) => String(item["availabilityId"]);
const isAvailability = (item: ExpectedItem) => !keyIn(item).includes(":");
const timeOf = (item: ExpectedItem | undefined) => Number(item?.["eventTimestamp"] ?? 0);
const sameSecond = (first: unknown, second: unknown) =>
  String(first).slice(0, 19) === String(second).slice(0, 19);

/** The attributes of the ticket channel. */
function ticketAttributes(item: ExpectedItem, available: boolean, since: string): Json {
  const channels = object(item["channels"]);
  return {
    channels: { ...channels, freshdesk: { ...object(channels["freshdesk"]), available } },
    freshdeskAvailableSince: available ? since : undefined,
    freshdeskUnavailableSince: available ? undefined : since,
  };
}

/** Returns the facts of an availability item that differ from what Freshdesk shows, as Freshdesk shows them. */
function differingFacts(item: ExpectedItem, agent: FreshdeskAgent, items: readonly ExpectedItem[]) {
  const { statusId, statusUpdatedAt, available, availabilityUpdatedAt } = agent;
  const status = object(item["status"]);
  const facts: Record<string, unknown> = {};
  if (statusId !== undefined && statusUpdatedAt !== undefined) {
    const id = String(statusId);
    const since = timeText(statusUpdatedAt);
    const named = items.map((each) => object(each["status"])).find((each) => each["id"] === id);
    if (status["id"] !== id) {
      facts["status"] = defined({ id, name: named?.["name"], since });
    } else if (!sameSecond(status["since"], since)) {
      facts["status"] = { ...status, since };
    }
  }
  const stored = object(object(item["channels"])["freshdesk"])["available"];
  if (availabilityUpdatedAt !== undefined && stored !== available) {
    Object.assign(facts, ticketAttributes(item, available, timeText(availabilityUpdatedAt)));
  }
  return facts;
}

/** An item learns the user ID of the agent with its address if its last event arrived a minute before the request. */
function userIdAfter(item: ExpectedItem, agent: FreshdeskAgent, sweep: Sweep): unknown {
  if (item["userId"] !== undefined) {
    return item["userId"];
  }
  const { receivedAt, userId } = sweep.observed.get(`${sweep.accountId}/${keyIn(item)}`) ?? {};
  const received = Date.parse(String(receivedAt));
  const learned = String(agent.userId);
  if (sweep.from.getTime() - received > SETTLED_MS) {
    return learned;
  }
  // The request was made at some time in between.
  const isPossible = sweep.until.getTime() - received > SETTLED_MS;
  return isPossible && userId === learned ? learned : undefined;
}

/** A repair has no actor, and no delivery of the relay. */
const REPAIRED = { actor: undefined, webhookId: undefined, origin: "reconcile" };

function newestTimeOf({ statusUpdatedAt = 0, availabilityUpdatedAt = 0 }: FreshdeskAgent): number {
  return Math.max(statusUpdatedAt, availabilityUpdatedAt);
}

/** Returns the write of the person's availability item. */
function availabilityWrite(
  item: ExpectedItem,
  agent: FreshdeskAgent,
  items: readonly ExpectedItem[],
  sweep: Sweep,
): SweepWrite[] {
  const newest = newestTimeOf(agent);
  const age = newest - Date.parse(String(item["updatedAt"]));
  const differing = age >= 0 ? differingFacts(item, agent, items) : {};
  const isRepair = Object.keys(differing).length > 0;
  const isNewer = isRepair || age > 0;
  const userId = userIdAfter(item, agent, sweep);
  if (!isNewer && userId === item["userId"]) {
    return [];
  }
  const after = defined({
    ...item,
    ...(isRepair && { ...REPAIRED, ...differing, version: Number(item["version"]) + 1 }),
    ...(isNewer && { reconciledAt: timeText(newest) }),
    userId,
    reportedPrevious: undefined,
  });
  return [{ key: keyIn(item), after, isChange: isRepair }];
}

/** Returns what every `user:` and session item of a sweep has. Its time is that of the request. */
function commonAttributes(key: string, before: ExpectedItem | undefined, sweep: Sweep): Json {
  const { accountId, domain, from, until, observed } = sweep;
  const time = Date.parse(String(observed.get(`${accountId}/${key}`)?.["updatedAt"]));
  const isDuringSweep = time >= from.getTime() && time <= until.getTime();
  const requestedAt = isDuringSweep ? time : from.getTime();
  return {
    accountId,
    availabilityId: key,
    version: Number(before?.["version"] ?? 0) + 1,
    updatedAt: timeText(requestedAt),
    eventTimestamp: requestedAt * 1000,
    domain,
    origin: "reconcile",
  };
}

/** Returns the write of the `user:` item of a person without an availability item. */
function userWrite(
  agent: FreshdeskAgent,
  before: ExpectedItem | undefined,
  sweep: Sweep,
): SweepWrite[] {
  const { name, available, availabilityUpdatedAt } = agent;
  const content = {
    name,
    email: agent.email.toLowerCase(),
    channels: { freshdesk: { available } },
  };
  const { name: storedName, email, channels } = before ?? {};
  if (canonical({ name: storedName, email, channels }) === canonical(content)) {
    return [];
  }
  const key = `user:${agent.userId}`;
  const common = commonAttributes(key, before, sweep);
  const since =
    availabilityUpdatedAt === undefined ? common["updatedAt"] : timeText(availabilityUpdatedAt);
  const known = available ? "freshdeskAvailableSince" : "freshdeskUnavailableSince";
  const after = {
    ...common,
    contentHash: hash(content),
    userId: String(agent.userId),
    ...content,
    // The channel may have been as it is since before; then the time is known.
    [known]: before?.[known] ?? since,
  };
  return [{ key, after, isChange: true }];
}

/** Returns the write of the person's session, if another login state is in effect. */
function sessionWrite(
  agent: FreshdeskAgent,
  item: ExpectedItem | undefined,
  before: ExpectedItem | undefined,
  sweep: Sweep,
): SweepWrite[] {
  const { loggedIn } = agent;
  const effective = timeOf(before) >= timeOf(item) ? before : item;
  if (effective?.["loggedIn"] === loggedIn) {
    return [];
  }
  const key = `session:${agent.userId}`;
  const email = agent.email.toLowerCase();
  const after = defined({
    ...commonAttributes(key, before, sweep),
    contentHash: hash({ email, loggedIn }),
    userId: String(agent.userId),
    email,
    loggedIn,
    since: before?.["loggedIn"] === loggedIn ? before["since"] : undefined,
  });
  return [{ key, after, isChange: true }];
}

/**
 * Returns the writes of a sweep as docs/use/reconcile.md describes it, for accounts in which nobody is missing in
 * Freshdesk and no change is less than a minute old.
 *
 * @param items the account's items without tombstones.
 */
export function sweepWrites(items: readonly ExpectedItem[], sweep: Sweep): SweepWrite[] {
  const byKey = new Map(items.map((item) => [keyIn(item), item]));
  return sweep.agents.flatMap((agent) => {
    const [userId, email] = [String(agent.userId), agent.email.toLowerCase()];
    const own = items
      .filter(isAvailability)
      .find((item) =>
        item["userId"] === undefined ? item["email"] === email : item["userId"] === userId,
      );
    const session = byKey.get(`session:${userId}`);
    return [
      ...(own
        ? availabilityWrite(own, agent, items, sweep)
        : userWrite(agent, byKey.get(`user:${userId}`), sweep)),
      ...(sweep.hasAvailability ? sessionWrite(agent, own, session, sweep) : []),
    ];
  });
}
