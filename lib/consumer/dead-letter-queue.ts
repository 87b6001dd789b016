import { Annotations, Stack, Token } from "aws-cdk-lib";
import { CfnRule, type Rule } from "aws-cdk-lib/aws-events";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { CfnQueue, type IQueue, QueueEncryption } from "aws-cdk-lib/aws-sqs";

import { ConsumerError } from "./consumer-error.ts";

const eventBridge = new ServicePrincipal("events.amazonaws.com");

/** Alias of the key that AWS manages. Its policy cannot be changed, so EventBridge cannot use it. */
const AWS_MANAGED_KEY = "alias/aws/sqs";

/** Returns whether the queue is encrypted with the key that AWS manages, as far as the app knows. */
function usesAwsManagedKey({ encryptionType, node: { defaultChild } }: IQueue): boolean {
  const keyId = defaultChild instanceof CfnQueue ? defaultChild.kmsMasterKeyId : undefined;
  return (
    encryptionType === QueueEncryption.KMS_MANAGED ||
    (typeof keyId === "string" && keyId.endsWith(AWS_MANAGED_KEY))
  );
}

/**
 * Rejects queues that EventBridge cannot send undelivered events to.
 *
 * @throws ConsumerError for FIFO queues, the AWS managed key and queues in another region.
 */
export function checkDeadLetterQueue(queue: IQueue, { region }: Stack): void {
  if (queue.fifo) {
    throw new ConsumerError(
      `deadLetterQueue must be a standard queue (got the FIFO queue ${queue.node.path}). EventBridge does not support FIFO dead-letter queues.`,
    );
  }
  if (usesAwsManagedKey(queue)) {
    throw new ConsumerError(
      `deadLetterQueue must be encrypted with QueueEncryption.SQS_MANAGED or a customer managed key (got the AWS managed key ${AWS_MANAGED_KEY} for ${queue.node.path}). EventBridge cannot use that key.`,
    );
  }
  const regions = [queue.env.region, region];
  if (!regions.some((each) => Token.isUnresolved(each)) && regions[0] !== regions[1]) {
    throw new ConsumerError(
      `deadLetterQueue must be in the rule's region ${region} (got ${queue.env.region})`,
    );
  }
}

/** Allows the rule to send messages to the queue. Warns if the queue is imported: its policy cannot be changed. */
export function allowRuleToSend(rule: Rule, queue: IQueue): void {
  const { statementAdded: isAdded } = queue.addToResourcePolicy(
    new PolicyStatement({
      principals: [eventBridge],
      actions: ["sqs:SendMessage"],
      resources: [queue.queueArn],
      conditions: { ArnEquals: { "aws:SourceArn": CfnRule.arnForRule(rule) } },
    }),
  );
  if (!isAdded) {
    Annotations.of(rule).addWarningV2(
      "agent-availability-hub:deadLetterQueuePolicy",
      "The dead-letter queue is imported, so this app cannot change its policy. Allow events.amazonaws.com to send messages to the queue for this rule, or undelivered events are lost.",
    );
  }
  if (queue.encryptionMasterKey) {
    allowEventBridgeToEncrypt(rule, queue.encryptionMasterKey);
  }
}

/**
 * Allows EventBridge to use the queue's key for rules of this AWS account. The condition cannot name the rule:
 * the rule depends on the queue, and the queue on its key.
 */
function allowEventBridgeToEncrypt(rule: Rule, key: IKey): void {
  const { statementAdded: isAdded } = key.addToResourcePolicy(
    new PolicyStatement({
      principals: [eventBridge],
      actions: ["kms:Decrypt", "kms:GenerateDataKey"],
      resources: ["*"],
      conditions: { StringEquals: { "aws:SourceAccount": Stack.of(rule).account } },
    }),
    true,
  );
  if (!isAdded) {
    Annotations.of(rule).addWarningV2(
      "agent-availability-hub:deadLetterQueueKey",
      "The key of the dead-letter queue is imported, so this app cannot change its policy. Allow events.amazonaws.com to call kms:Decrypt and kms:GenerateDataKey, or undelivered events are lost.",
    );
  }
}
