import { Duration } from "aws-cdk-lib";
import type { Metric } from "aws-cdk-lib/aws-cloudwatch";
import { type IQueue, Queue, QueueEncryption, type QueueProps } from "aws-cdk-lib/aws-sqs";
import type { Construct } from "constructs";

/** Creates a queue that SQS encrypts and that accepts TLS only. */
export function createQueue(scope: Construct, id: string, props: QueueProps): Queue {
  return new Queue(scope, id, {
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    ...props,
  });
}

/** Creates a queue that keeps undelivered messages for 14 days, the maximum of SQS. */
export function createDeadLetterQueue(
  scope: Construct,
  id = "DeadLetterQueue",
  props: QueueProps = {},
): Queue {
  return createQueue(scope, id, { retentionPeriod: Duration.days(14), ...props });
}

/** Returns the largest number of messages that waited in a queue within 5 minutes. */
export function waitingMessages(queue: IQueue): Metric {
  return queue.metricApproximateNumberOfMessagesVisible({
    statistic: "Maximum",
    period: Duration.minutes(5),
  });
}
