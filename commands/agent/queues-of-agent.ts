import { DAY_MS, STREAM_RETENTION_MS } from "./read-copies.ts";

/**
 * Covers the longest status limit and the retries of its message. Also covers an event's publication and
 * delivery.
 */
export const OVERRUN_DELAY_MS = 2 * DAY_MS;

/** What the queue and the schedules for overruns hold. */
export const STATUS_IF_LIMITED =
  "IDs, status and times, if the agent entered a status with a limit";

/** EventBridge tries to deliver an event for a day before the event arrives in a dead-letter queue. */
const UNDELIVERED_DELAY_MS = STREAM_RETENTION_MS + DAY_MS;

const describeUndelivered = (content: string) => `events ${content}, if any could not be delivered`;

/** The queues that may hold data of an agent. Messages in the queue of coverage name only account and channel. */
export const queuesOfAgent = [
  {
    parameter: "dead-letter-queue-url",
    where: "dead-letter queue",
    holds: (content: string) => `dead-lettered records ${content}, if any`,
    delayMs: STREAM_RETENTION_MS,
  },
  {
    parameter: "not-forwarded-queue-url",
    where: "dead-letter queue for forwarding",
    holds: (content: string) => `events ${content}, if any could not be forwarded`,
    delayMs: UNDELIVERED_DELAY_MS,
  },
  {
    parameter: "reconcile-queue-url",
    where: "queue of reconcile",
    holds: () => "IDs, if an event was missed",
    delayMs: UNDELIVERED_DELAY_MS,
  },
  {
    parameter: "reconcile-dead-letter-queue-url",
    where: "dead-letter queue of reconcile",
    holds: describeUndelivered,
    delayMs: UNDELIVERED_DELAY_MS,
  },
  {
    parameter: "overrun-queue-url",
    where: "queue for overruns",
    holds: () => STATUS_IF_LIMITED,
    delayMs: OVERRUN_DELAY_MS,
  },
  {
    parameter: "overrun-dead-letter-queue-url",
    where: "dead-letter queue for overruns",
    holds: describeUndelivered,
    delayMs: OVERRUN_DELAY_MS,
  },
  {
    parameter: "coverage-dead-letter-queue-url",
    where: "dead-letter queue for coverage",
    holds: describeUndelivered,
    delayMs: UNDELIVERED_DELAY_MS,
  },
] as const;

/** The name of a stage parameter with the URL of such a queue. */
export type QueueParameter = (typeof queuesOfAgent)[number]["parameter"];
