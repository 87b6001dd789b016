import {
  ChangeMessageVisibilityCommand,
  ReceiveMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import * as z from "zod";

import { type Cloud, clientConfig } from "../../local/emulator/cloud.ts";

/** A message of the dead-letter queue. */
export interface DeadLetterMessage {
  readonly code: string;
  /** Absent when its whole record could not be read. */
  readonly eventId: string | undefined;
}

const messageSchema = z.object({
  cause: z.object({ code: z.string(), eventId: z.string().optional() }),
});

/** What waits for a person: in the stage's queue, and in the mapping's failure destination. */
export async function openDeadLetters(cloud: Cloud) {
  const config = clientConfig(cloud);
  const [ssm, sqs] = [new SSMClient(config), new SQSClient(config)];
  const s3 = new S3Client({ ...config, forcePathStyle: true });
  const parameter = async (name: string) => {
    const Name = `/agent-availability/${cloud.stage}/${name}`;
    const { Parameter: found } = await ssm.send(new GetParameterCommand({ Name }));
    return found?.Value ?? "";
  };
  const [QueueUrl, Bucket] = [
    await parameter("dead-letter-queue-url"),
    await parameter("on-failure-bucket-name"),
  ];

  return {
    queueUrl: QueueUrl,
    /** Looks at what lies in the queue, and leaves it there. */
    messages: async (): Promise<DeadLetterMessage[]> => {
      const seen: { handle: string; message: DeadLetterMessage }[] = [];
      for (let count = 1; count > 0;) {
        const { Messages: messages = [] } = await sqs.send(
          new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 60 }),
        );
        count = messages.length;
        for (const { Body: body = "", ReceiptHandle: handle = "" } of messages) {
          const { cause } = messageSchema.parse(JSON.parse(body));
          seen.push({ handle, message: { code: cause.code, eventId: cause.eventId } });
        }
      }
      for (const { handle: ReceiptHandle } of seen) {
        await sqs.send(
          new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }),
        );
      }
      return seen.map(({ message }) => message);
    },
    /** Keys of what lies in the failure destination. */
    failedBatches: async (): Promise<string[]> => {
      const { Contents: contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
      return contents.flatMap(({ Key: key }) => key ?? []);
    },
  };
}

/** @see openDeadLetters */
export type DeadLetters = Awaited<ReturnType<typeof openDeadLetters>>;
