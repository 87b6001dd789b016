import { IdempotencyConfig, makeIdempotent } from "@aws-lambda-powertools/idempotency";
import { DynamoDBPersistenceLayer } from "@aws-lambda-powertools/idempotency/dynamodb";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { Context } from "aws-lambda";

import { checkTableOptions, type OnceTableOptions } from "./options.ts";

export type { OnceTableOptions } from "./options.ts";
export { OnceError } from "./once-error.ts";

/** Options of `createOnce`. */
export interface OnceOptions extends OnceTableOptions {
  /** @default - a client with the default settings */
  readonly client?: DynamoDBClient | undefined;
}

/** A DynamoDB item holds at most 400 KB, and a UTF-16 code unit takes at most 3 bytes. */
const MAX_RESULT_LENGTH = 100_000;

/**
 * Returns a result as JSON, or `undefined` if it cannot be stored. It never throws: at this point the work is
 * done, and an error would make the next delivery repeat it.
 */
function toStoredResult(key: string, result: unknown): string | undefined {
  if (result === undefined) {
    return undefined;
  }
  try {
    const json: unknown = JSON.stringify(result);
    if (typeof json === "string" && json.length <= MAX_RESULT_LENGTH) {
      return json;
    }
    console.info({ message: "The result was not stored: it is too long or not JSON", key });
  } catch (error) {
    console.info({ message: "The result was not stored: it is not JSON", key, error });
  }
  return undefined;
}

/**
 * Runs work once for each key, such as an event's `metadata.id`, in any order. It is Powertools'
 * `makeIdempotent` with settings for events.
 *
 * @returns a function that takes the key, Lambda's context (which limits how long a crashed run blocks the
 *   key) and the work. It resolves to the result of the first run, in its JSON form: what `JSON.parse`
 *   returns for `JSON.stringify(result)`, or `undefined` if JSON cannot represent the result or it is longer
 *   than 100,000 characters. If the work fails, its error is thrown and the next call runs it again. While
 *   another call with the key is running, it rejects with IdempotencyAlreadyInProgressError.
 * @throws OnceError if an option is unknown or invalid.
 */
export function createOnce(options: OnceOptions) {
  const expiresAfterSeconds = checkTableOptions(options, ["client"]);
  const { tableName, client = new DynamoDBClient(), consumer } = options;
  const persistenceStore = new DynamoDBPersistenceLayer({ tableName, awsSdkV3Client: client });

  return async function once(
    key: string,
    context: Context,
    run: () => Promise<unknown>,
  ): Promise<unknown> {
    const config = new IdempotencyConfig({
      expiresAfterSeconds,
      throwOnNoIdempotencyKey: true,
      hashFunction: "sha256",
      lambdaContext: context,
    });
    const runOnce = makeIdempotent(async (_key: string) => toStoredResult(key, await run()), {
      persistenceStore,
      config,
      keyPrefix: `once#${consumer ?? context.functionName}`,
    });
    const stored = await runOnce(key);
    return stored === undefined ? undefined : JSON.parse(stored);
  };
}
