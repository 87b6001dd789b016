import type { ExpectedItem } from "./expected-item.ts";

/** A person of an account, as a lookup must return it. */
export interface ExpectedAgent {
  readonly availabilityId: unknown;
  readonly userId?: unknown;
  readonly name?: unknown;
  readonly email?: unknown;
  /** The effective login state. */
  readonly loggedIn?: unknown;
  readonly status?: unknown;
  readonly channels?: unknown;
}

export const keyIn = (item: ExpectedItem) => String(item["availabilityId"]);
const isSession = (item: ExpectedItem) => keyIn(item).startsWith("session:");
export const isAvailabilityItem = (item: ExpectedItem) => !keyIn(item).includes(":");
const timeIn = (item: ExpectedItem) => Number(item["eventTimestamp"]);
const newestFirst = (items: readonly ExpectedItem[]) =>
  items.toSorted((first, second) => timeIn(second) - timeIn(first));

/** Returns the user ID to which each address belongs: the last one that had it and has had no other address since. */
function userIdsByEmail(items: readonly ExpectedItem[]): ReadonlyMap<unknown, unknown> {
  const identified = items.filter(
    ({ userId, email }) => userId !== undefined && email !== undefined,
  );
  const userItems = new Map(
    newestFirst(identified)
      .toReversed()
      .map((item): [unknown, ExpectedItem] => [item["userId"], item]),
  );
  const newest = newestFirst([...userItems.values()]).toReversed();
  return new Map(newest.map(({ userId, email }) => [email, userId]));
}

/** The session counts if it is not older than the item, or if the item has no login state. */
export function effectiveLogin(item: ExpectedItem, session: ExpectedItem | undefined): unknown {
  const isOlder = session !== undefined && timeIn(session) < timeIn(item);
  return session === undefined || (isOlder && item["loggedIn"] !== undefined)
    ? item["loggedIn"]
    : session["loggedIn"];
}

function agentOf(items: readonly ExpectedItem[], userId: unknown): ExpectedAgent[] {
  const newest = newestFirst(items);
  const item = newest.find(isAvailabilityItem) ?? newest.find((each) => !isSession(each));
  if (item === undefined) {
    return [];
  }
  const { availabilityId, name, email, status, channels } = item;
  const loggedIn = effectiveLogin(item, newest.find(isSession));
  return [{ availabilityId, userId, name, email, loggedIn, status, channels }];
}

/** Joins the items of an account, without tombstones: one person, one agent. */
export function joinedAgents(items: readonly ExpectedItem[]): ExpectedAgent[] {
  const userIds = userIdsByEmail(items);
  const personOf = (item: ExpectedItem) => item["userId"] ?? userIds.get(item["email"]);
  const people = Map.groupBy(items, (item) => personOf(item) ?? item["email"] ?? keyIn(item));
  return [...people.values()].flatMap((own) => {
    const known = own.map(personOf).find((userId) => userId !== undefined);
    return agentOf(own, known);
  });
}
