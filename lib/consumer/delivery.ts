import { Annotations, Duration } from "aws-cdk-lib";
import { CfnRule, type IRuleTarget, type Rule } from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { SqsDestination } from "aws-cdk-lib/aws-lambda-destinations";
import type { IQueue } from "aws-cdk-lib/aws-sqs";

/** How hard is tried before an event goes to the dead-letter queue. */
export interface Patience {
  readonly retryAttempts: number;
  readonly maxEventAge: Duration;
}

/** Lambda's own limits: it repeats a call at most twice, and keeps it for at most six hours. */
const MOST_LAMBDA_RETRIES = 2;
const MOST_LAMBDA_AGE = Duration.hours(6);

function isFunction(target: IRuleTarget | IFunction): target is IFunction {
  return "functionArn" in target;
}

/** Whether somebody has said already what becomes of the events that the function fails on. */
function hasOwnFailurePath(target: IFunction): boolean {
  return (
    target.node.tryFindChild("EventInvokeConfig") !== undefined ||
    ("deadLetterQueue" in target && target.deadLetterQueue !== undefined) ||
    ("deadLetterTopic" in target && target.deadLetterTopic !== undefined)
  );
}

/**
 * EventBridge's dead-letter queue gets only what could not be handed to Lambda. What the function then
 * fails on is Lambda's to repeat, and after that would be gone: it goes to the same queue.
 */
function keepFailuresOf(target: IFunction, queue: IQueue, patience: Patience): void {
  if (hasOwnFailurePath(target)) {
    return;
  }
  if (target.role === undefined) {
    Annotations.of(target).addWarningV2(
      "agent-availability-hub:failuresOfFunction",
      "The role of this function is not known here, so what it fails on is not kept: give it an on-failure destination where it is made.",
    );
    return;
  }
  const { retryAttempts, maxEventAge } = patience;
  const isShorter = maxEventAge.toSeconds() < MOST_LAMBDA_AGE.toSeconds();
  target.configureAsyncInvoke({
    onFailure: new SqsDestination(queue),
    retryAttempts: Math.min(retryAttempts, MOST_LAMBDA_RETRIES),
    maxEventAge: isShorter ? maxEventAge : MOST_LAMBDA_AGE,
  });
}

function letRuleWrite(queue: IQueue, rule: Rule): void {
  const { statementAdded: isAdded } = queue.addToResourcePolicy(
    new PolicyStatement({
      principals: [new ServicePrincipal("events.amazonaws.com")],
      actions: ["sqs:SendMessage"],
      resources: [queue.queueArn],
      conditions: { ArnEquals: { "aws:SourceArn": CfnRule.arnForRule(rule) } },
    }),
  );
  if (!isAdded) {
    Annotations.of(rule).addWarningV2(
      "agent-availability-hub:deadLetterQueuePolicy",
      `The dead-letter queue is imported, so its policy cannot be changed here: let events.amazonaws.com send messages to it for this rule, or events that cannot be delivered are lost.`,
    );
  }
}

/**
 * Adds a target so that nothing is lost on the way to it: what the target itself says about its
 * dead-letter queue and its retries holds, what it does not say is filled in.
 */
export function deliver(
  rule: Rule,
  target: IRuleTarget | IFunction,
  queue: IQueue,
  patience: Patience,
): void {
  const { retryAttempts, maxEventAge } = patience;
  const inner = isFunction(target) ? new LambdaFunction(target) : target;
  if (isFunction(target)) {
    keepFailuresOf(target, queue, patience);
  }
  rule.addTarget({
    bind(bound, id) {
      const config = inner.bind(bound, id);
      return {
        ...config,
        deadLetterConfig: config.deadLetterConfig ?? { arn: queue.queueArn },
        retryPolicy: config.retryPolicy ?? {
          maximumRetryAttempts: retryAttempts,
          maximumEventAgeInSeconds: maxEventAge.toSeconds(),
        },
      };
    },
  });
  letRuleWrite(queue, rule);
}
