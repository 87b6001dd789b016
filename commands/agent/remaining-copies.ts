import {
  DescribeContinuousBackupsCommand,
  type DynamoDBClient,
  ListBackupsCommand,
} from "@aws-sdk/client-dynamodb";
import {
  DescribeArchiveCommand,
  type EventBridgeClient,
  ListArchivesCommand,
} from "@aws-sdk/client-eventbridge";
import { GetBucketLifecycleConfigurationCommand, type S3Client } from "@aws-sdk/client-s3";
import { GetQueueAttributesCommand, type SQSClient } from "@aws-sdk/client-sqs";

const DAY_MS = 24 * 3_600_000;

/** A place that may still contain data of a forgotten agent. */
export interface Copy {
  readonly where: string;
  readonly holds: string;
  /** ISO 8601 UTC: when the last of it is deleted; null if it must be deleted manually. */
  readonly until: string | null;
  /** Why the retention could not be read from AWS; `until` is then the stack's default. */
  readonly failure?: string;
}

/** The resources of a stage that may contain copies. */
export interface StageResources {
  readonly table: { readonly client: DynamoDBClient; readonly name: string };
  readonly bus: { readonly client: EventBridgeClient; readonly arn: string };
  readonly queue: { readonly client: SQSClient; readonly url: string };
  /** The queue of events that could not be forwarded; only if the stage forwards events. */
  readonly notForwardedUrl: string | undefined;
  readonly bucket: { readonly client: S3Client; readonly name: string };
  /** The names of the history's table and on-failure destination; only if the stage keeps a history. */
  readonly history?: { readonly table: string; readonly bucket: string } | undefined;
  /** Whether the stage reconciles accounts with Freshdesk. */
  readonly isReconciled: boolean;
  /** Whether the stage publishes names and email addresses. */
  readonly personalData: boolean;
}

/** A place, what it holds, and for how long; null means forever. */
interface Retained {
  readonly where: string;
  readonly holds: string;
  readonly forMs: number | null;
  readonly failure?: string;
}

/** The stream retains records for a day. Until then they may still be published or dead-lettered. */
const STREAM_MS = DAY_MS;

/** DynamoDB deletes expired items within a few days. */
const EXPIRED_ITEMS_MS = 3 * DAY_MS;

/** S3 deletes expired objects once a day. */
const inBucketMs = (days: number) => STREAM_MS + (days + 1) * DAY_MS;

/** Reads copies from AWS. If that fails, returns the one that the stack creates, and why. */
async function withDefault(
  byDefault: Retained,
  read: () => Promise<readonly Retained[]>,
): Promise<readonly Retained[]> {
  try {
    return await read();
  } catch (error) {
    return [{ ...byDefault, failure: error instanceof Error ? error.name : String(error) }];
  }
}

/** @param delayMs how long an event may take to arrive in the queue. */
async function queueCopies(
  client: SQSClient,
  url: string,
  delayMs: number,
  content: { readonly where: string; readonly holds: string },
) {
  return await withDefault({ ...content, forMs: delayMs + 14 * DAY_MS }, async () => {
    const { Attributes: attributes = {} } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ["MessageRetentionPeriod"] }),
    );
    return [{ ...content, forMs: delayMs + Number(attributes.MessageRetentionPeriod) * 1000 }];
  });
}

async function failedRecords({ client, name }: StageResources["bucket"], where: string) {
  const content = {
    where,
    holds: "whole records with name and email address, if any failed for 22 hours",
  };
  return await withDefault({ ...content, forMs: inBucketMs(14) }, async () => {
    const { Rules: rules = [] } = await client.send(
      new GetBucketLifecycleConfigurationCommand({ Bucket: name }),
    );
    const days = rules.flatMap(({ Status: status, Expiration: { Days: each } = {} }) =>
      status === "Enabled" && each !== undefined ? [each] : [],
    );
    return [{ ...content, forMs: days.length === 0 ? null : inBucketMs(Math.min(...days)) }];
  });
}

async function archives({ client, arn }: StageResources["bus"], holds: string) {
  const where = "archive of the bus";
  return await withDefault({ where, holds, forMs: null }, async () => {
    const { Archives: found = [] } = await client.send(
      new ListArchivesCommand({ EventSourceArn: arn }),
    );
    return await Promise.all(
      found.map(async ({ ArchiveName: name = "" }) => {
        const { RetentionDays: days = 0 } = await client.send(
          new DescribeArchiveCommand({ ArchiveName: name }),
        );
        // For EventBridge, 0 means forever.
        const forMs = days === 0 ? null : STREAM_MS + days * DAY_MS;
        return { where: `${where} ${name}`, holds, forMs };
      }),
    );
  });
}

/** A table, and how the report calls it and what its backups hold. */
interface TableToReport {
  readonly client: DynamoDBClient;
  readonly name: string;
  readonly label: string;
  readonly holds: string;
}

async function pointInTimeRecovery({ client, name, label, holds }: TableToReport) {
  const content = { where: `point-in-time recovery of ${label}`, holds };
  return await withDefault({ ...content, forMs: 35 * DAY_MS }, async () => {
    const { ContinuousBackupsDescription: described } = await client.send(
      new DescribeContinuousBackupsCommand({ TableName: name }),
    );
    const { PointInTimeRecoveryStatus: status, RecoveryPeriodInDays: days = 35 } =
      described?.PointInTimeRecoveryDescription ?? {};
    return status === "ENABLED" ? [{ ...content, forMs: days * DAY_MS }] : [];
  });
}

/** On-demand backups and those of AWS Backup: they remain until they are deleted. */
async function backups({ client, name, label, holds }: TableToReport) {
  return await withDefault(
    { where: `on-demand backups of ${label}, if any`, holds, forMs: null },
    async () => {
      const { BackupSummaries: found = [] } = await client.send(
        new ListBackupsCommand({ TableName: name, BackupType: "ALL" }),
      );
      return found.map(({ BackupName: backup = "" }) => ({
        where: `backup ${backup} of ${label}`,
        holds,
        forMs: null,
      }));
    },
  );
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
            label: "the table of the history",
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
          where: "dead-letter queue of forwarding",
          holds: `events ${content}, if any could not be forwarded`,
        }),
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
    forMs: STREAM_MS,
  };
  const relay: Retained = {
    where: "relay, at Freshworks",
    holds:
      "parked events with name and email address, if any; one that is newer than the last stored event creates the agent again",
    forMs: DAY_MS,
  };
  const sweepState: Retained = {
    where: "table of sweep state",
    holds: "name, email address, status and tickets, if a sweep was interrupted",
    forMs: EXPIRED_ITEMS_MS,
  };
  return [stream, relay, ...(resources.isReconciled ? [sweepState] : []), ...found.flat()]
    .map(({ forMs, ...copy }) =>
      Object.assign(copy, {
        until: forMs === null ? null : new Date(removedAt.getTime() + forMs).toISOString(),
      }),
    )
    .toSorted((first, second) => (first.until ?? "z").localeCompare(second.until ?? "z"));
}

/** Returns when the last copy is deleted; null if one must be deleted manually. */
export function lastCopyUntil(copies: readonly Copy[]): string | null {
  return copies.at(-1)?.until ?? null;
}
