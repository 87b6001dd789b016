import type { QueryCommandInput, QueryCommandOutput } from "@aws-sdk/client-dynamodb";

import type { AgentDeletion } from "../availability/agent-event.ts";
import { kindOf, sessionKey, userKey } from "../availability/item-kind.ts";
import { emailIndex, partitionKey, sortKey, userIdIndex } from "./attributes.ts";

/** A person whose availability item is searched for. */
export type Person = Pick<AgentDeletion, "accountId" | "userId" | "email">;

type SendQuery = (input: QueryCommandInput) => Promise<Pick<QueryCommandOutput, "Items">>;

const isAvailabilityKey = (key: string) => kindOf(key) === "availability";

/**
 * Returns the sort keys of the availability items of a person: by user ID, else by email address.
 *
 * An address finds an item only if no other item has the address. Otherwise the item may be that of another
 * person, who had the address before. The indexes may lag behind the table, so the caller's write must check
 * again that the item is not another person's.
 */
export async function findAvailabilityItems(
  send: SendQuery,
  tableName: string,
  { accountId, userId, email }: Person,
): Promise<readonly string[]> {
  /** One page is enough: no user ID or address has more items than fit into one. */
  const keysIn = async (index: typeof emailIndex | typeof userIdIndex, value: string) => {
    const { Items: items = [] } = await send({
      TableName: tableName,
      IndexName: index.name,
      KeyConditionExpression: "#accountId = :accountId AND #value = :value",
      ExpressionAttributeNames: { "#accountId": partitionKey, "#value": index.sortKey },
      ExpressionAttributeValues: { ":accountId": { S: accountId }, ":value": { S: value } },
    });
    return items.map((item) => item[sortKey]?.S ?? "");
  };

  const known = (await keysIn(userIdIndex, userId)).filter(isAvailabilityKey);
  if (known.length > 0 || email === undefined) {
    return known;
  }
  const own = new Set<string>([userKey(userId), sessionKey(userId)]);
  const others = (await keysIn(emailIndex, email)).filter((key) => !own.has(key));
  return others.length === 1 ? others.filter(isAvailabilityKey) : [];
}
