import { kindOf } from "../../functions/availability/item-kind.ts";
import { parseLiveItem } from "../lookups/agent.ts";
import { parseAccountId, parseId } from "../lookups/arguments.ts";
import { keyOf } from "../lookups/by-key.ts";
import { readItemsOfPerson, readItemsOfUser } from "../lookups/by-person.ts";
import type { LiveItem } from "../lookups/join.ts";
import { createUseTable, type UseTable } from "../lookups/use-table.ts";
import { type AgentHistoryOptions, parseOptions } from "./options.ts";
import { availabilityKeyOf, type Person, readPerson } from "./read-person.ts";
import { type Period, timelineOf, type TimelineInterval } from "./timeline.ts";

/** The next step for a caller who lacks the permission to read the history. */
export const HISTORY_PERMISSION =
  "Attach the stage's managed policy for the history (output HistoryPolicyArn)";

/** Finds the person that an item belongs to by the item's key. The person may have been removed. */
export async function findPerson(
  useTable: UseTable,
  accountId: string,
  availabilityId: string,
): Promise<Person> {
  const [, userIdInKey] = /^(?:user|session):(.+)$/s.exec(availabilityId) ?? [];
  const items = await useTable(async (table): Promise<readonly LiveItem[]> => {
    if (userIdInKey !== undefined) {
      return await readItemsOfUser(table, accountId, userIdInKey);
    }
    const item = await table.get(keyOf(accountId, availabilityId), false);
    const live = item && parseLiveItem(item);
    return live ? await readItemsOfPerson(table, accountId, live) : [];
  });
  return {
    accountId,
    availabilityId:
      kindOf(availabilityId) === "availability" ? availabilityId : availabilityKeyOf(items),
    userId: userIdInKey ?? items.find(({ userId }) => userId !== undefined)?.userId,
    items,
  };
}

/**
 * Returns a function that reads the timeline of an agent in a period. An empty period has an empty timeline.
 *
 * @throws LookupError for invalid options.
 */
export function createTimelineReader(options: AgentHistoryOptions) {
  const { client, deadlineMs, tableName, historyTableName } = parseOptions(options);
  const useAgents = createUseTable({ client, deadlineMs, tableName });
  const useHistory = createUseTable({
    client,
    deadlineMs,
    tableName: historyTableName,
    permission: HISTORY_PERMISSION,
  });

  return async (
    accountId: string,
    availabilityId: string,
    period: Period,
  ): Promise<TimelineInterval[]> => {
    const account = parseAccountId(accountId);
    const id = parseId("availabilityId", availabilityId);
    if (period.from >= period.to) {
      return [];
    }
    const person = await findPerson(useAgents, account, id);
    return timelineOf(await readPerson(useHistory, person, period), period);
  };
}

export type TimelineReader = ReturnType<typeof createTimelineReader>;
