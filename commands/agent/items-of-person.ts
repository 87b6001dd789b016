import { type DynamoDBClient, paginateQuery } from "@aws-sdk/client-dynamodb";

import { groupByPerson, type PersonFacts } from "../../client/lookups/join.ts";
import { kindOf, sessionKey, userKey } from "../../functions/availability/item-kind.ts";
import { removedAt } from "../../functions/store/attributes.ts";
import type { ItemKey } from "../../functions/store/item-changes.ts";
import type { Attributes } from "../../functions/store/read-item.ts";

/** What identifies a person: the key of one of the person's items, the user ID, or both. */
export interface PersonId {
  readonly availabilityId?: string | undefined;
  readonly userId?: string | undefined;
}

/** An item with an unreadable attribute must not keep a person from being forgotten. */
function readFactsOf(item: Attributes): PersonFacts {
  return {
    availabilityId: item["availabilityId"]?.S ?? "",
    userId: item["userId"]?.S,
    email: item["email"]?.S,
    eventTimestamp: Number(item["eventTimestamp"]?.N ?? 0),
  };
}

/** Reads an account's partition with strong consistency, which indexes do not support. Omits tombstones. */
async function readFacts(
  client: DynamoDBClient,
  tableName: string,
  accountId: string,
): Promise<PersonFacts[]> {
  const found: PersonFacts[] = [];
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
    found.push(...items.filter((item) => item[removedAt] === undefined).map(readFactsOf));
  }
  return found;
}

const isAvailability = ({ availabilityId }: PersonFacts) =>
  kindOf(availabilityId) === "availability";

/**
 * Finds the keys of a person's items, in the order in which they are forgotten: first the `user:` item and the
 * session, whether they exist or not, if the user ID is known; then the availability items with the user ID.
 * Only if no such item exists, those without a user ID that are joined by email address.
 *
 * An item that only its address connects with other availability items may be someone else's, who has or had
 * the address. Such an item is found only by its own key, and then alone.
 *
 * @returns no keys if the person is unknown.
 */
export async function keysOfPerson(
  client: DynamoDBClient,
  tableName: string,
  accountId: string,
  id: PersonId,
): Promise<ItemKey[]> {
  const isMeant = ({ availabilityId }: PersonFacts) => availabilityId === id.availabilityId;
  const people = groupByPerson(await readFacts(client, tableName, accountId));
  const { userId, items = [] } =
    people.find((person) =>
      id.userId === undefined ? person.items.some(isMeant) : person.userId === id.userId,
    ) ?? {};
  const available = items.filter(isAvailability);
  const identified = available.filter((item) => item.userId !== undefined);
  const isDoubtful =
    available.length > 1 && available.some((item) => isMeant(item) && item.userId === undefined);
  const meant = available.filter(isMeant);
  const own = identified.length > 0 ? identified : available;
  const keyed = userId === undefined ? [] : [userKey(userId), sessionKey(userId)];
  const keys =
    isDoubtful && id.userId === undefined
      ? meant.map(({ availabilityId }) => availabilityId)
      : [...keyed, ...[...own, ...meant].map(({ availabilityId }) => availabilityId)];
  return [...new Set(keys)].map((availabilityId) => ({ accountId, availabilityId }));
}
