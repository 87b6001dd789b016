import { compareChanges } from "../../functions/availability/change.ts";
import { effectiveLogin } from "../../functions/availability/effective-login.ts";
import { kindOf, userKey } from "../../functions/availability/item-kind.ts";
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
  /** When that login state began, if a session states it. */
  readonly loginSince?: string | undefined;
  /** When the agent or the login state changed last: epoch milliseconds. The history has no later change of them. */
  readonly changedAt: number;
}

/** The facts that determine which person an item belongs to. */
export type PersonFacts = Pick<LiveItem, "availabilityId" | "userId" | "email" | "eventTimestamp">;

/** An email address that an item states for a user ID. */
interface Statement {
  readonly userId: string;
  readonly email: string;
  /** Epoch microseconds at which the event was raised. */
  readonly at: number;
}

/** Items that are equally new are ordered by key, so that the order of reading does not matter. */
function isNewer<Item extends LiveItem>(item: Item, than: Item): boolean {
  const comparison = compareChanges(item, than);
  return comparison === 0 ? item.availabilityId > than.availabilityId : comparison > 0;
}

function newest<Item extends LiveItem>(items: readonly Item[]): Item | undefined {
  return items.reduce<Item | undefined>(
    (found, item) => (found === undefined || isNewer(item, found) ? item : found),
    undefined,
  );
}

function isNewerStatement(statement: Statement, than: Statement): boolean {
  return statement.at === than.at
    ? `${statement.email} ${statement.userId}` > `${than.email} ${than.userId}`
    : statement.at > than.at;
}

function readStatement({ userId, email, eventTimestamp }: PersonFacts): Statement[] {
  return userId === undefined || email === undefined ? [] : [{ userId, email, at: eventTimestamp }];
}

function newestBy(
  statements: readonly Statement[],
  key: "userId" | "email",
): Map<string, Statement> {
  const found = new Map<string, Statement>();
  for (const statement of statements) {
    const known = found.get(statement[key]);
    if (known === undefined || isNewerStatement(statement, known)) {
      found.set(statement[key], statement);
    }
  }
  return found;
}

/** Returns the newest email address that the items state for each user ID. */
export function emailsByUserId(items: Iterable<LiveItem>): ReadonlyMap<string, { email: string }> {
  return newestBy([...items].flatMap(readStatement), "userId");
}

/**
 * Returns the function that identifies the person of an item: by user ID, else by email address, else by the
 * item's own key. An address belongs to the user ID that stated it last, and only if that user ID has not
 * stated another one since.
 */
function createPersonOf(items: readonly PersonFacts[]) {
  const current = [...newestBy(items.flatMap(readStatement), "userId").values()];
  const owners = newestBy(current, "email");
  return ({ userId, email = "", availabilityId }: PersonFacts) => {
    const known = userId ?? owners.get(email)?.userId;
    const unknown = email === "" ? `item:${availabilityId}` : `email:${email}`;
    return { userId: known, key: known === undefined ? unknown : userKey(known) };
  };
}

const isAvailability = ({ availabilityId }: LiveItem) => kindOf(availabilityId) === "availability";

/** A snapshot that repairs an item, or agrees with it, leaves the time of the last event. */
function changedAtOf(item: AgentState, session: SessionState | undefined): number {
  const { updatedAt, reconciledAt = updatedAt } = item;
  const times = [updatedAt, reconciledAt, session?.updatedAt ?? updatedAt];
  return Math.max(...times.map((time) => Date.parse(time)));
}

function agentOf(items: readonly LiveItem[], userId: string | undefined): JoinedAgent[] {
  const states = items.filter(isAgent);
  const item = newest(states.filter(isAvailability)) ?? newest(states);
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
