import { type DynamoDBClient, paginateQuery, QueryCommand } from "@aws-sdk/client-dynamodb";

import { groupByPerson, type PersonFacts } from "../../client/lookups/join.ts";
import { isAvailabilityItem, sessionKey, userKey } from "../../functions/availability/item-kind.ts";
import { removedAt } from "../../functions/store/attributes.ts";
import { historyPartitionKey } from "../../functions/store/history-attributes.ts";
import type { ItemKey } from "../../functions/store/item-key.ts";
import { isForgotten } from "../../functions/store/outbox-record.ts";
import { historyPartitionOf } from "../../functions/store/read-history-item.ts";
import type { Attributes } from "../../functions/store/read-item.ts";

/** The tables that hold the items of people, and the changes to the items. */
export interface PersonTables {
  readonly client: DynamoDBClient;
  readonly tableName: string;
  /** Absent if the stage keeps no history. */
  readonly historyTableName?: string | undefined;
}

/** Identifies a person by the key of one of the person's items, the user ID, or both. */
export interface PersonId {
  readonly availabilityId?: string | undefined;
  readonly userId?: string | undefined;
}

/** A person can be forgotten even if an attribute of an item cannot be read. */
function readFactsOf(item: Attributes): PersonFacts {
  return {
    availabilityId: item["availabilityId"]?.S ?? "",
    userId: item["userId"]?.S,
    email: item["email"]?.S,
    eventTimestamp: Number(item["eventTimestamp"]?.N ?? 0),
  };
}

/** Reads an account's partition with strong consistency, which indexes do not support. */
async function readItems({ client, tableName }: PersonTables, accountId: string) {
  const live: PersonFacts[] = [];
  const removed: ItemKey[] = [];
  const pages = paginateQuery(
    { client },
    {
      TableName: tableName,
      ConsistentRead: true,
      KeyConditionExpression: "accountId = :accountId",
      ExpressionAttributeValues: { ":accountId": { S: accountId } },
    },
  );
  for await (const { Items: items = [] } of pages) {
    for (const item of items) {
      const facts = readFactsOf(item);
      if (item[removedAt] === undefined) {
        live.push(facts);
      } else if (isAvailabilityItem(facts) && !isForgotten(item)) {
        removed.push({ accountId, availabilityId: facts.availabilityId });
      }
    }
  }
  return { live, removed };
}

/**
 * Returns the user ID in the last change to an item. The tombstone that replaced the item does not contain
 * it.
 */
async function lastUserIdOf(client: DynamoDBClient, historyTableName: string, key: ItemKey) {
  const { Items: [last] = [] } = await client.send(
    new QueryCommand({
      TableName: historyTableName,
      ConsistentRead: true,
      KeyConditionExpression: "#agent = :agent",
      ExpressionAttributeNames: { "#agent": historyPartitionKey },
      ExpressionAttributeValues: { ":agent": { S: historyPartitionOf(key) } },
      ScanIndexForward: false,
      Limit: 1,
    }),
  );
  return last?.["userId"]?.S;
}

/**
 * Finds a person's availability items that were removed for a reason other than `forgotten`: their history
 * remains.
 */
async function removedKeysOf(
  { client, historyTableName }: PersonTables,
  userId: string | undefined,
  removed: readonly ItemKey[],
): Promise<string[]> {
  const found: string[] = [];
  if (historyTableName !== undefined && userId !== undefined) {
    for (const key of removed) {
      if ((await lastUserIdOf(client, historyTableName, key)) === userId) {
        found.push(key.availabilityId);
      }
    }
  }
  return found;
}

const keysIn = (accountId: string, availabilityIds: readonly string[]): ItemKey[] =>
  [...new Set(availabilityIds)].map((availabilityId) => ({ accountId, availabilityId }));

/** Returns the keys of a person's availability items, and whether only the selected one is certainly the person's. */
function availabilityKeysOf(items: readonly PersonFacts[], id: PersonId) {
  const availabilityItems = items.filter(isAvailabilityItem);
  const identified = availabilityItems.filter(({ userId }) => userId !== undefined);
  const selected = availabilityItems.filter(
    ({ availabilityId }) => availabilityId === id.availabilityId,
  );
  const own = identified.length > 0 ? identified : availabilityItems;
  return {
    selected: selected.map(({ availabilityId }) => availabilityId),
    keys: [...own, ...selected].map(({ availabilityId }) => availabilityId),
    isDoubtful:
      id.userId === undefined &&
      availabilityItems.length > 1 &&
      selected.some(({ userId }) => userId === undefined),
  };
}

/**
 * Finds the keys of a person's items, in the order in which they are forgotten: first the `user:` item and the
 * session, whether they exist or not, if the user ID is known; then the availability items with the user ID.
 * Only if no such item exists, those without a user ID that are joined by email address.
 *
 * An item that shares only its email address with other availability items may belong to another person who has
 * or had the address. Such an item is found only by its own key, and then alone.
 *
 * If the stage keeps a history, it identifies the person's availability items that were removed before.
 *
 * @returns no keys if the person is unknown.
 */
export async function keysOfPerson(
  tables: PersonTables,
  accountId: string,
  id: PersonId,
): Promise<ItemKey[]> {
  const { live, removed } = await readItems(tables, accountId);
  const person = groupByPerson(live).find(({ userId, items }) =>
    id.userId === undefined
      ? items.some(({ availabilityId }) => availabilityId === id.availabilityId)
      : userId === id.userId,
  );
  const { userId = id.userId, items = [] } = person ?? {};
  const { selected, keys, isDoubtful } = availabilityKeysOf(items, id);
  if (isDoubtful) {
    return keysIn(accountId, selected);
  }
  const earlier = await removedKeysOf(tables, userId, removed);
  const isKnown = person !== undefined || earlier.length > 0;
  const keyed = isKnown && userId !== undefined ? [userKey(userId), sessionKey(userId)] : [];
  return keysIn(accountId, [...keyed, ...keys, ...earlier]);
}
