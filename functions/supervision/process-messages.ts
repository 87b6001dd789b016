import type { SQSRecord } from "aws-lambda";

/**
 * Processes the messages of a batch concurrently. Logs failures, which do not affect the other messages.
 *
 * @returns the IDs of the messages that failed.
 */
export async function processMessages(
  messages: readonly Pick<SQSRecord, "messageId" | "body">[],
  processBody: (body: string) => Promise<void>,
): Promise<string[]> {
  const failed = await Promise.all(
    messages.map(async ({ messageId, body }) => {
      try {
        await processBody(body);
        return [];
      } catch (failure) {
        const { name, message } = failure instanceof Error ? failure : new Error(String(failure));
        console.error({
          message: "a message could not be processed",
          messageId,
          error: name,
          reason: message,
        });
        return [messageId];
      }
    }),
  );
  return failed.flat();
}
