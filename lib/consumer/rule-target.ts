import { Annotations, Duration } from "aws-cdk-lib";
import type { IRuleTarget, Rule } from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { SqsDestination } from "aws-cdk-lib/aws-lambda-destinations";
import type { IQueue } from "aws-cdk-lib/aws-sqs";

import { allowRuleToSend } from "./dead-letter-queue.ts";

/** The number and period of delivery retries before an event is dead-lettered. */
export interface RetryPolicy {
  readonly retryAttempts: number;
  readonly maxEventAge: Duration;
}

/** Limits of Lambda's asynchronous invocation. */
const MAX_LAMBDA_RETRIES = 2;
const MAX_LAMBDA_EVENT_AGE = Duration.hours(6);

function isFunction(target: IRuleTarget | IFunction): target is IFunction {
  return "functionArn" in target;
}

/** Returns whether the function already has a destination for the events that it fails on. */
function hasFailureDestination(target: IFunction): boolean {
  return (
    target.node.tryFindChild("EventInvokeConfig") !== undefined ||
    ("deadLetterQueue" in target && target.deadLetterQueue !== undefined) ||
    ("deadLetterTopic" in target && target.deadLetterTopic !== undefined)
  );
}

/**
 * Sends the events that the function fails on to the dead-letter queue. EventBridge only dead-letters what it
 * could not hand over to Lambda; after Lambda's own retries, the event would be lost.
 */
function addFailureDestination(target: IFunction, queue: IQueue, policy: RetryPolicy): void {
  if (hasFailureDestination(target)) {
    return;
  }
  if (target.role === undefined) {
    Annotations.of(target).addWarningV2(
      "agent-availability-hub:failuresOfFunction",
      "The function is imported without its role, so the events that it fails on are lost. Add an on-failure destination where the function is created.",
    );
    return;
  }
  const { retryAttempts, maxEventAge } = policy;
  const isShorter = maxEventAge.toSeconds() < MAX_LAMBDA_EVENT_AGE.toSeconds();
  target.configureAsyncInvoke({
    onFailure: new SqsDestination(queue),
    retryAttempts: Math.min(retryAttempts, MAX_LAMBDA_RETRIES),
    maxEventAge: isShorter ? maxEventAge : MAX_LAMBDA_EVENT_AGE,
  });
}

/** Adds a target with a dead-letter queue and retries. Settings of the target itself take precedence. */
export function addTarget(
  rule: Rule,
  target: IRuleTarget | IFunction,
  queue: IQueue,
  policy: RetryPolicy,
): void {
  if (isFunction(target)) {
    addFailureDestination(target, queue, policy);
  }
  const ruleTarget = isFunction(target) ? new LambdaFunction(target) : target;
  rule.addTarget({
    bind(boundRule, id) {
      const config = ruleTarget.bind(boundRule, id);
      return {
        ...config,
        deadLetterConfig: config.deadLetterConfig ?? { arn: queue.queueArn },
        retryPolicy: config.retryPolicy ?? {
          maximumRetryAttempts: policy.retryAttempts,
          maximumEventAgeInSeconds: policy.maxEventAge.toSeconds(),
        },
      };
    },
  });
  allowRuleToSend(rule, queue);
}
