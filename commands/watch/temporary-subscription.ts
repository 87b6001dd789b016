import {
  DeleteRuleCommand,
  type EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from "@aws-sdk/client-eventbridge";
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import * as z from "zod";

const eventSchema = z.object({
  "detail-type": z.string(),
  source: z.string(),
  time: z.string(),
  /** The replay that sent the event, if any. */
  "replay-name": z.string().optional(),
  detail: z.record(z.string(), z.unknown()),
});

/** An event as a rule's target receives it. */
export type ReceivedEvent = z.infer<typeof eventSchema>;

export interface SubscriptionOptions {
  readonly eventBridge: EventBridgeClient;
  readonly sqs: SQSClient;
  readonly busName: string;
  /** Name of the rule and of the queue. */
  readonly name: string;
  /** EventBridge pattern of the events to receive. */
  readonly pattern: object;
}

/** If the command is killed, the messages in its queue are deleted after this time. */
const RETENTION_SECONDS = 300;

/** Allows the rule, and nothing else, to send to the queue to which the policy is attached. */
function queuePolicy(ruleArn: string): string {
  return JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: "events.amazonaws.com" },
        Action: "sqs:SendMessage",
        Resource: "*",
        Condition: { ArnEquals: { "aws:SourceArn": ruleArn } },
      },
    ],
  });
}

/** Creates the queue. @returns its URL and ARN. */
async function createQueue(sqs: SQSClient, name: string, ruleArn: string) {
  const { QueueUrl: url = "" } = await sqs.send(
    new CreateQueueCommand({
      QueueName: name,
      Attributes: {
        Policy: queuePolicy(ruleArn),
        MessageRetentionPeriod: String(RETENTION_SECONDS),
        SqsManagedSseEnabled: "true",
      },
    }),
  );
  const { Attributes: attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ["QueueArn"] }),
  );
  return { url, arn: attributes.QueueArn ?? "" };
}

async function removeMessages(
  sqs: SQSClient,
  url: string,
  messages: readonly Message[],
): Promise<void> {
  if (messages.length > 0) {
    const entries = messages.map(({ ReceiptHandle }, index) => ({ Id: `${index}`, ReceiptHandle }));
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries: entries }));
  }
}

/** Runs every step, even if an earlier one fails. @throws the first failure. */
async function runAll(steps: readonly (() => Promise<unknown>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const step of steps) {
    await step().catch((error: unknown) => failures.push(error));
  }
  if (failures.length > 0) {
    throw failures[0];
  }
}

/**
 * Creates a rule and a queue that receive the events of a bus, as a consumer would.
 *
 * @throws the error of AWS, after everything created was removed.
 */
export async function subscribe(options: SubscriptionOptions) {
  const { eventBridge, sqs, busName, name, pattern } = options;
  const rule = { Rule: name, EventBusName: busName };
  // In the reverse order of their creation: a rule with targets cannot be deleted.
  const removals: (() => Promise<unknown>)[] = [];
  const remove = async () => {
    await runAll(removals.toReversed());
  };
  try {
    const { RuleArn: ruleArn = "" } = await eventBridge.send(
      new PutRuleCommand({
        Name: name,
        EventBusName: busName,
        Description:
          "Temporary rule of `agent-availability watch`. Delete it if no watch is running.",
        EventPattern: JSON.stringify(pattern),
      }),
    );
    removals.push(
      async () =>
        await eventBridge.send(new DeleteRuleCommand({ Name: name, EventBusName: busName })),
    );
    const queue = await createQueue(sqs, name, ruleArn);
    // The queue is deleted last: an event that arrives meanwhile must not count as a failed delivery.
    removals.unshift(async () => await sqs.send(new DeleteQueueCommand({ QueueUrl: queue.url })));
    await eventBridge.send(
      new PutTargetsCommand({ ...rule, Targets: [{ Id: "queue", Arn: queue.arn }] }),
    );
    removals.push(
      async () => await eventBridge.send(new RemoveTargetsCommand({ ...rule, Ids: ["queue"] })),
    );
    return {
      /** Returns up to ten events. Waits up to `waitSeconds` for the first. */
      receive: async (waitSeconds: number): Promise<ReceivedEvent[]> => {
        const { Messages: messages = [] } = await sqs.send(
          new ReceiveMessageCommand({
            QueueUrl: queue.url,
            MaxNumberOfMessages: 10,
            WaitTimeSeconds: waitSeconds,
          }),
        );
        await removeMessages(sqs, queue.url, messages);
        return messages.map(({ Body }) => eventSchema.parse(JSON.parse(Body ?? "")));
      },
      /** Removes the target, the rule and the queue, as far as they exist. */
      remove,
    };
  } catch (error) {
    // The reported failure is the first one, not that of the removal.
    await remove().catch(() => undefined);
    throw error;
  }
}
