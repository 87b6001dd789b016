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

/** Where in a stream a shard is, and from where it is read when none of it was. */
export interface ShardPlace {
  readonly streamArn: string;
  readonly shardId: string;
  readonly startingPosition: "TRIM_HORIZON" | "LATEST";
}

/** A stream's shards, in no order that may be relied on. */
export async function shardsOf(
  streams: DynamoDBStreamsClient,
  streamArn: string,
  abortSignal: AbortSignal,
): Promise<readonly Shard[]> {
  const shards: Shard[] = [];
  let last: string | undefined;
  do {
    const { StreamDescription: { Shards: found = [], LastEvaluatedShardId: next } = {} } =
      await streams.send(
        new DescribeStreamCommand({ StreamArn: streamArn, ExclusiveStartShardId: last }),
        { abortSignal },
      );
    shards.push(...found);
    last = next;
  } while (last !== undefined);
  return shards;
}

/** Reads a shard from where it was left, through expired iterators and errors of the service. */
export class ShardReader {
  private readonly streams: DynamoDBStreamsClient;
  private readonly place: ShardPlace;
  /** Where an iterator is to begin. */
  private from: Pick<GetShardIteratorInput, "ShardIteratorType" | "SequenceNumber">;
  private iterator: string | undefined;
  private closed = false;
  /** Reads in a row that found nothing. */
  private inVain = 0;

  constructor(streams: DynamoDBStreamsClient, place: ShardPlace) {
    this.streams = streams;
    this.place = place;
    this.from = { ShardIteratorType: place.startingPosition };
  }

  /** The shard was closed, and all of it has been read. */
  get isThrough(): boolean {
    return this.closed;
  }

  /** How many reads in a row have found nothing. */
  get readsInVain(): number {
    return this.inVain;
  }

  /**
   * Reads on.
   *
   * @throws the service's error; reading again goes on behind the last record that was read.
   */
  async read(limit: number, abortSignal: AbortSignal): Promise<readonly StreamRecord[]> {
    try {
      this.iterator ??= await this.open(abortSignal);
      const { Records: records = [], NextShardIterator: next } = await this.streams.send(
        new GetRecordsCommand({ ShardIterator: this.iterator, Limit: limit }),
        { abortSignal },
      );
      this.advance(records, next);
      return records;
    } catch (error) {
      this.iterator = undefined;
      // What the stream no longer keeps cannot be read; the oldest that it keeps comes next.
      if (error instanceof TrimmedDataAccessException) {
        this.from = { ShardIteratorType: "TRIM_HORIZON" };
      }
      throw error;
    }
  }

  private advance(records: readonly StreamRecord[], next: string | undefined): void {
    const last = records.at(-1)?.dynamodb?.SequenceNumber;
    if (last !== undefined) {
      this.from = { ShardIteratorType: "AFTER_SEQUENCE_NUMBER", SequenceNumber: last };
    }
    this.inVain = records.length === 0 ? this.inVain + 1 : 0;
    this.iterator = next;
    this.closed = next === undefined;
  }

  private async open(abortSignal: AbortSignal): Promise<string | undefined> {
    const { streamArn, shardId } = this.place;
    const { ShardIterator: iterator } = await this.streams.send(
      new GetShardIteratorCommand({ StreamArn: streamArn, ShardId: shardId, ...this.from }),
      { abortSignal },
    );
    return iterator;
  }
}
