import { describe, expect, it } from "@jest/globals";

import {
  at,
  permissionsOf,
  resource,
  resourcesOf,
  statementsOf,
  synthesized,
  theOnly,
} from "../synthesized.ts";

const FUNCTION = "PublisherFunction1938950E";
const LIVE = "PublisherFunctionLiveF4C05472";
const QUEUE = "PublisherDeadLetterQueueBE1BF1E2";
const BUCKET = "PublisherOnFailureDestinationE9907FAB";

const arnOf = (logicalId: string) => ({ "Fn::GetAtt": [logicalId, "Arn"] });
const objectsOf = (logicalId: string) => ({ "Fn::Join": ["", [arnOf(logicalId), "/*"]] });

describe("the function publisher", () => {
  it("may write its log, read the stream, put events on the bus, set records aside, store failed ones, and nothing else", () => {
    expect(permissionsOf(synthesized(), FUNCTION)).toEqual({
      managed: [],
      inline: [],
      statements: [
        {
          Effect: "Allow",
          Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
          Resource: arnOf("PublisherFunctionLogs73246104"),
        },
        { Effect: "Allow", Action: "events:PutEvents", Resource: arnOf("Bus52AA7421") },
        { Effect: "Allow", Action: "sqs:SendMessage", Resource: arnOf(QUEUE) },
        { Effect: "Allow", Action: "s3:PutObject", Resource: objectsOf(BUCKET) },
        { Effect: "Allow", Action: "s3:ListBucket", Resource: arnOf(BUCKET) },
        {
          Effect: "Allow",
          Action: [
            "dynamodb:DescribeStream",
            "dynamodb:GetRecords",
            "dynamodb:GetShardIterator",
            "dynamodb:ListStreams",
          ],
          Resource: { "Fn::GetAtt": ["StoreTable0CCFA19B", "StreamArn"] },
        },
      ],
    });
  });

  it("knows its stage, bus and queue, and leaves personal data out by default", () => {
    expect(resource(synthesized(), FUNCTION).Properties["Environment"]).toEqual({
      Variables: {
        STAGE: "blue",
        BUS_NAME: { Ref: "Bus52AA7421" },
        DEAD_LETTER_QUEUE_URL: { Ref: QUEUE },
        PERSONAL_DATA_IN_EVENTS: "false",
      },
    });
  });

  it("publishes personal data where the stage says so", () => {
    const template = synthesized({ personalDataInEvents: true });
    const { Environment: environment } = resource(template, FUNCTION).Properties;

    expect(at(environment, "Variables", "PERSONAL_DATA_IN_EVENTS")).toBe("true");
  });

  it("has 256 MB and a minute for a batch", () => {
    expect(resource(synthesized(), FUNCTION).Properties).toMatchObject({
      MemorySize: 256,
      Timeout: 60,
    });
  });
});

describe("the mapping of the stream", () => {
  const { Properties: mapping } = theOnly(synthesized(), "AWS::Lambda::EventSourceMapping");

  it("takes the table's stream to the publisher, by its alias", () => {
    expect(mapping["EventSourceArn"]).toEqual({
      "Fn::GetAtt": ["StoreTable0CCFA19B", "StreamArn"],
    });
    expect(mapping["FunctionName"]).toEqual({
      "Fn::Join": ["", [{ "Fn::Select": [6, { "Fn::Split": [":", { Ref: LIVE }] }] }, ":live"]],
    });
  });

  it("is the one that stages had before there was an alias: another would read a day's records again", () => {
    expect(Object.keys(resourcesOf(synthesized(), "AWS::Lambda::EventSourceMapping"))).toEqual([
      "PublisherFunctionDynamoDBEventSourceAgentAvailabilityStoreTable801B7AD37F5F6050",
    ]);
  });

  it("begins at the trim horizon, so that what was written before it was there is published", () => {
    expect(mapping["StartingPosition"]).toBe("TRIM_HORIZON");
  });

  it("gives the publisher every record at once, up to 100, and filters none", () => {
    expect(mapping["BatchSize"]).toBe(100);
    expect(mapping).not.toHaveProperty("MaximumBatchingWindowInSeconds");
    expect(mapping).not.toHaveProperty("FilterCriteria");
  });

  it("gives one batch of a shard at a time, which keeps an agent's versions in order", () => {
    expect(mapping["ParallelizationFactor"]).toBe(1);
  });

  it("tries again without limit", () => {
    expect(mapping).not.toHaveProperty("MaximumRetryAttempts");
  });

  it("gives records up after 22 hours, before the stream forgets them", () => {
    expect(mapping["MaximumRecordAgeInSeconds"]).toBe(79_200);
  });

  it("halves a batch that fails as a whole", () => {
    expect(mapping["BisectBatchOnFunctionError"]).toBe(true);
  });

  it("tries again only from the record that did not get through", () => {
    expect(mapping["FunctionResponseTypes"]).toEqual(["ReportBatchItemFailures"]);
  });

  it("puts what it gives up in the bucket, whole", () => {
    expect(mapping["DestinationConfig"]).toEqual({ OnFailure: { Destination: arnOf(BUCKET) } });
  });
});

