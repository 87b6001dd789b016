import { kindOf } from "../../functions/availability/item-kind.ts";
import { removedAt, removedBecause } from "../../functions/store/attributes.ts";
import type { Item } from "../../client/lookups/table.ts";
import type { UseTable } from "../../client/lookups/use-table.ts";

/** An item that may represent an agent: an availability or `user:` item, or the tombstone of a deleted one. */
export interface Candidate {
  readonly availabilityId: string;
  /** When the agent was deleted in Freshdesk. */
  readonly removedAt?: string | undefined;
}

/** Number of items per page: a balance between memory and the number of requests. */
const PAGE_SIZE = 200;

function candidatesIn(item: Item): Candidate[] {
  const id = item["availabilityId"]?.S ?? "";
  const removed = item[removedAt]?.S;
  // A forgotten agent has no history, and the history of a merged item belongs to the person's other item.
  const isKept = removed === undefined || item[removedBecause]?.S === "deleted";
  return kindOf(id) === "session" || !isKept ? [] : [{ availabilityId: id, removedAt: removed }];
}

/** Reads the keys of an account's items page by page, ordered by sort key. */
export async function* candidatePages(
  useAgents: UseTable,
  accountId: string,
): AsyncGenerator<readonly Candidate[], void, void> {
  let from: Item | undefined;
  do {
    const input = {
      KeyConditionExpression: "accountId = :accountId",
      ExpressionAttributeValues: { ":accountId": { S: accountId } },
      ProjectionExpression: `availabilityId, ${removedAt}, ${removedBecause}`,
      Limit: PAGE_SIZE,
      ExclusiveStartKey: from,
    };
    const { items, lastKey } = await useAgents(async (table) => await table.query(input));
    yield items.flatMap(candidatesIn);
    from = lastKey;
  } while (from !== undefined);
}
