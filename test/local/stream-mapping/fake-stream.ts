import {
  DescribeStreamCommand,
  type DescribeStreamCommandInput,
  GetRecordsCommand,
  type GetRecordsCommandInput,
  GetShardIteratorCommand,
  type GetShardIteratorCommandInput,
  type DynamoDBStreamsClientResolvedConfig,
  type ServiceInputTypes,
  type ServiceOutputTypes,
  type Shard,
  TrimmedDataAccessException,
} from "@aws-sdk/client-dynamodb-streams";
import type { AwsStub } from "aws-sdk-client-mock";

type StreamsMock = AwsStub<
  ServiceInputTypes,
  ServiceOutputTypes,
  DynamoDBStreamsClientResolvedConfig
>;

/** A shard of a fake stream. Later records are pushed to `numbers`. */
export interface FakeShard {
  readonly shard: Shard;
  readonly numbers: number[];
  closed?: boolean;
}

/** Fakes a stream of these shards. An iterator is the shard's ID and the index of the next record. */
export function streamOf(streams: StreamsMock, ...shards: readonly FakeShard[]): void {
  const find = (id = "") => {
    const found = shards.find(({ shard }) => shard.ShardId === id);
    if (found === undefined) {
      throw new Error(`no shard ${id}`);
    }
    return found;
  };
  streams
    .on(DescribeStreamCommand)
    .callsFake(({ ExclusiveStartShardId: after }: DescribeStreamCommandInput) => {
      // One shard per page.
      const index = shards.findIndex(({ shard }) => shard.ShardId === after) + 1;
      const isLast = index >= shards.length - 1;
      return {
        StreamDescription: {
          Shards: shards.slice(index, index + 1).map(({ shard }) => shard),
          LastEvaluatedShardId: isLast ? undefined : shards[index]?.shard.ShardId,
        },
      };
    });
  streams.on(GetShardIteratorCommand).callsFake((input: GetShardIteratorCommandInput) => {
    const { numbers } = find(input.ShardId);
    const number = input.SequenceNumber;
    if (number !== undefined && !numbers.includes(Number(number))) {
      throw new TrimmedDataAccessException({ message: "trimmed", $metadata: {} });
    }
    const positions = {
      TRIM_HORIZON: 0,
      LATEST: numbers.length,
      AT_SEQUENCE_NUMBER: numbers.indexOf(Number(input.SequenceNumber)),
      AFTER_SEQUENCE_NUMBER: numbers.indexOf(Number(input.SequenceNumber)) + 1,
    };
    return {
      ShardIterator: `${String(input.ShardId)}:${positions[input.ShardIteratorType ?? "LATEST"]}`,
    };
  });
  streams.on(GetRecordsCommand).callsFake((input: GetRecordsCommandInput) => {
    const [id = "", position = ""] = input.ShardIterator?.split(":") ?? [];
    const { numbers, closed } = find(id);
    const found = numbers.slice(Number(position), Number(position) + (input.Limit ?? 1000));
    const next = Number(position) + found.length;
    return {
      Records: found.map((number) => ({
        dynamodb: { SequenceNumber: String(number), ApproximateCreationDateTime: new Date() },
      })),
      NextShardIterator: closed === true && next === numbers.length ? undefined : `${id}:${next}`,
    };
  });
}

/** Returns a shard with records of these sequence numbers. */
export function aShard(id: string, numbers: number[], parent?: string): FakeShard {
  return { shard: { ShardId: id, ParentShardId: parent }, numbers };
}
