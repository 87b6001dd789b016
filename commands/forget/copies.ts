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

/** A place that may still hold what the table has forgotten. */
export interface Copy {
  readonly where: string;
  readonly holds: string;
  /** ISO 8601 UTC, when the last of it is gone; null where it stays until somebody deletes it. */
  readonly until: string | null;
  /** Why AWS did not say; then `until` is what the stack sets up. */
  readonly unasked?: string;
}

/** Where to look, and with what. */
export interface Surroundings {
  readonly table: { readonly client: DynamoDBClient; readonly name: string };
  readonly bus: { readonly client: EventBridgeClient; readonly arn: string };
  readonly queue: { readonly client: SQSClient; readonly url: string };
  /** The queue of events that another bus did not take; only where the stage forwards. */
  readonly notForwardedUrl: string | undefined;
  readonly bucket: { readonly client: S3Client; readonly name: string };
  /** Whether the stage publishes names and e-mail addresses. */
  readonly personalData: boolean;
}

/** How long a copy stays; null for ever. */
interface Kept {
  readonly where: string;
  readonly holds: string;
  readonly forMs: number | null;
}

/** The stream keeps records for a day; until then what is in it may still be published or set aside. */
const STREAM_MS = DAY_MS;

const reasonOf = (error: unknown) => (error instanceof Error ? error.name : String(error));

/** What AWS says of a copy; where it does not say, what the stack sets up, and why. */
async function asked<Some extends Kept>(
  ask: () => Promise<readonly Some[]>,
  setUp: Some,
): Promise<readonly (Some & { readonly unasked?: string })[]> {
  try {
    return await ask();
  } catch (error) {
    return [{ ...setUp, unasked: reasonOf(error) }];
  }
}

const eventsHold = (personalData: boolean) =>
  personalData
    ? "events with name, e-mail address, status and channels"
    : "events with status and channels, without name and e-mail address";

/** What waits in a queue, for as long as the queue keeps it. */
async function inQueue(
  client: SQSClient,
  url: string,
  told: { readonly where: string; readonly holds: string },
) {
  return await asked(
    async () => {
      const { Attributes: attributes = {} } = await client.send(
        new GetQueueAttributesCommand({
          QueueUrl: url,
          AttributeNames: ["MessageRetentionPeriod"],
        }),
      );
      const keptMs = Number(attributes.MessageRetentionPeriod) * 1000;
      return [{ ...told, forMs: STREAM_MS + keptMs }];
    },
    { ...told, forMs: STREAM_MS + 14 * DAY_MS },
  );
}

async function setAside({ queue, personalData }: Surroundings) {
  const holds = personalData
    ? "records with name, e-mail address, status and channels, if any was set aside"
    : "records with status and channels, without name and e-mail address, if any was set aside";
  return await inQueue(queue.client, queue.url, { where: "queue of what was set aside", holds });
}

/** Forwarding is tried for a day before an event gets there. */
async function notForwarded({ queue, notForwardedUrl, personalData }: Surroundings) {
  const where = "queue of what was not forwarded";
  const holds = `${eventsHold(personalData)}, if any was not taken`;
  const found =
    notForwardedUrl === undefined
      ? []
      : await inQueue(queue.client, notForwardedUrl, { where, holds });
  return found.map((each) => Object.assign(each, { forMs: each.forMs + DAY_MS }));
}

/** S3 looks once a day for what has expired. */
const inBucketMs = (days: number) => STREAM_MS + (days + 1) * DAY_MS;

async function failed({ bucket }: Surroundings) {
  const where = "bucket of what failed for 22 hours";
  const holds = "whole records, name and e-mail address among them, if any got there";
  return await asked(
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

async function archives({ bus, personalData }: Surroundings) {
  const where = "archive of the bus";
  const holds = eventsHold(personalData);
  return await asked(
    async () => {
      const { Archives: found = [] } = await bus.client.send(
        new ListArchivesCommand({ EventSourceArn: bus.arn }),
      );
      return await Promise.all(
        found.map(async ({ ArchiveName: name = "" }) => {
          const { RetentionDays: days = 0 } = await bus.client.send(
            new DescribeArchiveCommand({ ArchiveName: name }),
          );
          // 0 means for ever, as EventBridge has it.
          const forMs = days === 0 ? null : STREAM_MS + days * DAY_MS;
          return { where: `${where} ${name}`, holds, forMs };
        }),
      );
    },
    { where, holds, forMs: null },
  );
}

async function pointInTime({ table }: Surroundings) {
  const where = "point-in-time backups of the table";
  const holds = "everything";
  return await asked(
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

/** Backups that somebody made by hand, or a plan of AWS Backup: they stay until they are deleted. */
async function backups({ table }: Surroundings) {
  const holds = "everything";
  return await asked(
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
    { where: "backups of the table made by hand, if any", holds, forMs: null },
  );
}

/** Where copies of an agent remain that was forgotten then, in the order in which they end. */
export async function copiesOf(surroundings: Surroundings, removedAt: Date): Promise<Copy[]> {
  const stream: Kept = {
    where: "stream of the table",
    holds: "the last states, name and e-mail address among them",
    forMs: STREAM_MS,
  };
  const relay: Kept = {
    where: "relay, at Freshworks",
    holds:
      "changes with name and e-mail address that it has parked, if any; one newer than the last stored brings the agent back",
    forMs: DAY_MS,
  };
  const found = await Promise.all(
    [setAside, notForwarded, failed, archives, pointInTime, backups].map(
      async (ask) => await ask(surroundings),
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

/** When the last copy is gone; null where one stays until somebody deletes it. */
export function lastOf(copies: readonly Copy[]): string | null {
  return copies.at(-1)?.until ?? null;
}
