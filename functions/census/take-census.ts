import { DescribeTableCommand, type DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";

import { type KnownChannel, knownChannels } from "../availability/change.ts";
import type { CensusMetric } from "../availability/metrics.ts";
import { availableIndex } from "../store/attributes.ts";

/** The metric of a channel has the name of its index. */
const channelMetrics: Readonly<Record<KnownChannel, CensusMetric>> = {
  freshdesk: "AvailableOnFreshdesk",
  freshchat: "AvailableOnFreshchat",
  freshcaller: "AvailableOnFreshcaller",
};

/** Maximum length of a shift. Agents who opened a channel earlier have probably forgotten to log out. */
const MAX_SHIFT_MS = 12 * 60 * 60 * 1000;

/**
 * Counts the agents of all accounts who are available on a channel, and those of them who opened it within a shift.
 *
 * The index contains only these agents. DynamoDB filters items after reading them and returns both numbers, so the
 * second one costs nothing.
 *
 * @throws the SDK's error if a page cannot be read: a partial count would be wrong.
 */
export async function countAvailable(
  client: DynamoDBClient,
  tableName: string,
  channel: KnownChannel,
  now: Date,
): Promise<{ readonly available: number; readonly active: number }> {
  const { name: indexName, sortKey } = availableIndex(channel);
  const shiftStart = new Date(now.getTime() - MAX_SHIFT_MS).toISOString();
  const pages = paginateScan(
    { client },
    {
      TableName: tableName,
      IndexName: indexName,
      Select: "COUNT",
      FilterExpression: "#since > :shiftStart",
      ExpressionAttributeNames: { "#since": sortKey },
      ExpressionAttributeValues: { ":shiftStart": { S: shiftStart } },
    },
  );
  let available = 0;
  let active = 0;
  for await (const page of pages) {
    available += page.ScannedCount ?? 0;
    active += page.Count ?? 0;
  }
  return { available, active };
}

/** Returns DynamoDB's count of the items, which it updates about every six hours. */
async function countItems(client: DynamoDBClient, tableName: string): Promise<number> {
  const { Table: table } = await client.send(new DescribeTableCommand({ TableName: tableName }));
  return table?.ItemCount ?? 0;
}

/**
 * Counts the table's items, and the available agents on every channel that has an index.
 *
 * Active agents are the largest number of any channel: a sum would count an agent once per channel.
 */
export async function takeCensus(
  client: DynamoDBClient,
  tableName: string,
  now: Date,
): Promise<ReadonlyMap<CensusMetric, number>> {
  const [items, ...channels] = await Promise.all([
    countItems(client, tableName),
    ...knownChannels.map(
      async (channel) => [channel, await countAvailable(client, tableName, channel, now)] as const,
    ),
  ]);
  return new Map([
    ["StoredItems", items] as const,
    ...channels.map(([channel, { available }]) => [channelMetrics[channel], available] as const),
    ["ActiveAgents", Math.max(...channels.map(([, { active }]) => active))] as const,
  ]);
}
