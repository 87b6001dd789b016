import { Annotations, Duration, Stack } from "aws-cdk-lib";
import {
  Alarm,
  ComparisonOperator,
  type IAlarmAction,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import { type IRuleTarget, Rule } from "aws-cdk-lib/aws-events";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";

import type { IAgentAvailabilityHub } from "./agent-availability-hub.ts";
import { createDeadLetterQueue } from "../queue.ts";
import { ConsumerError } from "./consumer-error.ts";
import { checkDeadLetterQueue } from "./dead-letter-queue.ts";
import { got } from "./filter-values.ts";
import type { EventSelection } from "./filters.ts";
import { exceedsDefaultQuota, patternOf } from "./pattern.ts";
import { addTarget, type RetryPolicy } from "./rule-target.ts";

/** The source and target of the events, and the handling of failed deliveries. */
export interface AgentAvailabilityDelivery {
  /** The hub that publishes the events. */
  readonly hub: IAgentAvailabilityHub;

  /**
   * A function, or any EventBridge target. A dead-letter queue or retry policy of the target itself takes
   * precedence over the properties below.
   */
  readonly target: IRuleTarget | IFunction;

  /**
   * Description of the rule in the console.
   *
   * @default - names the events
   */
  readonly description?: string;

  /**
   * Whether the rule is enabled.
   *
   * @default true
   */
  readonly enabled?: boolean;

  /**
   * Receives events that could not be delivered. If the target is a function without an on-failure
   * destination, it also receives the events that the function failed on. Must be a standard queue in the
   * rule's region, and must not be encrypted with the AWS managed key (`alias/aws/sqs`).
   *
   * @default - a queue with encryption by SQS, TLS only, and 14 days of retention
   */
  readonly deadLetterQueue?: IQueue;

  /**
   * Number of delivery retries, 0 to 185. Lambda retries a failed invocation at most twice.
   *
   * @default 185
   */
  readonly retryAttempts?: number;

  /**
   * Period for which delivery is retried, 1 minute to 24 hours. Lambda retries a failed invocation for at most 6
   * hours.
   *
   * @default Duration.hours(24)
   */
  readonly maxEventAge?: Duration;

  /**
   * Actions of the alarm, which fires while the dead-letter queue contains messages.
   *
   * @default - none: the alarm is only visible in the console
   */
  readonly alarmActions?: readonly IAlarmAction[];
}

/** Properties of a rule: the events, their filters and their delivery. */
export type AgentAvailabilityRuleProps = AgentAvailabilityDelivery & EventSelection;

const MAX_RETRY_ATTEMPTS = 185;
const MAX_EVENT_AGE = Duration.hours(24);

function checkRetryPolicy(
  retryAttempts = MAX_RETRY_ATTEMPTS,
  maxEventAge = MAX_EVENT_AGE,
): RetryPolicy {
  if (!Number.isInteger(retryAttempts) || retryAttempts < 0 || retryAttempts > MAX_RETRY_ATTEMPTS) {
    throw new ConsumerError(
      `retryAttempts must be a whole number from 0 to ${MAX_RETRY_ATTEMPTS} ${got(retryAttempts)}`,
    );
  }
  const seconds = maxEventAge.toSeconds();
  if (seconds < 60 || seconds > MAX_EVENT_AGE.toSeconds()) {
    throw new ConsumerError(`maxEventAge must be from 1 minute to 24 hours (got ${seconds} s)`);
  }
  return { retryAttempts, maxEventAge };
}

/**
 * A rule on the hub's bus with retries, a dead-letter queue, the permissions for it, and an alarm that fires
 * while the queue contains messages.
 *
 * @throws ConsumerError if a filter or property is invalid, or if no event can match.
 */
export class AgentAvailabilityRule extends Construct {
  /** The EventBridge rule. */
  readonly rule: Rule;

  /** Contains the events that could not be delivered. */
  readonly deadLetterQueue: IQueue;

  /** Fires while the dead-letter queue contains messages. */
  readonly alarm: Alarm;

  constructor(scope: Construct, id: string, props: AgentAvailabilityRuleProps) {
    super(scope, id);

    const { hub, target, description, enabled, deadLetterQueue, ...rest } = props;
    const { retryAttempts, maxEventAge, alarmActions = [], ...selection } = rest;
    const retryPolicy = checkRetryPolicy(retryAttempts, maxEventAge);
    const pattern = patternOf(selection);
    const { source, "detail-type": detailType, detail } = pattern;
    const events = detailType.join(", ");
    if (deadLetterQueue) {
      checkDeadLetterQueue(deadLetterQueue, Stack.of(this));
    }
    this.deadLetterQueue = deadLetterQueue ?? createDeadLetterQueue(this);
    this.rule = new Rule(this, "Resource", {
      eventBus: hub.eventBus,
      description: description ?? `Agent availability: ${events}`,
      enabled,
      eventPattern: { source: [...source], detailType: [...detailType], detail },
    });
    addTarget(this.rule, target, this.deadLetterQueue, retryPolicy);
    this.alarm = this.createAlarm(events);
    this.alarm.addAlarmAction(...alarmActions);
    if (exceedsDefaultQuota(pattern)) {
      Annotations.of(this).addWarningV2(
        "agent-availability-hub:patternLength",
        "The pattern is longer than 2,048 characters. The deployment fails unless the AWS account's quota for the size of event patterns is raised.",
      );
    }
  }

  private createAlarm(events: string): Alarm {
    return new Alarm(this, "Alarm", {
      alarmDescription: `[ticket] Events (${events}) could not be delivered, or their function failed. They wait in the queue ${this.deadLetterQueue.queueName}. First step: read the cause in a message and fix it, then send the events again or delete them.`,
      metric: this.deadLetterQueue.metricApproximateNumberOfMessagesVisible({
        period: Duration.minutes(1),
        statistic: "Maximum",
      }),
      threshold: 1,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      // SQS stops publishing the metrics of a queue only after six hours without a message and without a request.
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}
