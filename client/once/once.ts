import { IdempotencyConfig, makeIdempotent } from "@aws-lambda-powertools/idempotency";
import { DynamoDBPersistenceLayer } from "@aws-lambda-powertools/idempotency/dynamodb";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Context } from "aws-lambda";

import { type Memory, rememberForSeconds } from "./memory.ts";

export type { Memory } from "./memory.ts";
export { OnceError } from "./once-error.ts";

/** How things are done once. */
export interface OnceOptions extends Memory {
  /** @default - a client of its own */
  readonly client?: DynamoDBClient | undefined;
}

/**
 * Does something once for each key, such as an event's `metadata.id`, in no order: for batches of a queue,
 * and for what hangs on other keys than an event's. It is Powertools' `makeIdempotent`, set for events.
 *
 * @returns a function of the key, of Lambda's context, which says when a run that crashed is over, and of
 *   what is to be done. It resolves to what that came to, or had come to at its first time; it has to be
 *   something that JSON can hold, or nothing. When it fails, the next call tries again. While another call
 *   with that key runs, it rejects with IdempotencyAlreadyInProgressError, to be called again.
 * @throws OnceError for options that cannot be.
 */
export function createOnce(options: OnceOptions) {
  const { tableName, client = new DynamoDBClient(), consumer } = options;
  const expiresAfterSeconds = rememberForSeconds(options);
  const persistenceStore = new DynamoDBPersistenceLayer({ tableName, awsSdkV3Client: client });

  return async function once<Result>(
    key: string,
    context: Context,
    run: () => Promise<Result>,
  ): Promise<Result> {
    const config = new IdempotencyConfig({
      expiresAfterSeconds,
      throwOnNoIdempotencyKey: true,
      hashFunction: "sha256",
      lambdaContext: context,
    });
    const runOnce = makeIdempotent(async (_key: string) => await run(), {
      persistenceStore,
      config,
      keyPrefix: `once#${consumer ?? context.functionName}`,
    });
    return await runOnce(key);
  };
}
