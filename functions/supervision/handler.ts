import type { SQSBatchResponse, SQSEvent } from "aws-lambda";

import { requiredText } from "../environment.ts";
import { createMetrics } from "../metrics/write-metrics.ts";

const metrics = createMetrics("supervision", requiredText(process.env, "STAGE"));

/** An input that this function does not recognize. */
class UnrecognizedInputError extends Error {
  override readonly name = "UnrecognizedInputError";
}

function processInput(event: SQSEvent | { readonly kind: string }): Promise<SQSBatchResponse> {
  return Promise.reject(
    new UnrecognizedInputError(
      `the input must be messages of a queue (got ${JSON.stringify(event).slice(0, 40)})`,
    ),
  );
}

/** Processes messages of the stack's queues. */
export const handler = async (
  event: SQSEvent | { readonly kind: string },
): Promise<SQSBatchResponse> => {
  try {
    return await processInput(event);
  } finally {
    metrics.flush();
  }
};
