import { compareChanges } from "../../functions/availability/change.ts";
import { effectiveLogin } from "../../functions/availability/effective-login.ts";
import { isAvailabilityItem, userKey } from "../../functions/availability/item-kind.ts";
import {
  type AgentState,
  isAgent,
  isSession,
  type SessionState,
} from "../../functions/availability/state.ts";

/** A stored item that is not a tombstone. */
export type LiveItem = AgentState | SessionState;

/** The items of one person, joined. */
export interface JoinedAgent {
  /** The person's newest availability item; without one, the `user:` item. */
  readonly item: AgentState;
  /** The keys of all items of the person. */
  readonly keys: readonly string[];
  readonly userId?: string | undefined;
  /** The effective login state; absent if unknown. */
  readonly loggedIn?: boolean | undefined;
  /** When that login state began, if a session contains it. */
  readonly loginSince?: string | undefined;
  /** Epoch milliseconds of the last change of the agent or the login state. The history contains no later change. */
  readonly changedAt: number;
}

/** The facts that determine which person an item belongs to. */
export type PersonFacts = Pick<LiveItem, "availabilityId" | "userId" | "email" | "eventTimestamp">;

/** The email address of a user ID in an item. */
interface UserEmail {
  readonly userId: string;
  readonly email: string;
  /** Epoch microseconds at which the event was raised. */
  readonly at: number;
}

/** Equally new items are ordered by key, so that the order of reading does not matter. */
function isNewer<Item extends LiveItem>(item: Item, other: Item): boolean {
  const comparison = compareChanges(item, other);
  return comparison === 0 ? item.availabilityId > other.availabilityId : comparison > 0;
}

function newest<Item extends LiveItem>(items: readonly Item[]): Item | undefined {
  return items.reduce<Item | undefined>(
    (found, item) => (found === undefined || isNewer(item, found) ? item : found),
    undefined,
  );
}

function isNewerEmail(email: UserEmail, other: UserEmail): boolean {
  return email.at === other.at
    ? `${email.email} ${email.userId}` > `${other.email} ${other.userId}`
    : email.at > other.at;
}

function readUserEmail({ userId, email, eventTimestamp }: PersonFacts): UserEmail[] {
  return userId === undefined || email === undefined ? [] : [{ userId, email, at: eventTimestamp }];
}

function newestBy(emails: readonly UserEmail[], key: "userId" | "email"): Map<string, UserEmail> {
  const found = new Map<string, UserEmail>();
  for (const email of emails) {
    const known = found.get(email[key]);
    if (known === undefined || isNewerEmail(email, known)) {
      found.set(email[key], email);
    }
  }
  return found;
}

/** Returns the newest email address of each user ID in the items. */
export function emailsByUserId(items: Iterable<LiveItem>): ReadonlyMap<string, { email: string }> {
  return newestBy([...items].flatMap(readUserEmail), "userId");
}

/**
 * Returns a function that identifies the person of an item: by user ID, else by email address, else by the
 * item's own key. Each user ID has the address of its newest item. An address of several user IDs belongs to the
 * one with the newest item.
 */
function createPersonOf(items: readonly PersonFacts[]) {
  const current = [...newestBy(items.flatMap(readUserEmail), "userId").values()];
  const owners = newestBy(current, "email");
  return ({ userId, email = "", availabilityId }: PersonFacts) => {
    const owner = userId ?? owners.get(email)?.userId;
    const fallbackKey = email === "" ? `item:${availabilityId}` : `email:${email}`;
    return { userId: owner, key: owner === undefined ? fallbackKey : userKey(owner) };
  };
}

/** A snapshot that repairs an item, or agrees with it, does not change `updatedAt`, so `reconciledAt` counts too. */
function changedAtOf(item: AgentState, session: SessionState | undefined): number {
  const { updatedAt, reconciledAt = updatedAt } = item;
  const times = [updatedAt, reconciledAt, session?.updatedAt ?? updatedAt];
  return Math.max(...times.map((time) => Date.parse(time)));
}

function agentOf(items: readonly LiveItem[], userId: string | undefined): JoinedAgent[] {
  const states = items.filter(isAgent);
  const item = newest(states.filter(isAvailabilityItem)) ?? newest(states);
  if (item === undefined) {
    // A session alone is not an agent.
    return [];
  }
  const session = newest(items.filter(isSession));
  const login = effectiveLogin(item, session);
  const keys = items.map(({ availabilityId }) => availabilityId);
  const changedAt = changedAtOf(item, session);
  return [{ item, keys, userId, loggedIn: login?.loggedIn, loginSince: login?.since, changedAt }];
}

/** The items of one person; the user ID is absent until known. */
interface Person<Item> {
  readonly userId: string | undefined;
  readonly items: Item[];
}

/** Groups the items of one account by person. A person may have only a session. */
export function groupByPerson<Item extends PersonFacts>(items: readonly Item[]): Person<Item>[] {
  const personOf = createPersonOf(items);
  const people = new Map<string, Person<Item>>();
  for (const item of items) {
    const { key, userId } = personOf(item);
    const person = people.get(key) ?? { userId, items: [] };
    person.items.push(item);
    people.set(key, person);
  }
  return [...people.values()];
}

/**
 * Joins the items of one account: one person, one agent. Pure; the order of the items does not matter.
 *
 * @param items each item of the account at most once.
 */
export function joinItems(items: readonly LiveItem[]): JoinedAgent[] {
  return groupByPerson(items).flatMap((person) => agentOf(person.items, person.userId));
}
