import { setTimeout as sleep } from "node:timers/promises";

import type { _Record as StreamRecord, Shard } from "@aws-sdk/client-dynamodb-streams";

import { deliver, type GivenUp, pauseAfter } from "./deliver.ts";
import type { Mapping } from "./mapping.ts";
import { lambdaRecord } from "./records.ts";
import { callFunction, sendToDestination, type Services } from "./services.ts";
import { ShardReader, shardsOf } from "./shard.ts";

/** A driver at work. */
export interface Driver {
  /** Ends it. A batch that was on its way may or may not have reached the function. */
  readonly stop: () => Promise<void>;
  /** Resolves when it was stopped, and rejects if it fails: a defect, since it repeats what can be. */
  readonly ended: Promise<void>;
}

/**
 * Between two looks at a shard that had nothing new, in milliseconds: a short while for some ten seconds,
 * then longer, so that a local cloud that nobody uses leaves the machine alone.
 */
const idlePause = (readsInVain: number) => (readsInVain < 500 ? 20 : 100);

/** Between two looks for new shards. */
const SHARDS_MS = 1000;

/** What one call of GetRecords can give. */
const MOST_RECORDS = 1000;

/**
 * Does for a stream's mapping what Lambda's service does on AWS, since the emulator's own poller loses
 * what the function reports as failed. It is this project's reading of AWS's documentation, not AWS.
 *
 * @param log gets a line for everything that does not go well.
 */
export function startDriver(
  mapping: Mapping,
  services: Services,
  log: (line: string) => void,
): Driver {
  const { streams } = services;
  const { streamArn } = mapping;
  const controller = new AbortController();
  const { signal } = controller;
  const pause = async (milliseconds: number): Promise<void> => {
    await sleep(milliseconds, undefined, { signal });
  };

  /** Until it succeeds or the driver is stopped. */
  async function repeat<Result>(what: string, run: () => Promise<Result>): Promise<Result> {
    for (let failures = 1; ; failures += 1) {
      try {
        return await run();
      } catch (error) {
        signal.throwIfAborted();
        log(`${what}: ${String(error)}`);
        await pause(pauseAfter(failures));
      }
    }
  }

  function surroundingsOf(shardId: string): Parameters<typeof deliver>[2] {
    return {
      pause,
      now: Date.now,
      call: async (records) => {
        try {
          const outcome = await callFunction(services, mapping, records, signal);
          if (outcome.kind !== "done") {
            log(`of ${records.length} records: ${JSON.stringify(outcome)}; they come again`);
          }
          return outcome;
        } catch (error) {
          signal.throwIfAborted();
          log(`the function could not be called: ${String(error)}`);
          return { kind: "not called" };
        }
      },
      giveUp: async (givenUp: GivenUp) => {
        log(`${givenUp.records.length} records are given up: ${givenUp.condition}`);
        await repeat("the failure destination refused", async () => {
          await sendToDestination(services, mapping, shardId, givenUp);
        });
      },
    };
  }

  async function read(reader: ShardReader, count: number): Promise<readonly StreamRecord[]> {
    const records = await repeat(
      "the stream could not be read",
      async () => await reader.read(Math.min(count, MOST_RECORDS), signal),
    );
    if (records.length === 0) {
      await pause(idlePause(reader.readsInVain));
    }
    return records;
  }

  /** What there is, or, where the mapping waits for batches to fill, what comes until then. */
  async function nextBatch(reader: ShardReader): Promise<readonly StreamRecord[]> {
    const batch = [...(await read(reader, mapping.batchSize))];
    const until = Date.now() + mapping.batchingWindow * 1000;
    const mayGrow = () => batch.length < mapping.batchSize && Date.now() < until;
    while (batch.length > 0 && mayGrow() && !reader.isThrough) {
      batch.push(...(await read(reader, mapping.batchSize - batch.length)));
    }
    return batch;
  }

  async function drive(shardId: string, startingPosition: Mapping["startingPosition"]) {
    const reader = new ShardReader(streams, { streamArn, shardId, startingPosition });
    const surroundings = surroundingsOf(shardId);
    while (!reader.isThrough) {
      const batch = await nextBatch(reader);
      await deliver(
        batch.map((record) => lambdaRecord(record, streamArn)),
        mapping,
        surroundings,
      );
    }
    through.add(shardId);
  }

  const drives = new Map<string, Promise<void>>();
  const through = new Set<string>();
  const failure = Promise.withResolvers<never>();

  function start(shardId: string, startingPosition: Mapping["startingPosition"]): void {
    const driving = drive(shardId, startingPosition);
    driving.catch(failure.reject);
    drives.set(shardId, driving);
  }

  /** A shard begins when its parent, which holds what came before, is through, or no longer kept. */
  function mayStart({ ShardId: id = "", ParentShardId: parent }: Shard, shards: readonly Shard[]) {
    const isParentKept = shards.some(({ ShardId }) => ShardId === parent);
    return !drives.has(id) && (!isParentKept || through.has(parent ?? ""));
  }

  async function watchShards(): Promise<never> {
    for (let position = mapping.startingPosition; ; position = "TRIM_HORIZON") {
      const shards = await repeat(
        "the stream could not be looked at",
        async () => await shardsOf(streams, streamArn, signal),
      );
      for (const shard of shards.filter((each) => mayStart(each, shards))) {
        start(shard.ShardId ?? "", position);
      }
      await pause(SHARDS_MS);
    }
  }

  const ended = Promise.race([watchShards(), failure.promise]).catch((error: unknown) => {
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
