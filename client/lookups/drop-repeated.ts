import type { PersonKeys } from "../../functions/availability/new-person.ts";
import type { List } from "./cursor.ts";
import { type Item, queryAll, type Table } from "./table.ts";

/** Reads the items of a list up to a key, in the order of the list. */
async function readUpTo<Row extends PersonKeys>(
  table: Table,
  { accountId, index }: List<Row>,
  key: Item,
): Promise<Item[]> {
  const before = await queryAll(table.query, {
    IndexName: index.name,
    KeyConditionExpression: "accountId = :accountId AND #key <= :key",
    ExpressionAttributeNames: { "#key": index.sortKey },
    ExpressionAttributeValues: {
      ":accountId": { S: accountId },
      ":key": key[index.sortKey] ?? { S: "" },
    },
  });
  const isKey = (item: Item) => item["availabilityId"]?.S === key["availabilityId"]?.S;
  const at = before.findIndex(isKey);
  // Items with the same sort key are in no particular order. If the key's item is gone, they may belong after it.
  const isBefore = (item: Item) => item[index.sortKey]?.S !== key[index.sortKey]?.S;
  return at === -1 ? before.filter(isBefore) : before.slice(0, at + 1);
}

/**
 * Returns a function that drops the rows of people who are also listed before a cursor, with another item. Only a
 * row with a user ID can have another item; without such rows, nothing is read.
 */
export function createDropRepeated<Row extends PersonKeys>(
  list: List<Row>,
  cursor: Item | undefined,
) {
  let before: readonly Item[] | undefined;

  return async (table: Table, rows: readonly Row[]): Promise<readonly Row[]> => {
    const userIds = new Set(rows.flatMap(({ userId }) => userId ?? []));
    if (cursor === undefined || userIds.size === 0) {
      return rows;
    }
    before ??= await readUpTo(table, list, cursor);
    const candidates = before.filter((item) => userIds.has(item["userId"]?.S ?? ""));
    const earlier = await list.rowsOf(table, candidates);
    const returnedUserIds = new Set(earlier.map(({ userId }) => userId));
    return rows.filter(({ userId }) => userId === undefined || !returnedUserIds.has(userId));
  };
}