describe("the bucket of failed records", () => {
  const bucket = theOnly(synthesized(), "AWS::S3::Bucket");

  it("encrypts", () => {
    expect(bucket.Properties["BucketEncryption"]).toEqual({
      ServerSideEncryptionConfiguration: [
        { ServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } },
      ],
    });
  });

  it("is closed to the public", () => {
    expect(bucket.Properties["PublicAccessBlockConfiguration"]).toEqual({
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    });
  });

  it("is talked to through TLS only", () => {
    const policy = theOnly(synthesized(), "AWS::S3::BucketPolicy");

    expect(policy.Properties["Bucket"]).toEqual({ Ref: BUCKET });
    expect(statementsOf(policy)).toEqual([
      {
        Effect: "Deny",
        Principal: { AWS: "*" },
        Action: "s3:*",
        Resource: [arnOf(BUCKET), objectsOf(BUCKET)],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ]);
  });

  it("keeps what it holds 14 days, and half an upload one day", () => {
    expect(bucket.Properties["LifecycleConfiguration"]).toEqual({
      Rules: [
        {
          Status: "Enabled",
          ExpirationInDays: 14,
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
        },
      ],
    });
  });

  it("survives the stack by default, and goes with it where the stage does not retain data", () => {
    const lost = theOnly(synthesized({ retainData: false }), "AWS::S3::Bucket");

    expect([bucket.DeletionPolicy, bucket.UpdateReplacePolicy]).toEqual([
      "RetainExceptOnCreate",
      "Retain",
    ]);
    expect([lost.DeletionPolicy, lost.UpdateReplacePolicy]).toEqual(["Delete", "Delete"]);
  });

  it("keeps its logical id, because another one would be another bucket, and the records in the old one forgotten", () => {
    expect(resource(synthesized(), BUCKET).Type).toBe("AWS::S3::Bucket");
  });
});

describe("the queue of what is set aside", () => {
  const queue = theOnly(synthesized(), "AWS::SQS::Queue");

  it("encrypts", () => {
    expect(queue.Properties["SqsManagedSseEnabled"]).toBe(true);
  });

  it("is talked to through TLS only", () => {
    const policy = theOnly(synthesized(), "AWS::SQS::QueuePolicy");

    expect(policy.Properties["Queues"]).toEqual([{ Ref: QUEUE }]);
    expect(statementsOf(policy)).toEqual([
      {
        Effect: "Deny",
        Principal: { AWS: "*" },
        Action: "sqs:*",
        Resource: arnOf(QUEUE),
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ]);
  });

  it("keeps what it holds 14 days", () => {
    expect(queue.Properties["MessageRetentionPeriod"]).toBe(1_209_600);
  });

  it("survives the stack by default, and goes with it where the stage does not retain data", () => {
    const lost = theOnly(synthesized({ retainData: false }), "AWS::SQS::Queue");

    expect([queue.DeletionPolicy, queue.UpdateReplacePolicy]).toEqual([
      "RetainExceptOnCreate",
      "Retain",
    ]);
    expect([lost.DeletionPolicy, lost.UpdateReplacePolicy]).toEqual(["Delete", "Delete"]);
  });

  it("keeps its logical id, because another one would be another queue, and the records in the old one forgotten", () => {
    expect(resource(synthesized(), QUEUE).Type).toBe("AWS::SQS::Queue");
  });
});
