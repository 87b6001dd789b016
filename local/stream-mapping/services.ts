import type { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { GetQueueUrlCommand, SendMessageCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { DynamoDBRecord } from "aws-lambda";

import type { GivenUp } from "./deliver.ts";
import { invocationRecord, objectKey, wholeInvocationRecord } from "./invocation-record.ts";
import type { Mapping } from "./mapping.ts";
import { type Outcome, outcomeOf } from "./outcome.ts";

/** The services that the driver speaks to. */
export interface Services {
  readonly streams: DynamoDBStreamsClient;
  readonly lambda: LambdaClient;
  readonly sqs: SQSClient;
  readonly s3: S3Client;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // No answer that says what failed: Lambda takes the whole batch as failed.
    return text;
  }
}

/**
 * Calls the mapping's function with a batch.
 *
 * @throws the service's error when the call cannot be made.
 */
export async function callFunction(
  { lambda }: Services,
  { functionArn, partialFailures }: Mapping,
  records: readonly DynamoDBRecord[],
  abortSignal: AbortSignal,
): Promise<Outcome> {
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
    : { kind: "done" };
}

/**
 * Puts what is given up where the mapping says; without a failure destination it is lost, as on AWS.
 *
 * @throws the service's error when it is not taken.
 */
export async function sendToDestination(
  { s3, sqs }: Services,
  mapping: Mapping,
  shardId: string,
  givenUp: GivenUp,
): Promise<void> {
  const [, , service, , , name = ""] = mapping.destination?.split(":") ?? [];
  if (service === "s3") {
    await s3.send(
      new PutObjectCommand({
        Bucket: name,
        Key: objectKey(mapping, shardId, new Date()),
        Body: JSON.stringify(wholeInvocationRecord(mapping, shardId, givenUp)),
      }),
    );
  } else if (service === "sqs") {
    const { QueueUrl: url } = await sqs.send(new GetQueueUrlCommand({ QueueName: name }));
    const body = JSON.stringify(invocationRecord(mapping, shardId, givenUp));
    await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: body }));
  }
}
