import { emailIndex, userIdIndex } from "../../functions/store/attributes.ts";
import { type Agent, agentOf, parseLiveItem } from "./agent.ts";
import { type Index, keyOf, readIds } from "./by-key.ts";
import { emailsByUserId, groupByPerson, joinItems, type LiveItem } from "./join.ts";
import type { Item, Table } from "./table.ts";

/** Creates a collection of items that can read more items. It reads no item and no value of an index twice. */
function createCollection(table: Table, accountId: string, found: readonly LiveItem[]) {
  const items = new Map(found.map((item) => [item.availabilityId, item]));
  const queriedValues = new Set<string>();

  async function readNew(index: Index, value: string): Promise<Item[]> {
    const ids = await readIds(table, index, accountId, value);
    const keys = ids.filter((id) => !items.has(id)).map((id) => keyOf(accountId, id));
    return await table.batchGet(keys, false);
  }

  return {
    items: () => [...items.values()],

    /** Adds the items that an index has for each of the values. */
    async add(index: Index, values: readonly string[]): Promise<void> {
      const isNew = (value: string) => !queriedValues.has(`${index.name} ${value}`);
      const added = await Promise.all(
        [...new Set(values)].filter(isNew).map(async (value) => {
          queriedValues.add(`${index.name} ${value}`);
          return await readNew(index, value);
        }),
      );
      for (const item of added.flat().flatMap((each) => parseLiveItem(each) ?? [])) {
        items.set(item.availabilityId, item);
      }
    },
  };
}

type Collection = ReturnType<typeof createCollection>;

const listUserIds = (items: readonly LiveItem[]) => items.flatMap(({ userId }) => userId ?? []);
const listEmails = (items: readonly LiveItem[]) =>
  [...emailsByUserId(items).values()].map(({ email }) => email);

/**
 * Reads everything that decides how the collected items are joined: all items of their people, the items
 * with the addresses of these people, and all items of other people with such an address.
 */
async function completeCollection(collection: Collection): Promise<void> {
  await collection.add(userIdIndex, listUserIds(collection.items()));
  await collection.add(emailIndex, listEmails(collection.items()));
  await collection.add(userIdIndex, listUserIds(collection.items()));
}

export async function readByEmail(
  table: Table,
  accountId: string,
  email: string,
): Promise<readonly Agent[]> {
  const collection = createCollection(table, accountId, []);
  await collection.add(emailIndex, [email]);
  await completeCollection(collection);
  return joinItems(collection.items())
    .filter(({ item }) => item.email === email)
    .map(agentOf);
}

export async function readItemsOfUser(
  table: Table,
  accountId: string,
  userId: string,
): Promise<readonly LiveItem[]> {
  const collection = createCollection(table, accountId, []);
  await collection.add(userIdIndex, [userId]);
  await completeCollection(collection);
  return groupByPerson(collection.items()).find((each) => each.userId === userId)?.items ?? [];
}

/** Joins the items of one person; `undefined` without an availability item or a `user:` item. */
function joinPerson(items: readonly LiveItem[]): Agent | undefined {
  const [joined] = joinItems(items);
  return joined && agentOf(joined);
}

export async function readByUserId(
  table: Table,
  accountId: string,
  userId: string,
): Promise<Agent | undefined> {
  return joinPerson(await readItemsOfUser(table, accountId, userId));
}

export async function readItemsOfPerson(
  table: Table,
  accountId: string,
  item: LiveItem,
): Promise<readonly LiveItem[]> {
  const { availabilityId, email } = item;
  const collection = createCollection(table, accountId, [item]);
  await collection.add(emailIndex, email === undefined ? [] : [email]);
  await completeCollection(collection);
  const isOwn = (each: LiveItem) => each.availabilityId === availabilityId;
  return groupByPerson(collection.items()).find(({ items }) => items.some(isOwn))?.items ?? [];
}

export async function readPersonOf(
  table: Table,
  accountId: string,
  item: LiveItem,
): Promise<Agent | undefined> {
  return joinPerson(await readItemsOfPerson(table, accountId, item));
}
