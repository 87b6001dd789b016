import type { PersonKeys } from "../../functions/availability/new-person.ts";
import type { Index } from "./by-key.ts";
import type { ListKey } from "./cursor.ts";
import type { Item, Table } from "./table.ts";

/** A list: a partition of an index, and how its items become rows. */
export interface List<Row extends PersonKeys> extends ListKey {
  readonly index: Index;
  /** Returns the rows of the items; an item may have none. */
  rowsOf(table: Table, items: readonly Item[]): Promise<readonly Row[]> | readonly Row[];
}
