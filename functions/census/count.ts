import { type AttributeValue, type DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";

import { type KnownChannel, knownChannels } from "../availability/change.ts";
import type { CensusMetric } from "../availability/metrics.ts";
import { availableIndex } from "../store/attributes.ts";

/** The metric of a channel has the name of its index. */
const metricOf: Readonly<Record<KnownChannel, CensusMetric>> = {
  freshdesk: "AvailableOnFreshdesk",
  freshchat: "AvailableOnFreshchat",
  freshcaller: "AvailableOnFreshcaller",
};

/**
 * Counts who is available on a channel now, in all accounts.
 *
 * The index holds those agents and no other, so that all of it is read; what comes back is a number.
 *
 * @throws what DynamoDB answers: a page that is missing would make the number wrong.
 */
export async function countAvailable(
  client: DynamoDBClient,
  tableName: string,
  channel: KnownChannel,
): Promise<number> {
  let count = 0;
  let from: Record<string, AttributeValue> | undefined;
  do {
    const page = await client.send(
      new ScanCommand({
        TableName: tableName,
        IndexName: availableIndex(channel).name,
        Select: "COUNT",
        ExclusiveStartKey: from,
      }),
    );
    count += page.Count ?? 0;
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
  return count;
}

/** Counts every channel that has an index. */
export async function takeCensus(
  client: DynamoDBClient,
  tableName: string,
): Promise<ReadonlyMap<CensusMetric, number>> {
  const counts = await Promise.all(
    knownChannels.map(
      async (channel) =>
        [metricOf[channel], await countAvailable(client, tableName, channel)] as const,
    ),
  );
  return new Map(counts);
}
