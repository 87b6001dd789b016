// Subscribes a queue to the topic of a deployed stack and prints its messages. Arguments: STACK SECONDS
import { CloudFormationClient, DescribeStacksCommand } from "@aws-sdk/client-cloudformation";
import { SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";

const [, , stack = "", seconds = "1"] = process.argv;
const stacks = await new CloudFormationClient().send(
  new DescribeStacksCommand({ StackName: stack }),
);
const topic = stacks.Stacks?.[0]?.Outputs?.find(({ OutputKey: key }) => key === "TopicArn");

const queues = new SQSClient();
const { QueueUrl } = await queues.send(new CreateQueueCommand({ QueueName: `${stack}-try` }));
const { Attributes } = await queues.send(
  new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["QueueArn"] }),
);
// Has no effect if the queue is already subscribed.
await new SNSClient().send(
  new SubscribeCommand({
    TopicArn: topic?.OutputValue,
    Protocol: "sqs",
    Endpoint: Attributes?.QueueArn,
    Attributes: { RawMessageDelivery: "true" },
  }),
);
console.log("Messages of the topic:");

const end = Date.now() + Number(seconds) * 1000;
do {
  const { Messages = [] } = await queues.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
  );
  for (const { Body, ReceiptHandle } of Messages) {
    console.log(Body);
    await queues.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
  }
} while (Date.now() < end);
