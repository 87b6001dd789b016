import { MAX_PAGE, type Page, type Paging, parseLimit, parsePageLimit } from "./arguments.ts";
import { cursorOf, type ListKey, parseCursor } from "./cursor.ts";
import type { Item, Table } from "./table.ts";

/** A list: a partition of the table or of an index, and how its items become rows. */
export interface List<Row> extends ListKey {
  readonly consistent?: boolean | undefined;
  /** Returns the rows of a page's items; an item may have none. */
  rowsOf(table: Table, items: readonly Item[]): Promise<readonly Row[]> | readonly Row[];
}

/** Runs calls to the table within one deadline. */
export type UseTable = <Result>(use: (table: Table) => Promise<Result>) => Promise<Result>;

/** Items that are read for a page if the caller sets no limit. */
const DEFAULT_PAGE = 100;

async function read<Row>(
  table: Table,
  list: List<Row>,
  { limit, from }: { readonly limit: number; readonly from: Item | undefined },
): Promise<{ readonly rows: readonly Row[]; readonly lastKey: Item | undefined }> {
  const { accountId, index, consistent } = list;
  const { items, lastKey } = await table.query({
    IndexName: index?.name,
    KeyConditionExpression: "accountId = :accountId",
    ExpressionAttributeValues: { ":accountId": { S: accountId } },
    Limit: limit,
    ConsistentRead: consistent,
    ExclusiveStartKey: from,
  });
  return { rows: await list.rowsOf(table, items), lastKey };
}

const startOf = <Row>(list: List<Row>, { cursor }: Paging) =>
  cursor === undefined ? undefined : parseCursor(list, cursor);

/** Reads one page of a list. */
export async function readPage<Row>(
  useTable: UseTable,
  list: List<Row>,
  paging: Paging,
): Promise<Page<Row>> {
  const limit = parsePageLimit(paging.limit ?? DEFAULT_PAGE);
  const from = startOf(list, paging);
  const { rows, lastKey } = await useTable(
    async (table) => await read(table, list, { limit, from }),
  );
  return { rows, cursor: lastKey && cursorOf(list, lastKey) };
}

/**
 * Reads the pages of a list one after the other, as far as the caller iterates. An agent that moved
 * within the index meanwhile, and is read twice, is yielded once.
 */
export function readRows<Row extends { readonly availabilityId: string }>(
  useTable: UseTable,
  list: List<Row>,
  paging: Paging,
): AsyncGenerator<Row, void, void> {
  // Parsed here and not at the first step, so that an invalid argument throws where it was passed.
  const max = parseLimit(paging.limit);
  const start = startOf(list, paging);

  async function* rows(): AsyncGenerator<Row, void, void> {
    const seen = new Set<string>();
    let from = start;
    // Reads no more items than the caller can receive, except items without a row. Pages grow: the first
    // one is cheap, and a long list takes few calls.
    let limit = Math.min(max, DEFAULT_PAGE);
    do {
      const range = { limit, from };
      const page = await useTable(async (table) => await read(table, list, range));
      for (const row of page.rows) {
        if (seen.size < max && !seen.has(row.availabilityId)) {
          seen.add(row.availabilityId);
          yield row;
        }
      }
      from = page.lastKey;
      limit = Math.max(DEFAULT_PAGE, Math.min(2 * limit, MAX_PAGE, max - seen.size));
    } while (from !== undefined && seen.size < max);
  }

  return rows();
}
