import { Annotations, Duration } from "aws-cdk-lib";
import {
  Alarm,
  ComparisonOperator,
  type IAlarmAction,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import { type IRuleTarget, Rule } from "aws-cdk-lib/aws-events";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import { type IQueue, Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";

import type { IAgentAvailabilityHub } from "./agent-availability-hub.ts";
import { ConsumerError } from "./consumer-error.ts";
import { deliver, type Patience } from "./delivery.ts";
import type { EventSelection } from "./filters.ts";
import { needsQuota, patternOf } from "./pattern.ts";

/** Where the events go, and what becomes of those that do not get there. */
export interface AgentAvailabilityDelivery {
  /** Whose events. */
  readonly hub: IAgentAvailabilityHub;

  /**
   * Where they go: any target of EventBridge, or a function. What a target says of its own dead-letter
   * queue and retries holds; for what it does not say, the settings below do.
   */
  readonly target: IRuleTarget | IFunction;

  /**
   * What the rule is for, for whoever finds it in the console.
   *
   * @default - names the events
   */
  readonly description?: string;

  /**
   * Whether the rule is on.
   *
   * @default true
   */
  readonly enabled?: boolean;

  /**
   * Takes what could not be delivered and, of a function that has no failure destination of its own, what
   * the function failed on.
   *
   * @default - a queue that is encrypted, reached by TLS only, and keeps messages for 14 days
   */
  readonly deadLetterQueue?: IQueue;

  /**
   * How often delivery is tried again, 0 to 185. A function that failed is called again at most twice.
   *
   * @default 185
   */
  readonly retryAttempts?: number;

  /**
   * How long delivery is tried, one minute to 24 hours. A function that failed is called again for at most six hours.
   *
   * @default Duration.hours(24)
   */
  readonly maxEventAge?: Duration;

  /**
   * Who is told when something lies in the dead-letter queue.
   *
   * @default - nobody: the alarm is made, and shows in the console
   */
  readonly alarmActions?: readonly IAlarmAction[];
}

/** What a rule is made of: events, filters, and where they go. */
export type AgentAvailabilityRuleProps = AgentAvailabilityDelivery & EventSelection;

const MOST_ATTEMPTS = 185;
const MOST_AGE = Duration.hours(24);

function patienceOf(props: AgentAvailabilityDelivery): Patience {
  const { retryAttempts = MOST_ATTEMPTS, maxEventAge = MOST_AGE } = props;
  if (!Number.isInteger(retryAttempts) || retryAttempts < 0 || retryAttempts > MOST_ATTEMPTS) {
    throw new ConsumerError(
      `retryAttempts: ${retryAttempts} is not what EventBridge takes; a whole number from 0 to ${MOST_ATTEMPTS} is allowed`,
    );
  }
  const seconds = maxEventAge.toSeconds();
  if (seconds < 60 || seconds > MOST_AGE.toSeconds()) {
    throw new ConsumerError(
      `maxEventAge: ${seconds} seconds is not what EventBridge takes; from one minute to 24 hours is allowed`,
    );
  }
  return { retryAttempts, maxEventAge };
}

/**
 * A rule on the hub's bus, in the domain's words, with what production needs besides: retries, a
 * dead-letter queue, the grants for it, and an alarm that says when something lies in it.
 *
 * @throws ConsumerError with a sentence for filters that let nothing pass or make no sense for the
 *   events, and for settings that EventBridge does not take.
 */
export class AgentAvailabilityRule extends Construct {
  /** The rule. */
  readonly rule: Rule;

  /** What could not be delivered. */
  readonly deadLetterQueue: IQueue;

  /** Rings while something lies in the dead-letter queue. */
  readonly alarm: Alarm;

  constructor(scope: Construct, id: string, props: AgentAvailabilityRuleProps) {
    super(scope, id);

    const patience = patienceOf(props);
    const eventPattern = patternOf(props);
    const events = eventPattern["detail-type"].join(", ");
    this.deadLetterQueue =
      props.deadLetterQueue ??
      new Queue(this, "DeadLetterQueue", {
        encryption: QueueEncryption.SQS_MANAGED,
        enforceSSL: true,
        retentionPeriod: Duration.days(14),
      });
    const { source, "detail-type": detailType, detail } = eventPattern;
    this.rule = new Rule(this, "Resource", {
      eventBus: props.hub.eventBus,
      description: props.description ?? `Of agent availability: ${events}`,
      enabled: props.enabled ?? true,
      eventPattern: { source: [...source], detailType: [...detailType], detail },
    });
    deliver(this.rule, props.target, this.deadLetterQueue, patience);
    this.alarm = this.makeAlarm(events, props.alarmActions ?? []);
    if (needsQuota(eventPattern)) {
      Annotations.of(this).addWarningV2(
        "agent-availability-hub:patternLength",
        "The pattern is longer than 2,048 characters: EventBridge takes it once the account's quota for the size of event patterns is raised.",
      );
    }
  }

  private makeAlarm(events: string, actions: readonly IAlarmAction[]): Alarm {
    const alarm = new Alarm(this, "Alarm", {
      alarmDescription: `${events}: some could not be delivered, or their function failed on them. They lie in ${this.deadLetterQueue.queueName}, with the cause; mend it, then send them again or delete them.`,
      metric: this.deadLetterQueue.metricApproximateNumberOfMessagesVisible({
        period: Duration.minutes(1),
        statistic: "Maximum",
      }),
      threshold: 1,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      // A queue that nobody touches stops telling its length after a while, with messages still in it.
      treatMissingData: TreatMissingData.IGNORE,
    });
    alarm.addAlarmAction(...actions);
    return alarm;
  }
}
