import { cursorOf, keyIn, type Question } from "./cursor.ts";
import { aPage, LONGEST_PAGE, type Page, type Paging, someRows } from "./questions.ts";
import type { Item, Table } from "./table.ts";

/** A list: a partition of the table or of an index, and what its items are to the caller. */
export interface ListQuestion<Row> extends Question {
  readonly consistent?: boolean | undefined;
  /** What a page's items are to the caller; some may be nobody. */
  rowsOf(table: Table, items: readonly Item[]): Promise<readonly Row[]> | readonly Row[];
}

/** Puts one question to the table, within its deadline. */
export type Ask = <Answer>(question: (table: Table) => Promise<Answer>) => Promise<Answer>;

/** A page of a list when nothing else is asked for. */
const PAGE = 100;

async function read<Row>(
  table: Table,
  question: ListQuestion<Row>,
  { limit, from }: { readonly limit: number; readonly from: Item | undefined },
): Promise<{ readonly rows: readonly Row[]; readonly lastKey: Item | undefined }> {
  const { accountId, index, consistent } = question;
  const { items, lastKey } = await table.query({
    IndexName: index?.name,
    KeyConditionExpression: "accountId = :accountId",
    ExpressionAttributeValues: { ":accountId": { S: accountId } },
    Limit: limit,
    ConsistentRead: consistent,
    ExclusiveStartKey: from,
  });
  return { rows: await question.rowsOf(table, items), lastKey };
}

const startOf = <Row>(question: ListQuestion<Row>, { cursor }: Paging) =>
  cursor === undefined ? undefined : keyIn(question, cursor);

/** One page of a partition, of the table or of an index. */
export async function pageOf<Row>(
  ask: Ask,
  question: ListQuestion<Row>,
  paging: Paging,
): Promise<Page<Row>> {
  const limit = aPage(paging.limit ?? PAGE);
  const from = startOf(question, paging);
  const { rows, lastKey } = await ask(
    async (table) => await read(table, question, { limit, from }),
  );
  return { rows, cursor: lastKey && cursorOf(question, lastKey) };
}

/**
 * All pages of a list, one after the other, as far as they are asked for. An agent that changed its place
 * meanwhile, and so is met again, is left out the second time.
 */
export function pagesOf<Row extends { readonly availabilityId: string }>(
  ask: Ask,
  question: ListQuestion<Row>,
  paging: Paging,
): AsyncGenerator<Row, void, void> {
  // Checked here and not at the first step, so that what is wrong is thrown where it was asked.
  const most = someRows(paging.limit);
  const start = startOf(question, paging);

  async function* rows(): AsyncGenerator<Row, void, void> {
    const seen = new Set<string>();
    let from = start;
    // No more is read than can be yielded, but for rows that turn out to be nobody. Pages grow, so that a
    // look at the first is cheap, and a long list takes few calls.
    let limit = Math.min(most, PAGE);
    do {
      const range = { limit, from };
      const page = await ask(async (table) => await read(table, question, range));
      for (const row of page.rows) {
        if (seen.size < most && !seen.has(row.availabilityId)) {
          seen.add(row.availabilityId);
          yield row;
        }
      }
      from = page.lastKey;
      limit = Math.max(PAGE, Math.min(2 * limit, LONGEST_PAGE, most - seen.size));
    } while (from !== undefined && seen.size < most);
  }

  return rows();
}
