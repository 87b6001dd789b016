import { createNewPersonCheck, type PersonKeys } from "../../functions/availability/new-person.ts";
import {
  DEFAULT_PAGE_SIZE,
  MAX_PAGE_SIZE,
  type Page,
  type Paging,
  parseLimit,
  parsePageLimit,
} from "./arguments.ts";
import { cursorOf, type List, parseCursor } from "./cursor.ts";
import { createDropRepeated } from "./drop-repeated.ts";
import type { Item, Table } from "./table.ts";
import type { UseTable } from "./use-table.ts";

/** Returns the start of a list, and a function that reads its pages. */
function createPages<Row extends PersonKeys>(list: List<Row>, { cursor }: Paging) {
  const start = cursor === undefined ? undefined : parseCursor(list, cursor);
  const dropRepeated = createDropRepeated(list, start);

  async function read(table: Table, limit: number, from: Item | undefined) {
    const { items, lastKey } = await table.query({
      IndexName: list.index.name,
      KeyConditionExpression: "accountId = :accountId",
      ExpressionAttributeValues: { ":accountId": { S: list.accountId } },
      Limit: limit,
      ExclusiveStartKey: from,
    });
    return { rows: await dropRepeated(table, await list.rowsOf(table, items)), lastKey };
  }

  return { start, read };
}

export async function readPage<Row extends PersonKeys>(
  useTable: UseTable,
  list: List<Row>,
  paging: Paging,
): Promise<Page<Row>> {
  const limit = parsePageLimit(paging.limit ?? DEFAULT_PAGE_SIZE);
  const { start, read } = createPages(list, paging);
  const { rows, lastKey } = await useTable(async (table) => await read(table, limit, start));
  return { rows: rows.filter(createNewPersonCheck()), cursor: lastKey && cursorOf(list, lastKey) };
}

/**
 * Reads the pages of a list one after the other, as far as the caller iterates. A person who is read twice,
 * with two items or because an item moved within the index meanwhile, is yielded once.
 */
export function readRows<Row extends PersonKeys>(
  useTable: UseTable,
  list: List<Row>,
  paging: Paging,
): AsyncGenerator<Row, void, void> {
  // Parsed here and not at the first step, so that an invalid argument throws where it was passed.
  const max = parseLimit(paging.limit);
  const { start, read } = createPages(list, paging);

  async function* rows(): AsyncGenerator<Row, void, void> {
    const isNewPerson = createNewPersonCheck();
    let yielded = 0;
    let from = start;
    // Reads no more items than the caller can receive, except items without a row. Pages grow: the first
    // one is cheap, and a long list takes few calls.
    let limit = Math.min(max, DEFAULT_PAGE_SIZE);
    do {
      const range = [limit, from] as const;
      const page = await useTable(async (table) => await read(table, ...range));
      for (const row of page.rows) {
        if (yielded < max && isNewPerson(row)) {
          yielded += 1;
          yield row;
        }
      }
      from = page.lastKey;
      limit = Math.max(DEFAULT_PAGE_SIZE, Math.min(2 * limit, MAX_PAGE_SIZE, max - yielded));
    } while (from !== undefined && yielded < max);
  }

  return rows();
}
