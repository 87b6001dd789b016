import type { FreshdeskAgent } from "../freshdesk-api/state.ts";
import type { ExpectedItem } from "./expected-item.ts";
import { canonicalJson, compact, type Json } from "./json.ts";
import { contentHashOf } from "./payload-values.ts";

/** A sweep that has ended: the agents that Freshdesk showed, and the period. */
export interface Sweep {
  readonly accountId: string;
  readonly domain: string;
  readonly agents: readonly FreshdeskAgent[];
  /** Whether the account's plan shows statuses and logins. */
  readonly hasAvailability: boolean;
  readonly from: Date;
  readonly until: Date;
  /** The items after the sweep, by `{accountId}/{availabilityId}`: used only for times that only the hub can know. */
  readonly itemsAfter: ReadonlyMap<string, Json>;
}

/** An item that a sweep writes, and the item after the write. */
export interface SweepWrite {
  readonly key: string;
  readonly after: ExpectedItem;
  /** Whether the write is a change, which has a version and events. */
  readonly isChange: boolean;
}

const timeText = (milliseconds: number) => new Date(milliseconds).toISOString();
const timeOf = (item: ExpectedItem | undefined) => Number(item?.["eventTimestamp"] ?? 0);

/** Returns the attributes of every `user:` and session item of a sweep. Their time is that of the request. */
function commonAttributes(key: string, before: ExpectedItem | undefined, sweep: Sweep): Json {
  const { accountId, domain, from, until, itemsAfter } = sweep;
  const time = Date.parse(String(itemsAfter.get(`${accountId}/${key}`)?.["updatedAt"]));
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
export function userWrite(
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
  if (canonicalJson({ name: storedName, email, channels }) === canonicalJson(content)) {
    return [];
  }
  const key = `user:${agent.userId}`;
  const common = commonAttributes(key, before, sweep);
  const since =
    availabilityUpdatedAt === undefined ? common["updatedAt"] : timeText(availabilityUpdatedAt);
  const known = available ? "freshdeskAvailableSince" : "freshdeskUnavailableSince";
  const after = {
    ...common,
    contentHash: contentHashOf(content),
    userId: String(agent.userId),
    ...content,
    // If the channel has not changed, its time is known.
    [known]: before?.[known] ?? since,
  };
  return [{ key, after, isChange: true }];
}

/** Returns the write of the person's session, if another login state is in effect. */
export function sessionWrite(
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
  const after = compact({
    ...commonAttributes(key, before, sweep),
    contentHash: contentHashOf({ email, loggedIn }),
    userId: String(agent.userId),
    email,
    loggedIn,
    since: before?.["loggedIn"] === loggedIn ? before["since"] : undefined,
  });
  return [{ key, after, isChange: true }];
}
