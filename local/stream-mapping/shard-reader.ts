import {
  type _Record as StreamRecord,
  DescribeStreamCommand,
  type DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type GetShardIteratorInput,
  type Shard,
  TrimmedDataAccessException,
} from "@aws-sdk/client-dynamodb-streams";

/** A shard of a stream, and where to start reading it. */
export interface ShardStart {
  readonly streamArn: string;
  readonly shardId: string;
  readonly startingPosition: "TRIM_HORIZON" | "LATEST";
}

/** Returns a stream's shards in no particular order. */
export async function listShards(
  streams: DynamoDBStreamsClient,
  streamArn: string,
  abortSignal: AbortSignal,
): Promise<readonly Shard[]> {
  const shards: Shard[] = [];
  let last: string | undefined;
  do {
    const { StreamDescription: { Shards: page = [], LastEvaluatedShardId: next } = {} } =
      await streams.send(
        new DescribeStreamCommand({ StreamArn: streamArn, ExclusiveStartShardId: last }),
        { abortSignal },
      );
    shards.push(...page);
    last = next;
  } while (last !== undefined);
  return shards;
}

/** Reads a shard, and continues after expired iterators and errors of the service. */
export class ShardReader {
  /** Whether the shard is closed and has been read to its end. */
  isAtEnd = false;
  /** Number of consecutive reads that returned no record. */
  consecutiveEmptyReads = 0;
  private readonly streams: DynamoDBStreamsClient;
  private readonly start: ShardStart;
  /** The start of the next iterator. */
  private position: Pick<GetShardIteratorInput, "ShardIteratorType" | "SequenceNumber">;
  private iterator: string | undefined;

  constructor(streams: DynamoDBStreamsClient, start: ShardStart) {
    this.streams = streams;
    this.start = start;
    this.position = { ShardIteratorType: start.startingPosition };
  }

  /**
   * Reads the next records.
   *
   * @throws the service's error. The next read continues after the last record that was read.
   */
  async read(limit: number, abortSignal: AbortSignal): Promise<readonly StreamRecord[]> {
    try {
      this.iterator ??= await this.openIterator(abortSignal);
      const { Records: records = [], NextShardIterator: next } = await this.streams.send(
        new GetRecordsCommand({ ShardIterator: this.iterator, Limit: limit }),
        { abortSignal },
      );
      this.advance(records, next);
      return records;
    } catch (error) {
      this.iterator = undefined;
      // The stream no longer keeps the position, so reading continues at the oldest record that it keeps.
      if (error instanceof TrimmedDataAccessException) {
        this.position = { ShardIteratorType: "TRIM_HORIZON" };
      }
      throw error;
    }
  }

  private advance(records: readonly StreamRecord[], next: string | undefined): void {
    const last = records.at(-1)?.dynamodb?.SequenceNumber;
    if (last !== undefined) {
      this.position = { ShardIteratorType: "AFTER_SEQUENCE_NUMBER", SequenceNumber: last };
    }
    this.consecutiveEmptyReads = records.length === 0 ? this.consecutiveEmptyReads + 1 : 0;
    this.iterator = next;
    this.isAtEnd = next === undefined;
  }

  private async openIterator(abortSignal: AbortSignal): Promise<string | undefined> {
    const { streamArn, shardId } = this.start;
    const { ShardIterator: iterator } = await this.streams.send(
      new GetShardIteratorCommand({ StreamArn: streamArn, ShardId: shardId, ...this.position }),
      { abortSignal },
    );
    return iterator;
  }
}
