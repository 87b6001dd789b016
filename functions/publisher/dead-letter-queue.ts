import { SendMessageCommand, SQSClient, type SQSClientConfig } from "@aws-sdk/client-sqs";

/** Leaves time at the end of an invocation for the last message. */
const SEND_TIMEOUT_MS = 3000;

/**
 * Creates a function that sends messages to the dead-letter queue.
 *
 * This module is loaded when the first message is sent: most stages never send one, and do not pay for a
 * third SDK client in their cold starts.
 */
export function createDeadLetterQueue(queueUrl: string, config: SQSClientConfig) {
  const client = new SQSClient(config);
  return async (body: string): Promise<void> => {
    await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body }), {
      abortSignal: AbortSignal.timeout(SEND_TIMEOUT_MS),
    });
  };
}
