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

import { clientConfig, type Cloud } from "../emulator/cloud.ts";

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

/** A rule on the bus with a queue as its target. */
export interface Listener {
  /** Returns the events that arrived since the last call. */
  readonly receive: () => Promise<ReceivedEvent[]>;
  readonly close: () => Promise<void>;
}

/** Receives all events of the bus, as a consumer would. */
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

  async function receiveBatch(): Promise<ReceivedEvent[]> {
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
      for (let batch = await receiveBatch(); batch.length > 0; batch = await receiveBatch()) {
        received.push(...batch);
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
