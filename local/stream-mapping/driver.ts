import type { Shard } from "@aws-sdk/client-dynamodb-streams";

import { type DriverClients, type DriverContext, pause, retry } from "./driver-context.ts";
import type { EventSourceMapping } from "./event-source-mapping.ts";
import { driveShard } from "./shard-driver.ts";
import { listShards } from "./shard-reader.ts";

export interface Driver {
  /** Stops the driver. A batch that is being sent may or may not reach the function. */
  readonly stop: () => Promise<void>;
  /** Resolves when the driver was stopped. Rejects if it fails, which is a bug. */
  readonly ended: Promise<void>;
}

const NEW_SHARDS_INTERVAL_MS = 1000;

/** Drives each shard of a stream once, and in the order of parent and child. */
class Shards {
  private readonly context: DriverContext;
  private readonly running = new Map<string, Promise<void>>();
  private readonly ended = new Set<string>();
  /** Rejects if driving a shard fails. */
  readonly failure = Promise.withResolvers<never>();

  constructor(context: DriverContext) {
    this.context = context;
  }

  /** Starts each new shard whose parent has ended or has expired. */
  startReady(shards: readonly Shard[], position: EventSourceMapping["startingPosition"]): void {
    for (const { ShardId: shardId = "", ParentShardId: parentId = "" } of shards) {
      const isParentKept = shards.some(({ ShardId }) => ShardId === parentId);
      if (!this.running.has(shardId) && (!isParentKept || this.ended.has(parentId))) {
        this.running.set(shardId, this.drive(shardId, position));
      }
    }
  }

  /** Resolves when no shard is being driven anymore. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.running.values());
  }

  private async drive(
    shardId: string,
    startingPosition: EventSourceMapping["startingPosition"],
  ): Promise<void> {
    try {
      await driveShard({ shardId, startingPosition }, this.context);
      this.ended.add(shardId);
    } catch (error) {
      this.failure.reject(error);
    }
  }
}

/** Lists the stream's shards again and again. Shards that appear later are read from their beginning. */
async function watchShards(shards: Shards, context: DriverContext): Promise<never> {
  const { clients, mapping, signal } = context;
  for (let position = mapping.startingPosition; ; position = "TRIM_HORIZON") {
    const listed = await retry(
      "Listing the stream's shards failed",
      async () => await listShards(clients.streams, mapping.streamArn, signal),
      context,
    );
    shards.startReady(listed, position);
    await pause(NEW_SHARDS_INTERVAL_MS, context);
  }
}

/**
 * Starts a driver that does for an event source mapping what the Lambda service does on AWS. The emulator's own
 * poller loses the records that a function reports as failed.
 *
 * @param log receives a line for every failure.
 */
export function startDriver(
  mapping: EventSourceMapping,
  clients: DriverClients,
  log: (line: string) => void,
): Driver {
  const controller = new AbortController();
  const context: DriverContext = { mapping, clients, log, signal: controller.signal };
  const shards = new Shards(context);
  const ended = Promise.race([watchShards(shards, context), shards.failure.promise]).catch(
    (error: unknown) => {
      if (!controller.signal.aborted) {
        throw error;
      }
    },
  );
  return {
    ended,
    stop: async () => {
      controller.abort();
      await Promise.allSettled([ended, shards.settled()]);
    },
  };
}
