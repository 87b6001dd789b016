import { InvokeCommand, type LambdaClient, LambdaServiceException } from "@aws-sdk/client-lambda";
import type { DynamoDBRecord } from "aws-lambda";
import * as z from "zod";

import type { Cause } from "../../functions/publisher/dead-letter.ts";
import { sequenceNumberOf } from "../../functions/store/outbox-record.ts";

const responseSchema = z.object({
  batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })),
});

/** The outcome of passing records to the history function. */
export interface StoreOutcome {
  /** Number of stored records. They are the first ones, in order. */
  readonly stored: number;
  /** Why the others are not stored; absent if all are. */
  readonly cause?: Cause;
}

const notStoredCause = (message: string): Cause => ({ code: "NotStored", message });

const deniedCause = (message: string): Cause => ({ code: "InvocationDenied", message });

/** Creates the function that stores records in the history by invoking the history function. */
export function createStoreInHistory(lambda: LambdaClient, functionName: string) {
  return async (records: readonly DynamoDBRecord[]): Promise<StoreOutcome> => {
    const invoke = new InvokeCommand({
      FunctionName: functionName,
      Payload: JSON.stringify({ Records: records }),
    });
    const response = await lambda.send(invoke).catch((error: unknown) => {
      if (error instanceof LambdaServiceException) {
        return error;
      }
      throw error;
    });
    if (response instanceof LambdaServiceException) {
      const message = `${response.name}: ${response.message}`;
      const isDenied = response.name.startsWith("AccessDenied");
      return { stored: 0, cause: isDenied ? deniedCause(message) : notStoredCause(message) };
    }
    if (response.FunctionError !== undefined) {
      return { stored: 0, cause: notStoredCause("the function failed") };
    }
    const { batchItemFailures } = responseSchema.parse(
      JSON.parse(Buffer.from(response.Payload ?? []).toString("utf8")),
    );
    const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    if (failed.size === 0) {
      return { stored: records.length };
    }
    // As in an event source mapping, an identifier that is not in the batch fails the whole batch.
    const first = records.findIndex((record) => failed.has(sequenceNumberOf(record)));
    return {
      stored: Math.max(first, 0),
      cause: notStoredCause("the function reported the record as failed"),
    };
  };
}

export type StoreInHistory = ReturnType<typeof createStoreInHistory>;
