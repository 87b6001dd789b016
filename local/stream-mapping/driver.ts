import { setTimeout as sleep } from "node:timers/promises";

import {
  DescribeStreamCommand,
  type DynamoDBStreamsClient,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type Shard,
} from "@aws-sdk/client-dynamodb-streams";
import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { GetQueueUrlCommand, SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { DynamoDBRecord } from "aws-lambda";

import { type Condition, deliver } from "./deliver.ts";
import { invocationRecord, objectKey, wholeInvocationRecord } from "./destination.ts";
import type { Mapping } from "./mapping.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";
import { lambdaRecord } from "./records.ts";

/** The services that the driver speaks to. */
export interface Services {
  readonly streams: DynamoDBStreamsClient;
  readonly lambda: LambdaClient;
  readonly sqs: SQSClient;
  readonly s3: S3Client;
}

/** A driver at work. */
export interface Driver {
  /** Ends it; what it was delivering comes again to the next one. */
  readonly stop: () => Promise<void>;
  /** Rejects if the driver fails for a reason that trying again does not mend. */
  readonly ended: Promise<void>;
}

/** Between two looks at a stream that had nothing new. */
const IDLE_MS = 20;

/** Between two looks for new shards. */
const SHARDS_MS = 1000;

/**
 * Does for a stream's mapping what Lambda's service does on AWS, since the emulator's own does not keep
 * order and retries: it is this project's reading of AWS's documentation, not AWS.
 */
export function startDriver(mapping: Mapping, services: Services): Driver {
  const controller = new AbortController();
  const { signal } = controller;
  const pause = async (milliseconds: number): Promise<void> => {
    await sleep(milliseconds, undefined, { signal });
  };

  async function call(records: readonly DynamoDBRecord[]): Promise<Outcome> {
    const sequenceNumbers = records.map(({ dynamodb }) => dynamodb?.SequenceNumber ?? "");
    const command = new InvokeCommand({
      FunctionName: mapping.functionArn,
      Payload: Buffer.from(JSON.stringify({ Records: records })),
    });
    try {
      const answer = await services.lambda.send(command, { abortSignal: signal });
      if (answer.FunctionError !== undefined) {
        return { kind: "failed", from: 0 };
      }
      const text = Buffer.from(answer.Payload ?? []).toString();
      return outcomeOf(text === "" ? null : JSON.parse(text), sequenceNumbers);
    } catch (error) {
      signal.throwIfAborted();
      return { kind: "not called", reason: String(error) };
    }
  }

  async function send(
    records: readonly DynamoDBRecord[],
    condition: Condition,
    place: { readonly calls: number; readonly shardId: string },
  ): Promise<void> {
    const givenUp = { records, condition, ...place };
    const [, , service, , , name = ""] = mapping.destination?.split(":") ?? [];
    if (service === "s3") {
      await services.s3.send(
        new PutObjectCommand({
          Bucket: name,
          Key: objectKey(mapping, place.shardId, new Date()),
          Body: JSON.stringify(wholeInvocationRecord(mapping, givenUp)),
        }),
      );
    } else if (service === "sqs") {
      const { QueueUrl: url } = await services.sqs.send(
        new GetQueueUrlCommand({ QueueName: name }),
      );
      const body = JSON.stringify(invocationRecord(mapping, givenUp));
      await services.sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: body }));
    }
  }

  function surroundingsOf(shardId: string) {
    return {
      call,
      pause,
      now: Date.now,
      giveUp: async (records: readonly DynamoDBRecord[], condition: Condition, calls: number) => {
        for (;;) {
          try {
            await send(records, condition, { calls, shardId });
            return;
          } catch (error) {
            console.error(`the failure destination did not take a batch: ${String(error)}`);
            await pause(IDLE_MS);
          }
        }
      },
    };
  }

  async function drive(shardId: string): Promise<void> {
    let from: string | undefined;
    const iteratorOf = async () => {
      const { ShardIterator: iterator } = await services.streams.send(
        new GetShardIteratorCommand({
          StreamArn: mapping.streamArn,
          ShardId: shardId,
          ShardIteratorType:
            from === undefined ? mapping.startingPosition : "AFTER_SEQUENCE_NUMBER",
          SequenceNumber: from,
        }),
      );
      return iterator;
    };
    let iterator = await iteratorOf();
    while (iterator !== undefined) {
      try {
        const { Records: found = [], NextShardIterator: next } = await services.streams.send(
          new GetRecordsCommand({ ShardIterator: iterator, Limit: mapping.batchSize }),
          { abortSignal: signal },
        );
        await deliver(
          found.map((record) => lambdaRecord(record, mapping.streamArn)),
          mapping,
          surroundingsOf(shardId),
        );
        from = found.at(-1)?.dynamodb?.SequenceNumber ?? from;
        iterator = next;
        if (found.length === 0) {
          await pause(IDLE_MS);
        }
      } catch (error) {
        signal.throwIfAborted();
        console.error(`the stream could not be read: ${String(error)}`);
        await pause(SHARDS_MS);
        iterator = await iteratorOf();
      }
    }
  }

  const drives = new Map<string, Promise<void>>();

  /** A shard begins when its parent, which holds what came before, is through. */
  async function driveAfterParent({
    ShardId: id = "",
    ParentShardId: parent,
  }: Shard): Promise<void> {
    await drives.get(parent ?? "");
    await drive(id);
  }

  async function run(): Promise<void> {
    for (;;) {
      const { StreamDescription: stream } = await services.streams.send(
        new DescribeStreamCommand({ StreamArn: mapping.streamArn }),
        { abortSignal: signal },
      );
      for (const shard of stream?.Shards ?? []) {
        const id = shard.ShardId ?? "";
        if (!drives.has(id)) {
          drives.set(id, driveAfterParent(shard));
        }
      }
      await Promise.race([pause(SHARDS_MS), ...[...drives.values()].map(failuresOf)]);
    }
  }

  const ended = run().catch((error: unknown) => {
    if (!signal.aborted) {
      throw error;
    }
  });
  return {
    ended,
    stop: async () => {
      controller.abort();
      await Promise.allSettled([ended, ...drives.values()]);
    },
  };
}

/** Never resolves, so that a race sees only what went wrong. */
async function failuresOf(drive: Promise<void>): Promise<never> {
  await drive;
  return await new Promise<never>(() => undefined);
}
