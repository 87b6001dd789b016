import { SendMessageCommand } from "@aws-sdk/client-sqs";

import type { Message } from "../../functions/reconcile/message.ts";
import { describeAwsFailure } from "../shared/aws-failure.ts";
import { createSqsClient } from "../shared/clients.ts";

/**
 * Starts a sweep of an account. A failure is only reported: the schedule starts the sweep a few minutes later.
 *
 * @returns a line for the operator.
 */
export async function startFirstSweep(queueUrl: string, accountId: string): Promise<string> {
  const message: Message = { kind: "sweep", accountId };
  try {
    await createSqsClient().send(
      // The queue delays other messages, so that events arrive first.
      new SendMessageCommand({
        QueueUrl: queueUrl,
        MessageBody: JSON.stringify(message),
        DelaySeconds: 0,
      }),
    );
    return "A sweep has started. It takes up to about 1 minute per 1,000 agents. Afterwards, every agent is stored.";
  } catch (error) {
    const failure = describeAwsFailure(error);
    if (failure === undefined) {
      throw error;
    }
    return `A sweep could not be started: ${failure} The schedule starts one at the next interval (setting reconcile.everyMinutes).`;
  }
}
