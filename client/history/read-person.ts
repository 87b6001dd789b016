import { placedFactsOf } from "../../functions/availability/history.ts";
import { kindOf, sessionKey, userKey } from "../../functions/availability/item-kind.ts";
import type { LiveItem } from "../lookups/join.ts";
import type { UseTable } from "../lookups/use-table.ts";
import type { ItemHistory } from "./item-timeline.ts";
import { readRows } from "./read-rows.ts";
import type { Period, PersonHistory } from "./timeline.ts";

/** The person whose history is read. */
export interface Person {
  readonly accountId: string;
  /** The key of the person's availability item, if there is or was one. */
  readonly availabilityId?: string | undefined;
  readonly userId?: string | undefined;
  /** The items that the person has now. */
  readonly items: readonly LiveItem[];
}

/** A person's history in a period, and how much was read. */
export interface PersonRead {
  readonly history: PersonHistory;
  readonly rows: number;
}

const NO_HISTORY: ItemHistory = { rows: [] };

/** Reads the histories of a person's items in a period. */
export async function readPerson(
  useTable: UseTable,
  { accountId, availabilityId, userId, items }: Person,
  period: Period,
): Promise<PersonRead> {
  async function read(key: string | undefined): Promise<ItemHistory> {
    if (key === undefined) {
      return NO_HISTORY;
    }
    const item = items.find((each) => each.availabilityId === key);
    const { rows, hasLater } = await readRows(useTable, { accountId, availabilityId: key }, period);
    return { rows, current: hasLater || item === undefined ? undefined : placedFactsOf(item) };
  }

  const availability = await read(availabilityId);
  // An agent who was removed has no items, but the changes state the user ID.
  const known = userId ?? availability.rows.findLast((row) => row.userId !== undefined)?.userId;
  const [user, session] = await Promise.all([
    read(known && userKey(known)),
    read(known && sessionKey(known)),
  ]);
  const rows = [availability, user, session].reduce((sum, item) => sum + item.rows.length, 0);
  return { history: { availability, user, session }, rows };
}

/** Returns the key of the availability item among a person's items; of several, the newest. */
export function availabilityKeyOf(items: readonly LiveItem[]): string | undefined {
  return items
    .filter(({ availabilityId }) => kindOf(availabilityId) === "availability")
    .toSorted((one, other) => (one.updatedAt < other.updatedAt ? 1 : -1))[0]?.availabilityId;
}
