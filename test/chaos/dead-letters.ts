import {
  ChangeMessageVisibilityCommand,
  ReceiveMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import * as z from "zod";

import { type Cloud, clientConfig } from "../../local/emulator/cloud.ts";

export interface DeadLetterMessage {
  readonly code: string;
  /** `undefined` if the record could not be parsed. */
  readonly eventId: string | undefined;
}

const messageSchema = z.object({
  cause: z.object({ code: z.string(), eventId: z.string().optional() }),
});

/** Reads the stage's dead-letter queue and the on-failure destination of its event source mapping. */
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
    /** Returns the messages of the queue without removing them. */
    messages: async (): Promise<DeadLetterMessage[]> => {
      const received: { handle: string; message: DeadLetterMessage }[] = [];
      for (let count = 1; count > 0;) {
        const { Messages: messages = [] } = await sqs.send(
          new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 60 }),
        );
        count = messages.length;
        for (const { Body: body = "", ReceiptHandle: handle = "" } of messages) {
          const { cause } = messageSchema.parse(JSON.parse(body));
          received.push({ handle, message: { code: cause.code, eventId: cause.eventId } });
        }
      }
      for (const { handle: ReceiptHandle } of received) {
        await sqs.send(
          new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }),
        );
      }
      return received.map(({ message }) => message);
    },
    /** Returns the keys of the objects in the on-failure destination. */
    failedBatches: async (): Promise<string[]> => {
      const { Contents: contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket }));
      return contents.flatMap(({ Key: key }) => key ?? []);
    },
  };
}

export type DeadLetters = Awaited<ReturnType<typeof openDeadLetters>>;
