import { createHash } from "node:crypto";

import {
  ConflictException,
  CreateScheduleCommand,
  type SchedulerClient,
} from "@aws-sdk/client-scheduler";

import { type DueTime, dueAt } from "../availability/overrun.ts";
import { dueMessage } from "./overrun-message.ts";

/** Where the schedules belong, and what they send their message to. */
export interface ScheduleTarget {
  readonly groupName: string;
  readonly roleArn: string;
  readonly queueArn: string;
  readonly deadLetterQueueArn: string;
}

/** The longest time that EventBridge Scheduler retries. */
const MAX_EVENT_AGE_SECONDS = 86_400;
const MAX_RETRY_ATTEMPTS = 185;

/** Returns the name of a schedule: the same for the same due time. A later attempt has another name. */
function nameOf(due: DueTime, attempt: number): string {
  const { accountId, availabilityId, statusId, since, limitMinutes } = due;
  const parts = [accountId, availabilityId, statusId, since, limitMinutes, attempt];
  return createHash("sha256").update(JSON.stringify(parts)).digest("base64url");
}

/** AWS does not document what happens to a schedule whose time has passed when Scheduler receives it. */
const MIN_DELAY_MS = 60_000;

/** Returns the first whole second that is not before the due time nor too soon, as Scheduler expects it. */
function expressionOf(due: DueTime, now: number): string {
  const second = new Date(Math.ceil(Math.max(dueAt(due), now + MIN_DELAY_MS) / 1000) * 1000);
  return `at(${second.toISOString().slice(0, "2026-11-24T09:45:00".length)})`;
}

/** Creates the client of the schedules that send a message at a due time. */
export function createSchedules(client: SchedulerClient, target: ScheduleTarget) {
  const { groupName, roleArn, queueArn, deadLetterQueueArn } = target;
  return {
    /**
     * Creates the schedule of a due time in the future, unless it exists. It fires in a minute at the earliest.
     *
     * A schedule remains for a short time after it has fired. One that fired early therefore needs another name,
     * which `attempt` provides: otherwise the new one would seem to exist.
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

/** @see createSchedules */
export type Schedules = ReturnType<typeof createSchedules>;
