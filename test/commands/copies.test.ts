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

import { copiesOf, lastOf } from "../../commands/forget/copies.ts";
import { reportWords } from "../../commands/forget/words.ts";

const [table, bus, queue, bucket] = [
  mockClient(DynamoDBClient),
  mockClient(EventBridgeClient),
  mockClient(SQSClient),
  mockClient(S3Client),
];

const REMOVED_AT = new Date("2026-11-25T12:00:00.000Z");

const copies = async (personalData = false, notForwardedUrl?: string) =>
  await copiesOf(
    {
      table: { client: new DynamoDBClient(), name: "agents" },
      bus: { client: new EventBridgeClient(), arn: "arn:bus" },
      queue: { client: new SQSClient(), url: "https://queue" },
      bucket: { client: new S3Client(), name: "failed" },
      notForwardedUrl,
      personalData,
    },
    REMOVED_AT,
  );

/** A stage as the stack sets it up. */
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
  found.map(({ where, until }) => `${until ?? "for ever"}  ${where}`);

describe("the copies of a forgotten agent", () => {
  it("are told in the order in which they end, each later by the day that the stream takes", async () => {
    expect(summaryOf(await copies())).toEqual([
      "2026-11-26T12:00:00.000Z  stream of the table",
      "2026-11-26T12:00:00.000Z  relay, at Freshworks",
      "2026-12-10T12:00:00.000Z  queue of what was set aside",
      "2026-12-11T12:00:00.000Z  bucket of what failed for 22 hours",
      "2026-12-26T12:00:00.000Z  archive of the bus days",
      "2026-12-30T12:00:00.000Z  point-in-time backups of the table",
    ]);
    expect(lastOf(await copies())).toBe("2026-12-30T12:00:00.000Z");
  });

  it("are those that there are, not those that the stack sets up", async () => {
    table.on(DescribeContinuousBackupsCommand).resolves({
      ContinuousBackupsDescription: {
        ContinuousBackupsStatus: "ENABLED",
        PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: "DISABLED" },
      },
    });
    table.on(ListBackupsCommand).resolves({ BackupSummaries: [{ BackupName: "before-release" }] });
    bus.on(ListArchivesCommand).resolves({ Archives: [{ ArchiveName: "by-hand" }] });
    bus.on(DescribeArchiveCommand, { ArchiveName: "by-hand" }).resolves({ RetentionDays: 0 });
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
      "2026-12-10T12:00:00.000Z  queue of what was set aside",
      "for ever  bucket of what failed for 22 hours",
      "for ever  archive of the bus by-hand",
      "for ever  backup before-release of the table",
    ]);
    expect(lastOf(found)).toBeNull();
  });

  it("that AWS does not tell of are told as the stack sets them up, with the reason", async () => {
    for (const mock of [table, bus, queue, bucket]) {
      mock.reset();
      mock.rejects(Object.assign(new Error("no"), { name: "AccessDenied" }));
    }

    const found = await copies();

    expect(found.map(({ until, unasked }) => [until?.slice(0, 10), unasked])).toEqual([
      ["2026-11-26", undefined],
      ["2026-11-26", undefined],
      ["2026-12-10", "AccessDenied"],
      ["2026-12-11", "AccessDenied"],
      ["2026-12-30", "AccessDenied"],
      [undefined, "AccessDenied"],
      [undefined, "AccessDenied"],
    ]);
  });

  it("are in the queue of what another bus did not take too, a day longer, where the stage forwards", async () => {
    queue.on(GetQueueAttributesCommand, { QueueUrl: "https://forward" }).resolves({
      Attributes: { MessageRetentionPeriod: "1209600" },
    });

    expect(summaryOf(await copies(false, "https://forward"))).toContain(
      "2026-12-11T12:00:00.000Z  queue of what was not forwarded",
    );
  });

  it("hold names where the stage publishes them", async () => {
    const holding = async (personalData: boolean) =>
      (await copies(personalData))
        .filter(({ holds }) => /with name/.test(holds))
        .map(({ where }) => where);

    expect(await holding(false)).toEqual(["relay, at Freshworks"]);
    expect(await holding(true)).toEqual([
      "relay, at Freshworks",
      "queue of what was set aside",
      "archive of the bus days",
    ]);
  });

  it("are a table for a person, with the day on which the last is gone", async () => {
    const report = {
      accountId: "1",
      availabilityId: "2",
      outcome: "forgotten",
      removedAt: "2026-11-25T12:00:00.000Z",
      tombstoneExpiresAt: "2026-12-25T12:00:00.000Z",
      copies: await copies(),
    } as const;

    expect(reportWords(report, "blue"))
      .toBe(`Agent 2 of account 1 is forgotten, since 2026-11-25T12:00:00.000Z (stage blue).
The table holds ids, a count and the place of the last change until about 2026-12-25T12:00:00.000Z, so that no late delivery of an older change brings the agent back. A newer one does, also one that the relay had parked: it creates the agent again, and has to be forgotten anew.

Copies that may remain, and until when:

until                     where                               what
2026-11-26T12:00:00.000Z  stream of the table                 the last states, name and e-mail address among them
2026-11-26T12:00:00.000Z  relay, at Freshworks                changes with name and e-mail address that it has parked, if any; one newer than the last stored brings the agent back
2026-12-10T12:00:00.000Z  queue of what was set aside         records with status and channels, without name and e-mail address, if any was set aside
2026-12-11T12:00:00.000Z  bucket of what failed for 22 hours  whole records, name and e-mail address among them, if any got there
2026-12-26T12:00:00.000Z  archive of the bus days             events with status and channels, without name and e-mail address
2026-12-30T12:00:00.000Z  point-in-time backups of the table  everything

The last of them is gone on 2026-12-30.
Logs hold ids only. Not the hub's: what consumers have kept of events, tables restored from a backup or exported to S3, and Freshdesk itself.`);
  });
});
