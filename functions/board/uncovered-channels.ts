import { type AttributeValue, type DynamoDBClient, QueryCommand } from "@aws-sdk/client-dynamodb";

import { accountKey, channelKey } from "../supervision/coverage-key.ts";
import type { UncoveredChannel } from "./board-data.ts";

type Item = Record<string, AttributeValue>;

const isUncovered = ({ covered, closed }: Item) =>
  covered?.BOOL === false && closed?.BOOL === false;

const uncoveredChannel = ({ since, minimum, [channelKey]: channel }: Item): UncoveredChannel => ({
  channel: channel?.S ?? "",
  minimum: Number(minimum?.N),
  since: since?.S ?? "",
});

/** Creates the function that reads the uncovered channels of an account from the coverage table. */
export function createUncoveredReader(client: DynamoDBClient, tableName: string) {
  return async (accountId: string): Promise<UncoveredChannel[]> => {
    // One page is enough: an account has at most one small item for each channel.
    const { Items: items = [] } = await client.send(
      new QueryCommand({
        TableName: tableName,
        KeyConditionExpression: "#accountId = :accountId",
        ExpressionAttributeNames: { "#accountId": accountKey },
        ExpressionAttributeValues: { ":accountId": { S: accountId } },
      }),
    );
    return items.filter(isUncovered).map(uncoveredChannel);
  };
}
