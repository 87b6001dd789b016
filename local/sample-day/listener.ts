import {
  DeleteRuleCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from "@aws-sdk/client-eventbridge";
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import * as z from "zod";

import { clientConfig, type Cloud } from "../cloud.ts";

const eventSchema = z.object({
  "detail-type": z.string(),
  source: z.string(),
  time: z.string(),
  /** The replay that it comes of, if it does. */
  "replay-name": z.string().optional(),
  detail: z.record(z.string(), z.unknown()),
});

/** An event as a rule's target receives it. */
export type ReceivedEvent = z.infer<typeof eventSchema>;

/** A rule on the bus whose target is a queue of its own. */
export interface Listener {
  /** Everything that has come since the last time. */
  readonly receive: () => Promise<ReceivedEvent[]>;
  readonly close: () => Promise<void>;
}

/** Listens to all events of the bus, as a consumer would. */
export async function listen(cloud: Cloud, name: string): Promise<Listener> {
  const config = clientConfig(cloud);
  const [events, queues] = [new EventBridgeClient(config), new SQSClient(config)];
  const { QueueUrl: url = "" } = await queues.send(new CreateQueueCommand({ QueueName: name }));
  const { Attributes: attributes = {} } = await queues.send(
    new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ["QueueArn"] }),
  );
  const rule = { Rule: name, EventBusName: cloud.busName };
  await events.send(
    new PutRuleCommand({
      Name: name,
      EventBusName: cloud.busName,
      EventPattern: JSON.stringify({ source: ["freshworks.agent-availability"] }),
    }),
  );
  await events.send(
    new PutTargetsCommand({ ...rule, Targets: [{ Id: "queue", Arn: attributes.QueueArn }] }),
  );

  async function receiveSome(): Promise<ReceivedEvent[]> {
    const { Messages: messages = [] } = await queues.send(
      new ReceiveMessageCommand({ QueueUrl: url, MaxNumberOfMessages: 10, WaitTimeSeconds: 0 }),
    );
    if (messages.length > 0) {
      const entries = messages.map(({ ReceiptHandle }, index) => ({
        Id: `${index}`,
        ReceiptHandle,
      }));
      await queues.send(new DeleteMessageBatchCommand({ QueueUrl: url, Entries: entries }));
    }
    return messages.map(({ Body }) => eventSchema.parse(JSON.parse(Body ?? "")));
  }

  return {
    receive: async () => {
      const received: ReceivedEvent[] = [];
      for (let some = await receiveSome(); some.length > 0; some = await receiveSome()) {
        received.push(...some);
      }
      return received;
    },
    close: async () => {
      await events.send(new RemoveTargetsCommand({ ...rule, Ids: ["queue"] }));
      await events.send(new DeleteRuleCommand({ Name: name, EventBusName: cloud.busName }));
      await queues.send(new DeleteQueueCommand({ QueueUrl: url }));
    },
  };
}
