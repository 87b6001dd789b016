import { Duration, Stack } from "aws-cdk-lib";
import { EventField, Match, RuleTargetInput } from "aws-cdk-lib/aws-events";
import { SqsQueue } from "aws-cdk-lib/aws-events-targets";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { SqsEventSource } from "aws-cdk-lib/aws-lambda-event-sources";
import { CfnScheduleGroup } from "aws-cdk-lib/aws-scheduler";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Construct } from "constructs";

import { emailIndex, userIdIndex } from "../../functions/store/attributes.ts";
import type { IAgentAvailabilityHub } from "../consumer/agent-availability-hub.ts";
import { AgentAvailabilityRule } from "../consumer/agent-availability-rule.ts";
import type { NodeFunction } from "../node-function.ts";
import { createDeadLetterQueue, createQueue } from "../queue.ts";

export interface OverrunsProps {
  readonly hub: IAgentAvailabilityHub;
  readonly supervisor: NodeFunction;
  readonly tableArn: string;
}

/** Maximum number of concurrent batches: enough for 1,000 messages per second. */
const MAX_CONCURRENCY = 10;

/** AWS recommends six times the function's timeout. A failed message is processed again after this time. */
const VISIBILITY_TIMEOUT = Duration.minutes(3);

/** Retries a message for an hour, then moves it to the dead-letter queue. */
const MAX_RECEIVE_COUNT = 20;

const SCHEDULER = "scheduler.amazonaws.com";

/**
 * The queue for changes of a status and for due times, and the schedules that send a message at a due time.
 *
 * The schedules belong to a group of this stack. When CloudFormation deletes the group, it deletes every schedule.
 */
export class Overruns extends Construct {
  readonly queue: Queue;
  readonly deadLetterQueue: Queue;
  readonly scheduleGroup: CfnScheduleGroup;

  constructor(scope: Construct, id: string, { hub, supervisor, tableArn }: OverrunsProps) {
    super(scope, id);

    this.deadLetterQueue = createDeadLetterQueue(this);
    this.queue = createQueue(this, "Queue", {
      visibilityTimeout: VISIBILITY_TIMEOUT,
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount: MAX_RECEIVE_COUNT },
    });
    this.receiveStatusChanges(hub);
    this.scheduleGroup = new CfnScheduleGroup(this, "Schedules");
    const role = this.createScheduleRole();
    this.grantSchedules(supervisor, role);
    this.grantRead(supervisor, tableArn);
    supervisor.addEnvironment("OVERRUN_QUEUE_ARN", this.queue.queueArn);
    supervisor.addEnvironment("OVERRUN_DEAD_LETTER_QUEUE_ARN", this.deadLetterQueue.queueArn);
    supervisor.addEnvironment("OVERRUN_SCHEDULE_GROUP_NAME", this.scheduleGroup.ref);
    supervisor.addEnvironment("OVERRUN_SCHEDULE_ROLE_ARN", role.roleArn);
    supervisor.addEventSource(
      new SqsEventSource(this.queue, {
        batchSize: 10,
        maxConcurrency: MAX_CONCURRENCY,
        reportBatchItemFailures: true,
      }),
    );
  }

  /** Sends each new status with a known time to the queue, without the other fields of the event. */
  private receiveStatusChanges(hub: IAgentAvailabilityHub): void {
    const { rule } = new AgentAvailabilityRule(this, "StatusChanges", {
      hub,
      events: "Agent Availability Changed",
      changed: ["status"],
      target: new SqsQueue(this.queue, {
        message: RuleTargetInput.fromObject({
          "detail-type": EventField.detailType,
          detail: {
            accountId: EventField.fromPath("$.detail.accountId"),
            agent: { availabilityId: EventField.fromPath("$.detail.agent.availabilityId") },
            status: EventField.fromPath("$.detail.status"),
          },
        }),
      }),
      deadLetterQueue: this.deadLetterQueue,
    });
    // For an event without a status, the message would be invalid JSON.
    rule.addEventPattern({ detail: { status: { since: Match.exists() } } });
  }

  /** Creates the role with which the schedules of this group send their messages. */
  private createScheduleRole(): Role {
    const role = new Role(this, "ScheduleRole", {
      description: "Allows the schedules of one group to send messages to the queue",
      assumedBy: new ServicePrincipal(SCHEDULER, {
        conditions: {
          StringEquals: {
            "aws:SourceAccount": Stack.of(this).account,
            "aws:SourceArn": this.scheduleGroup.attrArn,
          },
        },
      }),
    });
    role.addToPolicy(
      new PolicyStatement({
        actions: ["sqs:SendMessage"],
        resources: [this.queue.queueArn, this.deadLetterQueue.queueArn],
      }),
    );
    return role;
  }

  private grantSchedules(supervisor: NodeFunction, role: Role): void {
    const schedulesArn = Stack.of(this).formatArn({
      service: "scheduler",
      resource: "schedule",
      resourceName: `${this.scheduleGroup.ref}/*`,
    });
    supervisor.allow(["scheduler:CreateSchedule"], [schedulesArn]);
    supervisor.allow(["iam:PassRole"], [role.roleArn], {
      StringEquals: { "iam:PassedToService": SCHEDULER },
    });
  }

  /** Allows looking up one agent, including the indexes that join a person's items. */
  private grantRead(supervisor: NodeFunction, tableArn: string): void {
    supervisor.allow(["dynamodb:GetItem", "dynamodb:BatchGetItem"], [tableArn]);
    supervisor.allow(
      ["dynamodb:Query"],
      [emailIndex, userIdIndex].map(({ name }) => `${tableArn}/index/${name}`),
    );
  }
}
