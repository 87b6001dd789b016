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

export const DAY_MS = 86_400_000;

/** A place, what it holds, and for how long; null means forever. */
export interface RetainedCopy {
  readonly where: string;
  readonly holds: string;
  readonly retentionMs: number | null;
  readonly failure?: string;
}

/** The stream retains records for a day. Until then they may still be published or dead-lettered. */
export const STREAM_RETENTION_MS = 24 * 3_600_000;

export interface BucketToReport {
  readonly client: S3Client;
  readonly name: string;
}

export interface BusToReport {
  readonly client: EventBridgeClient;
  readonly arn: string;
}

/** S3 deletes expired objects once a day. */
const bucketRetentionMs = (days: number) => STREAM_RETENTION_MS + (days + 1) * DAY_MS;

/** Reads copies from AWS. If that fails, returns the stack's default copy with the name of the error. */
async function withDefault(
  defaultCopy: RetainedCopy,
  read: () => Promise<readonly RetainedCopy[]>,
): Promise<readonly RetainedCopy[]> {
  try {
    return await read();
  } catch (error) {
    return [{ ...defaultCopy, failure: error instanceof Error ? error.name : String(error) }];
  }
}

/** @param delayMs how long an event may take to arrive in the queue. */
export async function queueCopies(
  client: SQSClient,
  url: string,
  delayMs: number,
  copy: { readonly where: string; readonly holds: string },
) {
  return await withDefault({ ...copy, retentionMs: delayMs + 14 * DAY_MS }, async () => {
    const { Attributes: attributes = {} } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ["MessageRetentionPeriod"] }),
    );
    return [{ ...copy, retentionMs: delayMs + Number(attributes.MessageRetentionPeriod) * 1000 }];
  });
}

export async function failedRecordCopies({ client, name }: BucketToReport, where: string) {
  const copy = {
    where,
    holds: "whole records with name and email address, if any failed for 22 hours",
  };
  return await withDefault({ ...copy, retentionMs: bucketRetentionMs(14) }, async () => {
    const { Rules: rules = [] } = await client.send(
      new GetBucketLifecycleConfigurationCommand({ Bucket: name }),
    );
    const days = rules.flatMap(({ Status: status, Expiration: { Days: each } = {} }) =>
      status === "Enabled" && each !== undefined ? [each] : [],
    );
    return [
      { ...copy, retentionMs: days.length === 0 ? null : bucketRetentionMs(Math.min(...days)) },
    ];
  });
}

export async function archiveCopies({ client, arn }: BusToReport, holds: string) {
  const where = "archive of the bus";
  return await withDefault({ where, holds, retentionMs: null }, async () => {
    const { Archives: found = [] } = await client.send(
      new ListArchivesCommand({ EventSourceArn: arn }),
    );
    return await Promise.all(
      found.map(async ({ ArchiveName: name = "" }) => {
        const { RetentionDays: days = 0 } = await client.send(
          new DescribeArchiveCommand({ ArchiveName: name }),
        );
        // For EventBridge, 0 means forever.
        const retentionMs = days === 0 ? null : STREAM_RETENTION_MS + days * DAY_MS;
        return { where: `${where} ${name}`, holds, retentionMs };
      }),
    );
  });
}

/** A table, its name in the report, and what its backups hold. */
export interface TableToReport {
  readonly client: DynamoDBClient;
  readonly name: string;
  readonly label: string;
  readonly holds: string;
}

export async function recoveryCopies({ client, name, label, holds }: TableToReport) {
  const copy = { where: `point-in-time recovery of ${label}`, holds };
  return await withDefault({ ...copy, retentionMs: 35 * DAY_MS }, async () => {
    const { ContinuousBackupsDescription: described } = await client.send(
      new DescribeContinuousBackupsCommand({ TableName: name }),
    );
    const { PointInTimeRecoveryStatus: status, RecoveryPeriodInDays: days = 35 } =
      described?.PointInTimeRecoveryDescription ?? {};
    return status === "ENABLED" ? [{ ...copy, retentionMs: days * DAY_MS }] : [];
  });
}

/** Returns on-demand backups and those of AWS Backup, which remain until they are deleted. */
export async function backupCopies({ client, name, label, holds }: TableToReport) {
  return await withDefault(
    { where: `on-demand backups of ${label}, if any`, holds, retentionMs: null },
    async () => {
      const { BackupSummaries: found = [] } = await client.send(
        new ListBackupsCommand({ TableName: name, BackupType: "ALL" }),
      );
      return found.map(({ BackupName: backup = "" }) => ({
        where: `backup ${backup} of ${label}`,
        holds,
        retentionMs: null,
      }));
    },
  );
}
