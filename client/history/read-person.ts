import { positionedFactsOf } from "../../functions/availability/history.ts";
import { kindOf, sessionKey, userKey } from "../../functions/availability/item-kind.ts";
import { joinItems, type LiveItem } from "../lookups/join.ts";
import type { UseTable } from "../lookups/use-table.ts";
import type { ItemHistory } from "./item-timeline.ts";
import { readRows } from "./read-rows.ts";
import type { Period, PersonHistory } from "./timeline.ts";

export interface Person {
  readonly accountId: string;
  /** The key of the person's availability item; absent if the person never had one. */
  readonly availabilityId?: string | undefined;
  readonly userId?: string | undefined;
  readonly items: readonly LiveItem[];
}

const NO_HISTORY: ItemHistory = { rows: [] };

/** Reads the histories of a person's items in a period. */
export async function readPerson(
  useTable: UseTable,
  { accountId, availabilityId, userId, items }: Person,
  period: Period,
): Promise<PersonHistory> {
  async function read(key: string | undefined): Promise<ItemHistory> {
    if (key === undefined) {
      return NO_HISTORY;
    }
    const item = items.find((each) => each.availabilityId === key);
    const { rows, hasLater } = await readRows(useTable, { accountId, availabilityId: key }, period);
    return { rows, current: hasLater || item === undefined ? undefined : positionedFactsOf(item) };
  }

  const availability = await read(availabilityId);
  // A removed agent has no items, but the changes contain the user ID.
  const knownUserId =
    userId ?? availability.rows.findLast((row) => row.userId !== undefined)?.userId;
  const [user, session] = await Promise.all([
    read(knownUserId && userKey(knownUserId)),
    read(knownUserId && sessionKey(knownUserId)),
  ]);
  return { availability, user, session };
}

/** Returns the key of the availability item that lookups return for a person's items, if there is one. */
export function availabilityKeyOf(items: readonly LiveItem[]): string | undefined {
  return joinItems(items)
    .map(({ item }) => item.availabilityId)
    .find((key) => kindOf(key) === "availability");
}
