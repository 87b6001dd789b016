import { cursorOf, keyIn } from "./cursor.ts";
import { aLimit, aPageSize, type Page, type Paging } from "./questions.ts";
import type { Item, Table } from "./table.ts";

/** A list: a partition of the table or of an index, and what its items are to the caller. */
export interface ListQuestion<Row> {
  readonly accountId: string;
  readonly index?: { readonly name: string; readonly sortKey: string };
  readonly consistent?: boolean | undefined;
  /** What a page's items are to the caller; some may be nobody. */
  rowsOf(items: readonly Item[]): Promise<readonly Row[]> | readonly Row[];
}

/** One page of a partition, of the table or of an index. */
export async function pageOf<Row>(
  table: Table,
  question: ListQuestion<Row>,
  paging: Paging,
): Promise<Page<Row>> {
  const { accountId, index, consistent } = question;
  const from = { accountId, index: index?.name };
  const { items, lastKey } = await table.query({
    IndexName: index?.name,
    KeyConditionExpression: "accountId = :accountId",
    ExpressionAttributeValues: { ":accountId": { S: accountId } },
    Limit: aPageSize(paging.limit),
    ConsistentRead: consistent,
    ...(paging.cursor !== undefined && {
      ExclusiveStartKey: keyIn(from, paging.cursor, index?.sortKey),
    }),
  });
  const rows = await question.rowsOf(items);
  return { rows, cursor: lastKey && cursorOf(from, lastKey, index?.sortKey) };
}

/** All pages of a list, one after the other, as far as they are asked for. */
export async function* pagesOf<Row>(
  table: Table,
  question: ListQuestion<Row>,
  paging: Paging,
): AsyncGenerator<Row, void, void> {
  let left = aLimit(paging.limit);
  let { cursor } = paging;
  do {
    const page: Page<Row> = await pageOf(table, question, { cursor });
    for (const row of page.rows.slice(0, left)) {
      yield row;
    }
    left -= page.rows.length;
    ({ cursor } = page);
  } while (cursor !== undefined && left > 0);
}
