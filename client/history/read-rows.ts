import type { HistoryRow } from "../../functions/availability/history.ts";
import { historyPartitionKey, historySortKey } from "../../functions/store/history-attributes.ts";
import { UnreadableItemError } from "../../functions/store/read-attribute.ts";
import { historyPartitionOf, readHistoryItem } from "../../functions/store/read-history-item.ts";
import { UnreadableAgentError } from "../lookups/lookup-error.ts";
import { type Item, queryAll, type QueryInput } from "../lookups/table.ts";
import type { UseTable } from "../lookups/use-table.ts";
import type { Period } from "./timeline.ts";

export type ItemKey = Pick<HistoryRow, "accountId" | "availabilityId">;

/**
 * Number of changes to read before and after a period. One on each side is enough if the changes were stored in
 * order. Ten small items cost as much as one: half a read unit.
 */
const NEIGHBORS = 10;

/** The changes to one item that determine its timeline in a period. */
export interface RowsRead {
  readonly rows: readonly HistoryRow[];
  /** Whether a change after the period was read. */
  readonly hasLater: boolean;
}

function parse(item: Item, key: ItemKey): HistoryRow {
  try {
    return readHistoryItem(item);
  } catch (error) {
    if (error instanceof UnreadableItemError) {
      throw new UnreadableAgentError(key, error.path, error);
    }
    throw error;
  }
}

const isoOf = (milliseconds: number) => new Date(milliseconds).toISOString();

/** Returns the queries of a period. A sort key begins with the time, so it is greater than the time alone. */
function queriesOf({ from, to }: Period) {
  const bounds = { ":from": { S: isoOf(from) }, ":to": { S: isoOf(to) } };
  const { ":from": start, ":to": end } = bounds;
  return {
    earlier: {
      condition: "#change < :from",
      values: { ":from": start },
      limit: NEIGHBORS,
      isDescending: true,
    },
    own: { condition: "#change BETWEEN :from AND :to", values: bounds },
    later: { condition: "#change > :to", values: { ":to": end }, limit: NEIGHBORS },
  };
}

interface RowQuery {
  readonly condition: string;
  readonly values: Item;
  readonly limit?: number;
  readonly isDescending?: boolean;
}

/** Reads the changes of a query, page by page. Each page has its own timeout. */
async function readAll(useTable: UseTable, key: ItemKey, query: RowQuery): Promise<HistoryRow[]> {
  const { condition, values, limit, isDescending = false } = query;
  const read = async (input: QueryInput) =>
    await useTable(async (table) => await table.query(input));
  const input = {
    KeyConditionExpression: `#agent = :agent AND ${condition}`,
    ExpressionAttributeNames: { "#agent": historyPartitionKey, "#change": historySortKey },
    ExpressionAttributeValues: { ":agent": { S: historyPartitionOf(key) }, ...values },
    ScanIndexForward: !isDescending,
    Limit: limit,
  };
  const items = limit === undefined ? await queryAll(read, input) : (await read(input)).items;
  return items.map((item) => parse(item, key));
}

/** Reads the changes that determine an item's timeline in a period: those within it and the nearest around it. */
export async function readRows(
  useTable: UseTable,
  key: ItemKey,
  period: Period,
): Promise<RowsRead> {
  const { earlier, own, later } = queriesOf(period);
  const [before, within, after] = await Promise.all([
    readAll(useTable, key, earlier),
    readAll(useTable, key, own),
    readAll(useTable, key, later),
  ]);
  return { rows: [...before, ...within, ...after], hasLater: after.length > 0 };
}
