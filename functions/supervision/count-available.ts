import { type AttributeValue, type DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";

import { createNewPersonCheck } from "../availability/new-person.ts";
import { availableIndex, partitionKey, sortKey, userId } from "../store/attributes.ts";
import type { CoverageRule } from "./coverage-rules.ts";

type Item = Record<string, AttributeValue>;

/** Creates the function that counts the agents who are available on a channel of an account. */
export function createCountAvailable(client: DynamoDBClient, tableName: string) {
  /**
   * Counts agents up to the rule's minimum, and stops reading the index of available agents when it is reached.
   * A person with two items counts once, as in lookups.
   */
  return async (
    accountId: string,
    { channel, minimum }: Pick<CoverageRule, "channel" | "minimum">,
  ): Promise<number> => {
    const isNewPerson = createNewPersonCheck();
    let count = 0;
    let from: Item | undefined;
    do {
      const { Items: items = [], LastEvaluatedKey: lastKey } = await client.send(
        new QueryCommand({
          TableName: tableName,
          IndexName: availableIndex(channel).name,
          KeyConditionExpression: `${partitionKey} = :accountId`,
          ExpressionAttributeValues: { ":accountId": { S: accountId } },
          Limit: minimum - count,
          ExclusiveStartKey: from,
        }),
      );
      count += items.filter((item) =>
        isNewPerson({ availabilityId: item[sortKey]?.S ?? "", userId: item[userId]?.S }),
      ).length;
      from = lastKey;
    } while (from !== undefined && count < minimum);
    return count;
  };
}

export type CountAvailable = ReturnType<typeof createCountAvailable>;
