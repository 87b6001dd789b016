import { SendMessageCommand, SQSClient, type SQSClientConfig } from "@aws-sdk/client-sqs";

/** Kept free at the end of an invocation, so that the last cause still gets to the queue. */
const SEND_MS = 3000;

/**
 * The queue of what is set aside, to send to.
 *
 * A module of its own, loaded when it is first needed: a stage that never sets anything aside never pays
 * for the client of a third service in its cold starts.
 */
export function createSetAsideQueue(queueUrl: string, config: SQSClientConfig) {
  const client = new SQSClient(config);
  return async (body: string): Promise<void> => {
    await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: body }), {
      abortSignal: AbortSignal.timeout(SEND_MS),
    });
  };
}
