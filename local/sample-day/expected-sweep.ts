import type { FreshdeskAgent } from "../freshdesk-api/state.ts";
import { isAvailabilityItem, keyIn } from "./expected-agents.ts";
import type { ExpectedItem } from "./expected-item.ts";
import { sessionWrite, type Sweep, type SweepWrite, userWrite } from "./expected-sweep-people.ts";
import { compact, type Json, asObject } from "./json.ts";

const SETTLED_MS = 60_000;

const timeText = (milliseconds: number) => new Date(milliseconds).toISOString();
const sameSecond = (first: unknown, second: unknown) =>
  String(first).slice(0, 19) === String(second).slice(0, 19);

function ticketAttributes(item: ExpectedItem, available: boolean, since: string): Json {
  const channels = asObject(item["channels"]);
  return {
    channels: { ...channels, freshdesk: { ...asObject(channels["freshdesk"]), available } },
    freshdeskAvailableSince: available ? since : undefined,
    freshdeskUnavailableSince: available ? undefined : since,
  };
}

/** Returns the facts that Freshdesk shows and that differ from an availability item. */
function differingFacts(item: ExpectedItem, agent: FreshdeskAgent, items: readonly ExpectedItem[]) {
  const { statusId, statusUpdatedAt, available, availabilityUpdatedAt } = agent;
  const status = asObject(item["status"]);
  const facts: Record<string, unknown> = {};
  if (statusId !== undefined && statusUpdatedAt !== undefined) {
    const id = String(statusId);
    const since = timeText(statusUpdatedAt);
    const named = items.map((each) => asObject(each["status"])).find((each) => each["id"] === id);
    if (status["id"] !== id) {
      facts["status"] = compact({ id, name: named?.["name"], since });
    } else if (!sameSecond(status["since"], since)) {
      facts["status"] = { ...status, since };
    }
  }
  const stored = asObject(asObject(item["channels"])["freshdesk"])["available"];
  if (availabilityUpdatedAt !== undefined && stored !== available) {
    Object.assign(facts, ticketAttributes(item, available, timeText(availabilityUpdatedAt)));
  }
  return facts;
}

/**
 * An item gets the user ID of the agent with its address if its last event arrived a minute before the
 * request.
 */
function userIdAfter(item: ExpectedItem, agent: FreshdeskAgent, sweep: Sweep): unknown {
  if (item["userId"] !== undefined) {
    return item["userId"];
  }
  const { receivedAt, userId } = sweep.itemsAfter.get(`${sweep.accountId}/${keyIn(item)}`) ?? {};
  const received = Date.parse(String(receivedAt));
  const userIdOfAgent = String(agent.userId);
  if (sweep.from.getTime() - received > SETTLED_MS) {
    return userIdOfAgent;
  }
  // The request was made at an unknown time during the sweep.
  const isPossible = sweep.until.getTime() - received > SETTLED_MS;
  return isPossible && userId === userIdOfAgent ? userIdOfAgent : undefined;
}

/** A repair has neither an actor nor a relay delivery. */
const REPAIR_ATTRIBUTES = { actor: undefined, webhookId: undefined, origin: "reconcile" };

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
  const after = compact({
    ...item,
    ...(isRepair && { ...REPAIR_ATTRIBUTES, ...differing, version: Number(item["version"]) + 1 }),
    ...(isNewer && { reconciledAt: timeText(newest) }),
    userId,
    reportedPrevious: undefined,
  });
  return [{ key: keyIn(item), after, isChange: isRepair }];
}

/**
 * Returns the writes of a sweep as docs/use/reconcile.md describes it. Freshdesk must show every agent, and every
 * change must be at least a minute old.
 *
 * @param items the account's items without tombstones.
 */
export function sweepWrites(items: readonly ExpectedItem[], sweep: Sweep): SweepWrite[] {
  const byKey = new Map(items.map((item) => [keyIn(item), item]));
  return sweep.agents.flatMap((agent) => {
    const [userId, email] = [String(agent.userId), agent.email.toLowerCase()];
    const own = items
      .filter(isAvailabilityItem)
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
