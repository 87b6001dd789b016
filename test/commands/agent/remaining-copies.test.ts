import {
  DescribeContinuousBackupsCommand,
  DynamoDBClient,
  ListBackupsCommand,
} from "@aws-sdk/client-dynamodb";
import {
  DescribeArchiveCommand,
  EventBridgeClient,
  ListArchivesCommand,
} from "@aws-sdk/client-eventbridge";
import { GetBucketLifecycleConfigurationCommand, S3Client } from "@aws-sdk/client-s3";
import { GetQueueAttributesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { beforeEach, describe, expect, it } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";

import {
  lastCopyUntil,
  remainingCopies,
  type StageResources,
} from "../../../commands/agent/remaining-copies.ts";
import { formatForgetReport } from "../../../commands/agent/format-forget-report.ts";

const [table, bus, queue, bucket] = [
  mockClient(DynamoDBClient),
  mockClient(EventBridgeClient),
  mockClient(SQSClient),
  mockClient(S3Client),
];

const REMOVED_AT = new Date("2026-11-25T12:00:00.000Z");

/** The queues that every stage has, by stage parameter. */
const everyStage: Readonly<Record<string, string>> = { "dead-letter-queue-url": "https://queue" };

const copies = async ({
  queueUrls = {},
  ...optional
}: Partial<StageResources> & { readonly queueUrls?: Readonly<Record<string, string>> } = {}) =>
  await remainingCopies(
    {
      table: { client: new DynamoDBClient(), name: "agents" },
      bus: { client: new EventBridgeClient(), arn: "arn:bus" },
      queues: { client: new SQSClient(), url: (name) => ({ ...everyStage, ...queueUrls })[name] },
      bucket: { client: new S3Client(), name: "failed" },
      personalData: false,
      ...optional,
    },
    REMOVED_AT,
  );

/** A stage with the defaults of the stack. */
beforeEach(() => {
  for (const mock of [table, bus, queue, bucket]) {
    mock.reset();
  }
  table.on(DescribeContinuousBackupsCommand, { TableName: "agents" }).resolves({
    ContinuousBackupsDescription: {
      ContinuousBackupsStatus: "ENABLED",
      PointInTimeRecoveryDescription: {
        PointInTimeRecoveryStatus: "ENABLED",
        RecoveryPeriodInDays: 35,
      },
    },
  });
  table.on(ListBackupsCommand, { TableName: "agents" }).resolves({ BackupSummaries: [] });
  bus.on(ListArchivesCommand, { EventSourceArn: "arn:bus" }).resolves({
    Archives: [{ ArchiveName: "days" }],
  });
  bus.on(DescribeArchiveCommand, { ArchiveName: "days" }).resolves({ RetentionDays: 30 });
  queue.on(GetQueueAttributesCommand, { QueueUrl: "https://queue" }).resolves({
    Attributes: { MessageRetentionPeriod: "1209600" },
  });
  bucket.on(GetBucketLifecycleConfigurationCommand, { Bucket: "failed" }).resolves({
    Rules: [{ Status: "Enabled", Expiration: { Days: 14 } }],
  });
});

const summaryOf = (found: Awaited<ReturnType<typeof copies>>) =>
  found.map(({ where, until }) => `${until ?? "forever"}  ${where}`);

describe("the copies of a forgotten agent", () => {
  it("are listed in the order in which they are deleted, a day later than their retention because of the stream", async () => {
    expect(summaryOf(await copies())).toEqual([
      "2026-11-26T12:00:00.000Z  stream of the table",
      "2026-11-26T12:00:00.000Z  relay, at Freshworks",
      "2026-12-10T12:00:00.000Z  dead-letter queue",
      "2026-12-11T12:00:00.000Z  on-failure destination",
      "2026-12-26T12:00:00.000Z  archive of the bus days",
      "2026-12-30T12:00:00.000Z  point-in-time recovery of the table",
    ]);
    expect(lastCopyUntil(await copies())).toBe("2026-12-30T12:00:00.000Z");
  });

  it("are read from AWS, not assumed from the stack's settings", async () => {
    table.on(DescribeContinuousBackupsCommand).resolves({
      ContinuousBackupsDescription: {
        ContinuousBackupsStatus: "ENABLED",
        PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: "DISABLED" },
      },
    });
    table.on(ListBackupsCommand).resolves({ BackupSummaries: [{ BackupName: "before-release" }] });
    bus.on(ListArchivesCommand).resolves({ Archives: [{ ArchiveName: "kept-forever" }] });
    bus.on(DescribeArchiveCommand, { ArchiveName: "kept-forever" }).resolves({ RetentionDays: 0 });
    bucket.on(GetBucketLifecycleConfigurationCommand).resolves({
      Rules: [
        { Status: "Disabled", Expiration: { Days: 1 } },
        { Status: "Enabled", AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } },
      ],
    });

    const found = await copies();

    expect(summaryOf(found)).toEqual([
      "2026-11-26T12:00:00.000Z  stream of the table",
      "2026-11-26T12:00:00.000Z  relay, at Freshworks",
      "2026-12-10T12:00:00.000Z  dead-letter queue",
      "forever  on-failure destination",
      "forever  archive of the bus kept-forever",
      "forever  backup before-release of the table",
    ]);
    expect(lastCopyUntil(found)).toBeNull();
  });

  it("are the stack's defaults if AWS denies the requests, with the error", async () => {
    for (const mock of [table, bus, queue, bucket]) {
      mock.reset();
      mock.rejects(Object.assign(new Error("no"), { name: "AccessDenied" }));
    }

    const found = await copies();

    expect(found.map(({ until, failure }) => [until?.slice(0, 10), failure])).toEqual([
      ["2026-11-26", undefined],
      ["2026-11-26", undefined],
      ["2026-12-10", "AccessDenied"],
      ["2026-12-11", "AccessDenied"],
      ["2026-12-30", "AccessDenied"],
      [undefined, "AccessDenied"],
      [undefined, "AccessDenied"],
    ]);
  });

  it("include the dead-letter queue for forwarding, for a day longer, if the stage forwards events", async () => {
    queue.on(GetQueueAttributesCommand, { QueueUrl: "https://forward" }).resolves({
      Attributes: { MessageRetentionPeriod: "1209600" },
    });

    const queueUrls = { "not-forwarded-queue-url": "https://forward" };

    expect(summaryOf(await copies({ queueUrls }))).toContain(
      "2026-12-11T12:00:00.000Z  dead-letter queue for forwarding",
    );
  });

  it("include what the history holds, if the stage has one", async () => {
    table.on(DescribeContinuousBackupsCommand, { TableName: "history" }).resolves({
      ContinuousBackupsDescription: {
        ContinuousBackupsStatus: "ENABLED",
        PointInTimeRecoveryDescription: {
          PointInTimeRecoveryStatus: "ENABLED",
          RecoveryPeriodInDays: 7,
        },
      },
    });
    table
      .on(ListBackupsCommand, { TableName: "history" })
      .resolves({ BackupSummaries: [{ BackupName: "before-release" }] });
    bucket.on(GetBucketLifecycleConfigurationCommand, { Bucket: "history-failed" }).resolves({
      Rules: [{ Status: "Enabled", Expiration: { Days: 10 } }],
    });
    const withoutThem = summaryOf(await copies());

    const found = summaryOf(
      await copies({ history: { table: "history", bucket: "history-failed" } }),
    );

    expect(found.filter((copy) => !withoutThem.includes(copy))).toEqual([
      "2026-12-02T12:00:00.000Z  point-in-time recovery of the history table",
      "2026-12-07T12:00:00.000Z  on-failure destination of the history",
      "forever  backup before-release of the history table",
    ]);
  });

  it("include the schedules and queues for overruns, if the stage limits the time in a status", async () => {
    queue
      .on(GetQueueAttributesCommand, { QueueUrl: "https://overruns" })
      .resolves({ Attributes: { MessageRetentionPeriod: "345600" } })
      .on(GetQueueAttributesCommand, { QueueUrl: "https://dead" })
      .resolves({ Attributes: { MessageRetentionPeriod: "1209600" } });
    const withoutThem = summaryOf(await copies());

    const found = summaryOf(
      await copies({
        queueUrls: {
          "overrun-queue-url": "https://overruns",
          "overrun-dead-letter-queue-url": "https://dead",
        },
      }),
    );

    expect(found.filter((copy) => !withoutThem.includes(copy))).toEqual([
      "2026-11-27T12:00:00.000Z  schedules for overruns",
      "2026-12-01T12:00:00.000Z  queue for overruns",
      "2026-12-11T12:00:00.000Z  dead-letter queue for overruns",
    ]);
  });

  it("include the queues of reconcile and an interrupted sweep, if the stage reconciles accounts", async () => {
    queue
      .on(GetQueueAttributesCommand, { QueueUrl: "https://reconcile" })
      .resolves({ Attributes: { MessageRetentionPeriod: "3600" } })
      .on(GetQueueAttributesCommand, { QueueUrl: "https://dead" })
      .resolves({ Attributes: { MessageRetentionPeriod: "1209600" } });
    const withoutThem = summaryOf(await copies());

    const found = summaryOf(
      await copies({
        queueUrls: {
          "reconcile-queue-url": "https://reconcile",
          "reconcile-dead-letter-queue-url": "https://dead",
        },
      }),
    );

    expect(found.filter((copy) => !withoutThem.includes(copy))).toEqual([
      "2026-11-27T13:00:00.000Z  queue of reconcile",
      "2026-11-28T12:00:00.000Z  table of sweep state",
      "2026-12-11T12:00:00.000Z  dead-letter queue of reconcile",
    ]);
  });

  it("include the dead-letter queue for coverage, which may hold whole events, if the stage sets coverage", async () => {
    queue
      .on(GetQueueAttributesCommand, { QueueUrl: "https://dead" })
      .resolves({ Attributes: { MessageRetentionPeriod: "1209600" } });
    const queueUrls = { "coverage-dead-letter-queue-url": "https://dead" };

    expect(await copies({ queueUrls, personalData: true })).toContainEqual({
      where: "dead-letter queue for coverage",
      holds: "events with name, email address, status and channels, if any could not be delivered",
      until: "2026-12-11T12:00:00.000Z",
    });
  });

  it("contain names in events only if the stage publishes them", async () => {
    const withoutNames = async (personalData: boolean) =>
      (await copies({ personalData }))
        .filter(({ holds }) => holds.includes("without name"))
        .map(({ where }) => where);

    expect(await withoutNames(false)).toEqual(["dead-letter queue", "archive of the bus days"]);
    expect(await withoutNames(true)).toEqual([]);
  });

  const report = {
    accountId: "1",
    availabilityId: "2",
    items: ["2"],
    outcome: "forgotten",
    removedAt: "2026-11-25T12:00:00.000Z",
    tombstoneExpiresAt: "2026-12-25T12:00:00.000Z",
  } as const;

  it("are reported with the instruction to delete manually what has no expiry", () => {
    const archive = { where: "archive", holds: "events", until: null };

    expect(formatForgetReport({ ...report, copies: [archive] }, "blue")).toContain(
      "At least one of these copies has no expiry. Delete it manually.",
    );
  });

  it("are formatted as a table, with the day on which the last one is deleted", async () => {
    expect(formatForgetReport({ ...report, copies: await copies() }, "blue").join("\n"))
      .toBe(`Forgot agent 2 of account 1 on 2026-11-25T12:00:00.000Z (stage blue).
A tombstone without personal data blocks late deliveries until about 2026-12-25T12:00:00.000Z. An event raised after the removal creates the agent again. If that happens, run the command again.

Copies that may remain:

until                     where                                content
2026-11-26T12:00:00.000Z  stream of the table                  states of the last 24 hours, with name and email address
2026-11-26T12:00:00.000Z  relay, at Freshworks                 parked events with name and email address, if any
2026-12-10T12:00:00.000Z  dead-letter queue                    dead-lettered records with status and channels, without names or email addresses, if any
2026-12-11T12:00:00.000Z  on-failure destination               whole records with name and email address, if any failed for 22 hours
2026-12-26T12:00:00.000Z  archive of the bus days              events with status and channels, without names or email addresses
2026-12-30T12:00:00.000Z  point-in-time recovery of the table  everything

The last copy is deleted on 2026-12-30.
Logs contain IDs only. This report does not cover events stored by consumers, tables restored from a backup or exported to S3, or Freshdesk itself.`);
  });
});
