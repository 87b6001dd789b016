import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { SQSClient } from "@aws-sdk/client-sqs";

import {
  archiveCopies,
  backupCopies,
  type BucketToReport,
  type BusToReport,
  DAY_MS,
  failedRecordCopies,
  recoveryCopies,
  queueCopies,
  type RetainedCopy,
  STREAM_RETENTION_MS,
  type TableToReport,
} from "./read-copies.ts";
import {
  OVERRUN_DELAY_MS,
  type QueueParameter,
  queuesOfAgent,
  STATUS_IF_LIMITED,
} from "./queues-of-agent.ts";

/** A place that may still contain data of a forgotten agent. */
export interface Copy {
  readonly where: string;
  readonly holds: string;
  /** When the last copy is deleted, in ISO 8601 UTC; null if it must be deleted manually. */
  readonly until: string | null;
  /** Why the retention could not be read from AWS; `until` is then the stack's default, or SQS's maximum. */
  readonly failure?: string;
}

/** The resources of a stage that may contain copies. */
export interface StageResources {
  readonly table: { readonly client: DynamoDBClient; readonly name: string };
  readonly bus: BusToReport;
  /** The queues, by the name of the stage parameter with their URL; `undefined` if the stage has no such queue. */
  readonly queues: {
    readonly client: SQSClient;
    readonly url: (name: QueueParameter) => string | undefined;
  };
  readonly bucket: BucketToReport;
  /** The names of the history's table and on-failure destination; only if the stage keeps a history. */
  readonly history?: { readonly table: string; readonly bucket: string } | undefined;
  /** Whether the stage publishes names and email addresses. */
  readonly personalData: boolean;
}

/** DynamoDB deletes expired items within a few days. */
const EXPIRED_ITEMS_MS = 3 * DAY_MS;

/** Returns where copies of a forgotten agent remain, in the order in which they are deleted. */
export async function remainingCopies(resources: StageResources, removedAt: Date): Promise<Copy[]> {
  const { table, bus, queues, bucket, history, personalData } = resources;
  const content = personalData
    ? "with name, email address, status and channels"
    : "with status and channels, without names or email addresses";
  const tables: readonly TableToReport[] = [
    { ...table, label: "the table", holds: "everything" },
    ...(history === undefined
      ? []
      : [
          {
            client: table.client,
            name: history.table,
            label: "the history table",
            holds: "statuses, channels and logins, without names or email addresses",
          },
        ]),
  ];
  const found = await Promise.all([
    ...queuesOfAgent.map(async ({ parameter, delayMs, where, holds }) => {
      const url = queues.url(parameter);
      return url === undefined
        ? []
        : await queueCopies(queues.client, url, delayMs, { where, holds: holds(content) });
    }),
    failedRecordCopies(bucket, "on-failure destination"),
    history === undefined
      ? []
      : failedRecordCopies(
          { client: bucket.client, name: history.bucket },
          "on-failure destination of the history",
        ),
    archiveCopies(bus, `events ${content}`),
    ...tables.flatMap((each) => [recoveryCopies(each), backupCopies(each)]),
  ]);
  const stream: RetainedCopy = {
    where: "stream of the table",
    holds: "states of the last 24 hours, with name and email address",
    retentionMs: STREAM_RETENTION_MS,
  };
  const relay: RetainedCopy = {
    where: "relay, at Freshworks",
    holds: "parked events with name and email address, if any",
    retentionMs: DAY_MS,
  };
  const sweepState: RetainedCopy = {
    where: "table of sweep state",
    holds: "name, email address, status and ticket availability, if a sweep was interrupted",
    retentionMs: EXPIRED_ITEMS_MS,
  };
  const schedules: RetainedCopy = {
    where: "schedules for overruns",
    holds: STATUS_IF_LIMITED,
    retentionMs: OVERRUN_DELAY_MS,
  };
  return [
    stream,
    relay,
    ...(queues.url("reconcile-queue-url") === undefined ? [] : [sweepState]),
    ...(queues.url("overrun-queue-url") === undefined ? [] : [schedules]),
    ...found.flat(),
  ]
    .map(({ retentionMs, ...copy }) =>
      Object.assign(copy, {
        until:
          retentionMs === null ? null : new Date(removedAt.getTime() + retentionMs).toISOString(),
      }),
    )
    .toSorted((first, second) => (first.until ?? "z").localeCompare(second.until ?? "z"));
}

/** Returns when the last copy is deleted; null if one must be deleted manually. */
export function lastCopyUntil(copies: readonly Copy[]): string | null {
  return copies.at(-1)?.until ?? null;
}
