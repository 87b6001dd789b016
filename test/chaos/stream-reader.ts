import { setTimeout as sleep } from "node:timers/promises";

import {
  DescribeStreamCommand,
  DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListStreamsCommand,
  type _Record as StreamRecord,
} from "@aws-sdk/client-dynamodb-streams";
import { unmarshall } from "@aws-sdk/util-dynamodb";

import { type Cloud, clientConfig } from "../../local/emulator/cloud.ts";

type Item = Readonly<Record<string, unknown>>;

/** One write to the table, from its stream. */
export interface StreamChange {
  readonly accountId: string;
  /** The item's `availabilityId`. */
  readonly agent: string;
  readonly before: Item | undefined;
  readonly after: Item | undefined;
  /** ISO 8601, to the second, as the function receives it. */
  readonly recordedAt: string | undefined;
}

/** Formats a time to the second, as the function receives it. */
function recordedAt(time: Date | undefined): string | undefined {
  return time && new Date(Math.floor(time.getTime() / 1000) * 1000).toISOString();
}

function changeOf({ dynamodb = {} }: StreamRecord): StreamChange {
  const { Keys: keys = {}, OldImage: before, NewImage: after } = dynamodb;
  const { accountId, availabilityId } = unmarshall(keys);
  return {
    accountId: String(accountId),
    agent: String(availabilityId),
    before: before && unmarshall(before),
    after: after && unmarshall(after),
    recordedAt: recordedAt(dynamodb.ApproximateCreationDateTime),
  };
}

/** Opens the table's stream at its oldest record. */
export async function openStream(cloud: Cloud) {
  const streams = new DynamoDBStreamsClient(clientConfig(cloud));
  const { Streams: [stream] = [] } = await streams.send(
    new ListStreamsCommand({ TableName: cloud.tableName }),
  );
  const StreamArn = stream?.StreamArn;
  const { StreamDescription: { Shards: shards = [] } = {} } = await streams.send(
    new DescribeStreamCommand({ StreamArn }),
  );
  const [shard, ...more] = shards;
  if (shard === undefined || more.length > 0) {
    throw new Error(`the table's stream must have 1 shard (got ${shards.length})`);
  }
  const { ShardIterator: first } = await streams.send(
    new GetShardIteratorCommand({
      StreamArn,
      ShardId: shard.ShardId,
      ShardIteratorType: "TRIM_HORIZON",
    }),
  );
  let iterator = first;
  return {
    /** Returns the writes since the last call. */
    read: async (): Promise<StreamChange[]> => {
      const changes: StreamChange[] = [];
      for (let found = 1; found > 0;) {
        const { Records: records = [], NextShardIterator: next } = await streams.send(
          new GetRecordsCommand({ ShardIterator: iterator }),
        );
        iterator = next;
        found = records.length;
        changes.push(...records.map(changeOf));
        await sleep(0);
      }
      return changes;
    },
  };
}

export type StreamReader = Awaited<ReturnType<typeof openStream>>;
