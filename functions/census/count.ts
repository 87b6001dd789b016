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

/** No shift is longer: who opened a channel before that went home and forgot to log out. */
const SHIFT_MS = 12 * 60 * 60 * 1000;

/** Agents of all accounts on one channel. */
interface Counted {
  readonly available: number;

  /** Those of them who opened the channel within a shift. */
  readonly atWork: number;
}

/**
 * Counts who is available on a channel now, in all accounts, and who of them opened it within a shift.
 *
 * The index holds those agents and no other, so that all of it is read; what comes back are numbers. DynamoDB
 * filters after it has read, and says both how many it read and how many are left: the second number costs
 * nothing.
 *
 * @throws what DynamoDB answers: a page that is missing would make the numbers wrong.
 */
export async function countAvailable(
  client: DynamoDBClient,
  tableName: string,
  channel: KnownChannel,
  now: Date,
): Promise<Counted> {
  const { name: indexName, sortKey } = availableIndex(channel);
  const shiftAgo = new Date(now.getTime() - SHIFT_MS).toISOString();
  let available = 0;
  let atWork = 0;
  let from: Record<string, AttributeValue> | undefined;
  do {
    const page = await client.send(
      new ScanCommand({
        TableName: tableName,
        IndexName: indexName,
        Select: "COUNT",
        FilterExpression: "#since > :shiftAgo",
        ExpressionAttributeNames: { "#since": sortKey },
        ExpressionAttributeValues: { ":shiftAgo": { S: shiftAgo } },
        ExclusiveStartKey: from,
      }),
    );
    available += page.ScannedCount ?? 0;
    atWork += page.Count ?? 0;
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
  return { available, atWork };
}

/**
 * Counts every channel that has an index.
 *
 * Who is at work is counted on the channel where that are most: a sum would count an agent of three channels
 * three times.
 */
export async function takeCensus(
  client: DynamoDBClient,
  tableName: string,
  now: Date,
): Promise<ReadonlyMap<CensusMetric, number>> {
  const counts = await Promise.all(
    knownChannels.map(
      async (channel) => [channel, await countAvailable(client, tableName, channel, now)] as const,
    ),
  );
  return new Map([
    ...counts.map(([channel, { available }]) => [metricOf[channel], available] as const),
    ["AgentsAtWork", Math.max(...counts.map(([, { atWork }]) => atWork))] as const,
  ]);
}
