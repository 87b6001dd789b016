import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import type { DynamoDBRecord } from "aws-lambda";

import type { EventSourceMapping } from "./event-source-mapping.ts";
import { type InvocationOutcome, outcomeOf } from "./invocation-outcome.ts";

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The response is not JSON, so the whole batch fails.
    return text;
  }
}

/**
 * Invokes the mapping's function with a batch.
 *
 * @throws the service's error if the function was not invoked.
 */
export async function invokeFunction(
  lambda: LambdaClient,
  { functionArn, partialFailures }: EventSourceMapping,
  records: readonly DynamoDBRecord[],
  abortSignal: AbortSignal,
): Promise<InvocationOutcome> {
  const command = new InvokeCommand({
    FunctionName: functionArn,
    Payload: Buffer.from(JSON.stringify({ Records: records })),
  });
  const { FunctionError: error, Payload: payload = [] } = await lambda.send(command, {
    abortSignal,
  });
  if (error !== undefined) {
    return { kind: "failed" };
  }
  const text = Buffer.from(payload).toString();
  const sequenceNumbers = records.map(({ dynamodb }) => dynamodb?.SequenceNumber ?? "");
  return partialFailures
    ? outcomeOf(text === "" ? null : parse(text), sequenceNumbers)
    : { kind: "succeeded" };
}
