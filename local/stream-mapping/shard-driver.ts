import type { _Record as StreamRecord } from "@aws-sdk/client-dynamodb-streams";
import type { DynamoDBRecord } from "aws-lambda";

import { deliver, type DiscardedBatch } from "./deliver.ts";
import { type DriverContext, pause, retry } from "./driver-context.ts";
import type { InvocationOutcome } from "./invocation-outcome.ts";
import { invokeFunction } from "./invoke.ts";
import { lambdaRecord } from "./lambda-record.ts";
import { sendToDestination } from "./on-failure-destination.ts";
import { ShardReader, type ShardStart } from "./shard-reader.ts";

/** Maximum number of records that one call of GetRecords returns. */
const MAX_RECORDS = 1000;

/**
 * Milliseconds between two reads of a shard without new records. They are longer after about ten seconds, so
 * that an idle local cloud uses little of the machine.
 */
const idlePause = (emptyReads: number) => (emptyReads < 500 ? 20 : 100);

async function read(
  reader: ShardReader,
  limit: number,
  context: DriverContext,
): Promise<readonly StreamRecord[]> {
  const records = await retry(
    "Reading the stream failed",
    async () => await reader.read(Math.min(limit, MAX_RECORDS), context.signal),
    context,
  );
  if (records.length === 0) {
    await pause(idlePause(reader.consecutiveEmptyReads), context);
  }
  return records;
}

/** Reads a batch, and waits for it to fill if the mapping has a batching window. */
async function readBatch(
  reader: ShardReader,
  context: DriverContext,
): Promise<readonly StreamRecord[]> {
  const { batchSize, batchingWindow } = context.mapping;
  const batch = [...(await read(reader, batchSize, context))];
  const deadline = Date.now() + batchingWindow * 1000;
  const mayGrow = () => batch.length < batchSize && Date.now() < deadline;
  while (batch.length > 0 && mayGrow() && !reader.isAtEnd) {
    batch.push(...(await read(reader, batchSize - batch.length, context)));
  }
  return batch;
}

async function invoke(
  records: readonly DynamoDBRecord[],
  { clients, mapping, signal, log }: DriverContext,
): Promise<InvocationOutcome> {
  try {
    const outcome = await invokeFunction(clients.lambda, mapping, records, signal);
    if (outcome.kind !== "succeeded") {
      log(`A batch is retried (records: ${records.length}): ${JSON.stringify(outcome)}`);
    }
    return outcome;
  } catch (error) {
    signal.throwIfAborted();
    log(`Invoking the function failed: ${String(error)}`);
    return { kind: "not invoked" };
  }
}

async function discard(
  batch: DiscardedBatch,
  shardId: string,
  context: DriverContext,
): Promise<void> {
  const { clients, mapping, log } = context;
  log(`A batch is discarded (records: ${batch.records.length}): ${batch.condition}`);
  await retry(
    "Sending to the on-failure destination failed",
    async () => {
      await sendToDestination(clients, { mapping, shardId, batch });
    },
    context,
  );
}

/** Delivers a shard's records to the function until the shard ends. Rejects if the driver is being stopped. */
export async function driveShard(
  { shardId, startingPosition }: Omit<ShardStart, "streamArn">,
  context: DriverContext,
): Promise<void> {
  const { clients, mapping } = context;
  const { streamArn } = mapping;
  const reader = new ShardReader(clients.streams, { streamArn, shardId, startingPosition });
  while (!reader.isAtEnd) {
    const batch = await readBatch(reader, context);
    const records = batch.map((record) => lambdaRecord(record, streamArn));
    await deliver(records, mapping, {
      now: Date.now,
      pause: async (milliseconds) => {
        await pause(milliseconds, context);
      },
      invoke: async (pending) => await invoke(pending, context),
      discard: async (discarded) => {
        await discard(discarded, shardId, context);
      },
    });
  }
}
