import { describe, expect, it } from "@jest/globals";

import { at, permissionsOf, resource, statementsOf, synthesized, theOnly } from "../synthesized.ts";

const FUNCTION = "PublisherFunction1938950E";
const LIVE_ALIAS = "PublisherFunctionLiveF4C05472";
const QUEUE = "PublisherDeadLetterQueueBE1BF1E2";
const BUCKET = "PublisherOnFailureDestinationE9907FAB";

const arnOf = (logicalId: string) => ({ "Fn::GetAtt": [logicalId, "Arn"] });
const objectsOf = (logicalId: string) => ({ "Fn::Join": ["", [arnOf(logicalId), "/*"]] });

describe("the publisher function", () => {
  it("may write its log, read the stream, put events, and send failed records to the queue and the bucket, and nothing else", () => {
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

  it("receives its stage, bus and dead-letter queue, and omits personal data by default", () => {
    expect(resource(synthesized(), FUNCTION).Properties["Environment"]).toEqual({
      Variables: {
        STAGE: "blue",
        BUS_NAME: { Ref: "Bus52AA7421" },
        DEAD_LETTER_QUEUE_URL: { Ref: QUEUE },
        PERSONAL_DATA_IN_EVENTS: "false",
      },
    });
  });

  it("publishes personal data if the stage sets it", () => {
    const template = synthesized({ personalDataInEvents: true });
    const { Environment: environment } = resource(template, FUNCTION).Properties;

    expect(at(environment, "Variables", "PERSONAL_DATA_IN_EVENTS")).toBe("true");
  });

  it("has 256 MB of memory and a timeout of one minute", () => {
    expect(resource(synthesized(), FUNCTION).Properties).toMatchObject({
      MemorySize: 256,
      Timeout: 60,
    });
  });
});

describe("the event source mapping", () => {
  const { Properties: mapping } = theOnly(synthesized(), "AWS::Lambda::EventSourceMapping");

  it("connects the table's stream to the alias of the publisher", () => {
    expect(mapping["EventSourceArn"]).toEqual({
      "Fn::GetAtt": ["StoreTable0CCFA19B", "StreamArn"],
    });
    expect(mapping["FunctionName"]).toEqual({
      "Fn::Join": [
        "",
        [{ "Fn::Select": [6, { "Fn::Split": [":", { Ref: LIVE_ALIAS }] }] }, ":live"],
      ],
    });
  });

  it("starts at the trim horizon, so that changes made before it existed are published", () => {
    expect(mapping["StartingPosition"]).toBe("TRIM_HORIZON");
  });

  it("passes up to 100 records without waiting or filtering", () => {
    expect(mapping["BatchSize"]).toBe(100);
    expect(mapping).not.toHaveProperty("MaximumBatchingWindowInSeconds");
    expect(mapping).not.toHaveProperty("FilterCriteria");
  });

  it("passes one batch per shard at a time, which keeps the versions of an agent in order", () => {
    expect(mapping["ParallelizationFactor"]).toBe(1);
  });

  it("limits retries by age only", () => {
    expect(mapping).not.toHaveProperty("MaximumRetryAttempts");
  });

  it("stops retrying records after 22 hours, before the stream deletes them", () => {
    expect(mapping["MaximumRecordAgeInSeconds"]).toBe(79_200);
  });

  it("splits a batch that fails as a whole", () => {
    expect(mapping["BisectBatchOnFunctionError"]).toBe(true);
  });

  it("retries only from the first failed record", () => {
    expect(mapping["FunctionResponseTypes"]).toEqual(["ReportBatchItemFailures"]);
  });

  it("sends whole records that it stops retrying to the bucket", () => {
    expect(mapping["DestinationConfig"]).toEqual({ OnFailure: { Destination: arnOf(BUCKET) } });
  });
});

describe("the on-failure destination", () => {
  const bucket = theOnly(synthesized(), "AWS::S3::Bucket");

  it("is encrypted", () => {
    expect(bucket.Properties["BucketEncryption"]).toEqual({
      ServerSideEncryptionConfiguration: [
        { ServerSideEncryptionByDefault: { SSEAlgorithm: "AES256" } },
      ],
    });
  });

  it("blocks public access", () => {
    expect(bucket.Properties["PublicAccessBlockConfiguration"]).toEqual({
      BlockPublicAcls: true,
      BlockPublicPolicy: true,
      IgnorePublicAcls: true,
      RestrictPublicBuckets: true,
    });
  });

  it("accepts requests over TLS only", () => {
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

  it("deletes objects after 14 days and incomplete uploads after one day", () => {
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

  it("is retained after the stack is deleted only if the stage retains data", () => {
    const notRetained = theOnly(synthesized({ retainData: false }), "AWS::S3::Bucket");

    expect([bucket.DeletionPolicy, bucket.UpdateReplacePolicy]).toEqual([
      "RetainExceptOnCreate",
      "Retain",
    ]);
    expect([notRetained.DeletionPolicy, notRetained.UpdateReplacePolicy]).toEqual([
      "Delete",
      "Delete",
    ]);
  });
});

describe("the dead-letter queue", () => {
  const queue = theOnly(synthesized(), "AWS::SQS::Queue");

  it("is encrypted", () => {
    expect(queue.Properties["SqsManagedSseEnabled"]).toBe(true);
  });

  it("accepts requests over TLS only", () => {
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

  it("keeps messages for 14 days", () => {
    expect(queue.Properties["MessageRetentionPeriod"]).toBe(1_209_600);
  });

  it("is retained after the stack is deleted only if the stage retains data", () => {
    const notRetained = theOnly(synthesized({ retainData: false }), "AWS::SQS::Queue");

    expect([queue.DeletionPolicy, queue.UpdateReplacePolicy]).toEqual([
      "RetainExceptOnCreate",
      "Retain",
    ]);
    expect([notRetained.DeletionPolicy, notRetained.UpdateReplacePolicy]).toEqual([
      "Delete",
      "Delete",
    ]);
  });
});
