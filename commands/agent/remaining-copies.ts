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

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

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
  /** Whether the stage publishes names and email addresses. */
  readonly personalData: boolean;
}

/** A copy and how long it is retained; null means for ever. */
interface Retained {
  readonly where: string;
  readonly holds: string;
  readonly forMs: number | null;
}

/** The stream retains records for a day. Until then they may still be published or dead-lettered. */
const STREAM_MS = DAY_MS;

const reasonOf = (error: unknown) => (error instanceof Error ? error.name : String(error));

/** Reads the retention of copies from AWS. If that fails, returns the stack's default, and why. */
async function withDefault<Some extends Retained>(
  read: () => Promise<readonly Some[]>,
  byDefault: Some,
): Promise<readonly (Some & { readonly failure?: string })[]> {
  try {
    return await read();
  } catch (error) {
    return [{ ...byDefault, failure: reasonOf(error) }];
  }
}

const eventsHold = (personalData: boolean) =>
  personalData
    ? "events with name, email address, status and channels"
    : "events with status and channels, without name and email address";

async function queueCopies(
  client: SQSClient,
  url: string,
  content: { readonly where: string; readonly holds: string },
) {
  return await withDefault(
    async () => {
      const { Attributes: attributes = {} } = await client.send(
        new GetQueueAttributesCommand({
          QueueUrl: url,
          AttributeNames: ["MessageRetentionPeriod"],
        }),
      );
      const keptMs = Number(attributes.MessageRetentionPeriod) * 1000;
      return [{ ...content, forMs: STREAM_MS + keptMs }];
    },
    { ...content, forMs: STREAM_MS + 14 * DAY_MS },
  );
}

async function deadLetters({ queue, personalData }: StageResources) {
  const holds = personalData
    ? "dead-lettered records with name, email address, status and channels, if any"
    : "dead-lettered records with status and channels, without name and email address, if any";
  return await queueCopies(queue.client, queue.url, { where: "dead-letter queue", holds });
}

/** Forwarding is retried for a day before an event arrives here. */
async function notForwarded({ queue, notForwardedUrl, personalData }: StageResources) {
  const where = "dead-letter queue of forwarding";
  const holds = `${eventsHold(personalData)}, if any could not be forwarded`;
  const found =
    notForwardedUrl === undefined
      ? []
      : await queueCopies(queue.client, notForwardedUrl, { where, holds });
  return found.map((each) => Object.assign(each, { forMs: each.forMs + DAY_MS }));
}

/** S3 deletes expired objects once a day. */
const inBucketMs = (days: number) => STREAM_MS + (days + 1) * DAY_MS;

async function failedRecords({ bucket }: StageResources) {
  const where = "on-failure destination";
  const holds = "whole records with name and email address, if any failed for 22 hours";
  return await withDefault(
    async () => {
      const { Rules: rules = [] } = await bucket.client.send(
        new GetBucketLifecycleConfigurationCommand({ Bucket: bucket.name }),
      );
      const days = rules.flatMap(({ Status: status, Expiration: { Days: each } = {} }) =>
        status === "Enabled" && each !== undefined ? [each] : [],
      );
      return [{ where, holds, forMs: days.length === 0 ? null : inBucketMs(Math.min(...days)) }];
    },
    { where, holds, forMs: inBucketMs(14) },
  );
}

async function archives({ bus, personalData }: StageResources) {
  const where = "archive of the bus";
  const holds = eventsHold(personalData);
  return await withDefault(
    async () => {
      const { Archives: found = [] } = await bus.client.send(
        new ListArchivesCommand({ EventSourceArn: bus.arn }),
      );
      return await Promise.all(
        found.map(async ({ ArchiveName: name = "" }) => {
          const { RetentionDays: days = 0 } = await bus.client.send(
            new DescribeArchiveCommand({ ArchiveName: name }),
          );
          // For EventBridge, 0 means for ever.
          const forMs = days === 0 ? null : STREAM_MS + days * DAY_MS;
          return { where: `${where} ${name}`, holds, forMs };
        }),
      );
    },
    { where, holds, forMs: null },
  );
}

async function pointInTimeRecovery({ table }: StageResources) {
  const where = "point-in-time recovery of the table";
  const holds = "everything";
  return await withDefault(
    async () => {
      const { ContinuousBackupsDescription: described } = await table.client.send(
        new DescribeContinuousBackupsCommand({ TableName: table.name }),
      );
      const { PointInTimeRecoveryStatus: status, RecoveryPeriodInDays: days = 35 } =
        described?.PointInTimeRecoveryDescription ?? {};
      return status === "ENABLED" ? [{ where, holds, forMs: days * DAY_MS }] : [];
    },
    { where, holds, forMs: 35 * DAY_MS },
  );
}

/** On-demand backups and those of AWS Backup: they remain until they are deleted. */
async function backups({ table }: StageResources) {
  const holds = "everything";
  return await withDefault(
    async () => {
      const { BackupSummaries: found = [] } = await table.client.send(
        new ListBackupsCommand({ TableName: table.name, BackupType: "ALL" }),
      );
      return found.map(({ BackupName: name = "" }) => ({
        where: `backup ${name} of the table`,
        holds,
        forMs: null,
      }));
    },
    { where: "on-demand backups of the table, if any", holds, forMs: null },
  );
}

/** Returns where copies of a forgotten agent remain, in the order in which they are deleted. */
export async function remainingCopies(resources: StageResources, removedAt: Date): Promise<Copy[]> {
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
  const found = await Promise.all(
    [deadLetters, notForwarded, failedRecords, archives, pointInTimeRecovery, backups].map(
      async (find) => await find(resources),
    ),
  );
  return [stream, relay, ...found.flat()]
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
