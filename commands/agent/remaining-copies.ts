import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { SQSClient } from "@aws-sdk/client-sqs";

import {
  archives,
  backups,
  type BucketToReport,
  type BusToReport,
  DAY_MS,
  failedRecords,
  pointInTimeRecovery,
  queueCopies,
  type Retained,
  STREAM_MS,
  type TableToReport,
} from "./read-copies.ts";

/** A place that may still contain data of a forgotten agent. */
export interface Copy {
  readonly where: string;
  readonly holds: string;
  /** When the last copy is deleted, in ISO 8601 UTC; null if it must be deleted manually. */
  readonly until: string | null;
  /** Why the retention could not be read from AWS; `until` is then the stack's default. */
  readonly failure?: string;
}

/** The resources of a stage that may contain copies. */
export interface StageResources {
  readonly table: { readonly client: DynamoDBClient; readonly name: string };
  readonly bus: BusToReport;
  readonly queue: { readonly client: SQSClient; readonly url: string };
  /** The queue of events that could not be forwarded; only if the stage forwards events. */
  readonly notForwardedUrl: string | undefined;
  readonly bucket: BucketToReport;
  /** The names of the history's table and on-failure destination; only if the stage keeps a history. */
  readonly history?: { readonly table: string; readonly bucket: string } | undefined;
  /** The queues for overruns; only if the stage limits the time in a status. */
  readonly overruns?: { readonly queueUrl: string; readonly deadLetterUrl: string } | undefined;
  /** Whether the stage reconciles accounts with Freshdesk. */
  readonly isReconciled: boolean;
  /** Whether the stage publishes names and email addresses. */
  readonly personalData: boolean;
}

/**
 * Covers the longest status limit and the retries of its message. Also covers an event's publication and
 * delivery.
 */
const OVERRUN_MS = 2 * DAY_MS;

/** DynamoDB deletes expired items within a few days. */
const EXPIRED_ITEMS_MS = 3 * DAY_MS;

/** The schedules and queues for overruns. Only an event that was not delivered contains more than the status. */
async function overrunCopies(
  client: SQSClient,
  overruns: StageResources["overruns"],
  content: string,
): Promise<readonly Retained[]> {
  if (overruns === undefined) {
    return [];
  }
  const holds = "IDs, status and times, if the agent entered a status with a limit";
  const queues = await Promise.all([
    queueCopies(client, overruns.queueUrl, OVERRUN_MS, { where: "queue for overruns", holds }),
    queueCopies(client, overruns.deadLetterUrl, OVERRUN_MS, {
      where: "dead-letter queue for overruns",
      holds: `events ${content}, if any could not be delivered`,
    }),
  ]);
  return [{ where: "schedules of overruns", holds, retentionMs: OVERRUN_MS }, ...queues.flat()];
}

/** Returns where copies of a forgotten agent remain, in the order in which they are deleted. */
export async function remainingCopies(resources: StageResources, removedAt: Date): Promise<Copy[]> {
  const { table, bus, queue, notForwardedUrl, bucket, history, personalData } = resources;
  const content = personalData
    ? "with name, email address, status and channels"
    : "with status and channels, without name and email address";
  const tables: readonly TableToReport[] = [
    { ...table, label: "the table", holds: "everything" },
    ...(history === undefined
      ? []
      : [
          {
            client: table.client,
            name: history.table,
            label: "the history table",
            holds: "statuses, channels and logins, without name and email address",
          },
        ]),
  ];
  const found = await Promise.all([
    queueCopies(queue.client, queue.url, STREAM_MS, {
      where: "dead-letter queue",
      holds: `dead-lettered records ${content}, if any`,
    }),
    notForwardedUrl === undefined
      ? []
      : // Forwarding is retried for a day before an event arrives here.
        queueCopies(queue.client, notForwardedUrl, STREAM_MS + DAY_MS, {
          where: "dead-letter queue for forwarding",
          holds: `events ${content}, if any could not be forwarded`,
        }),
    overrunCopies(queue.client, resources.overruns, content),
    failedRecords(bucket, "on-failure destination"),
    history === undefined
      ? []
      : failedRecords(
          { client: bucket.client, name: history.bucket },
          "on-failure destination of the history",
        ),
    archives(bus, `events ${content}`),
    ...tables.flatMap((each) => [pointInTimeRecovery(each), backups(each)]),
  ]);
  const stream: Retained = {
    where: "stream of the table",
    holds: "the last states, with name and email address",
    retentionMs: STREAM_MS,
  };
  const relay: Retained = {
    where: "relay, at Freshworks",
    holds:
      "parked events with name and email address, if any; one that was raised after the removal creates the agent again",
    retentionMs: DAY_MS,
  };
  const sweepState: Retained = {
    where: "table of sweep state",
    holds: "name, email address, status and tickets, if a sweep was interrupted",
    retentionMs: EXPIRED_ITEMS_MS,
  };
  return [stream, relay, ...(resources.isReconciled ? [sweepState] : []), ...found.flat()]
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
