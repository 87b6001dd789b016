import { createHash } from "node:crypto";

import {
  ConflictException,
  CreateScheduleCommand,
  type SchedulerClient,
} from "@aws-sdk/client-scheduler";

import { type DueTime, dueAtOf } from "../availability/overrun.ts";
import { dueMessage } from "./overrun-message.ts";

/** The group of the schedules, the queue that receives their messages, and the role that sends them. */
export interface ScheduleTarget {
  readonly groupName: string;
  readonly roleArn: string;
  readonly queueArn: string;
  readonly deadLetterQueueArn: string;
}

/** The maximum retry period of EventBridge Scheduler: one day. */
const MAX_EVENT_AGE_SECONDS = 86_400;
const MAX_RETRY_ATTEMPTS = 185;

/** Returns the name of a schedule: always the same for the same due time and attempt. */
function nameOf(due: DueTime, attempt: number): string {
  const { accountId, availabilityId, statusId, since, limitMinutes } = due;
  const parts = [accountId, availabilityId, statusId, since, limitMinutes, attempt];
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64url");
}

/** AWS does not document what happens to a schedule whose time has passed when Scheduler receives it. */
const MIN_DELAY_MS = 60_000;

/** Returns the schedule expression for a due time, rounded up to a second and at least `MIN_DELAY_MS` from now. */
function expressionOf(due: DueTime, now: number): string {
  const second = new Date(Math.ceil(Math.max(dueAtOf(due), now + MIN_DELAY_MS) / 1000) * 1000);
  return `at(${second.toISOString().slice(0, "2026-11-24T09:45:00".length)})`;
}

/** Creates the client of the schedules, each of which sends a message at a due time. */
export function createSchedules(client: SchedulerClient, target: ScheduleTarget) {
  const { groupName, roleArn, queueArn, deadLetterQueueArn } = target;
  return {
    /**
     * Creates the schedule for a future due time, unless it exists. It fires in a minute at the earliest.
     *
     * A schedule still exists for a short time after it has fired. If it fired early, the next one needs a different
     * name, which `attempt` provides.
     */
    async create(due: DueTime, attempt: number, now: number): Promise<void> {
      const command = new CreateScheduleCommand({
        GroupName: groupName,
        Name: nameOf(due, attempt),
        ScheduleExpression: expressionOf(due, now),
        ScheduleExpressionTimezone: "UTC",
        FlexibleTimeWindow: { Mode: "OFF" },
        ActionAfterCompletion: "DELETE",
        Target: {
          Arn: queueArn,
          RoleArn: roleArn,
          Input: dueMessage(due, attempt),
          RetryPolicy: {
            MaximumEventAgeInSeconds: MAX_EVENT_AGE_SECONDS,
            MaximumRetryAttempts: MAX_RETRY_ATTEMPTS,
          },
          DeadLetterConfig: { Arn: deadLetterQueueArn },
        },
      });
      try {
        await client.send(command);
      } catch (error) {
        if (!(error instanceof ConflictException)) {
          throw error;
        }
      }
    },
  };
}

export type Schedules = ReturnType<typeof createSchedules>;
