import { setTimeout as sleep } from "node:timers/promises";

import type { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import type { LambdaClient } from "@aws-sdk/client-lambda";

import { pauseAfter } from "./deliver.ts";
import type { EventSourceMapping } from "./event-source-mapping.ts";
import type { DestinationClients } from "./on-failure-destination.ts";

/** The clients of the services that the driver uses. */
export interface DriverClients extends DestinationClients {
  readonly streams: DynamoDBStreamsClient;
  readonly lambda: LambdaClient;
}

/** The context that the parts of a driver share. */
export interface DriverContext {
  readonly mapping: EventSourceMapping;
  readonly clients: DriverClients;
  /** Aborts when the driver is being stopped. */
  readonly signal: AbortSignal;
  /** Receives a line for every failure. */
  readonly log: (line: string) => void;
}

/** Waits. Rejects if the driver is being stopped. */
export async function pause(milliseconds: number, { signal }: DriverContext): Promise<void> {
  await sleep(milliseconds, undefined, { signal });
}

/** Runs an operation until it succeeds. Rejects only if the driver is being stopped. */
export async function retry<Result>(
  failure: string,
  run: () => Promise<Result>,
  context: DriverContext,
): Promise<Result> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await run();
    } catch (error) {
      context.signal.throwIfAborted();
      context.log(`${failure}: ${String(error)}`);
      await pause(pauseAfter(failures), context);
    }
  }
}
