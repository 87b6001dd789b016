import { describe, expect, it } from "@jest/globals";

import { parseEventSourceMapping } from "../../../local/stream-mapping/event-source-mapping.ts";

const described = {
  UUID: "6f1d",
  FunctionArn: "arn:aws:lambda:eu-central-1:000000000000:function:publisher:live",
  EventSourceArn: "arn:aws:dynamodb:eu-central-1:000000000000:table/agents/stream/2026",
};

describe("a deployed event source mapping", () => {
  it("is parsed with its settings", () => {
    const mapping = parseEventSourceMapping({
      ...described,
      BatchSize: 25,
      MaximumBatchingWindowInSeconds: 3,
      StartingPosition: "LATEST",
      MaximumRetryAttempts: 7,
      MaximumRecordAgeInSeconds: 79_200,
      BisectBatchOnFunctionError: true,
      ParallelizationFactor: 1,
      FunctionResponseTypes: ["ReportBatchItemFailures"],
      DestinationConfig: { OnFailure: { Destination: "arn:aws:s3:::failed" } },
    });

    expect(mapping).toEqual({
      uuid: "6f1d",
      functionArn: "arn:aws:lambda:eu-central-1:000000000000:function:publisher:live",
      streamArn: "arn:aws:dynamodb:eu-central-1:000000000000:table/agents/stream/2026",
      batchSize: 25,
      batchingWindow: 3,
      startingPosition: "LATEST",
      maximumRetryAttempts: 7,
      maximumRecordAge: 79_200,
      bisect: true,
      partialFailures: true,
      destination: "arn:aws:s3:::failed",
    });
  });

  it("has AWS's defaults for absent settings", () => {
    const mapping = parseEventSourceMapping(described);

    expect(mapping).toMatchObject({
      batchSize: 100,
      batchingWindow: 0,
      startingPosition: "TRIM_HORIZON",
      maximumRetryAttempts: -1,
      maximumRecordAge: -1,
      bisect: false,
      partialFailures: false,
      destination: undefined,
    });
  });

  it.each([
    ["a ParallelizationFactor other than 1", { ParallelizationFactor: 2 }],
    ["a tumbling window", { TumblingWindowInSeconds: 30 }],
    ["filters", { FilterCriteria: { Filters: [{ Pattern: "{}" }] } }],
    ["the starting position AT_TIMESTAMP", { StartingPosition: "AT_TIMESTAMP" as const }],
    [
      "an on-failure destination other than a queue or a bucket",
      { DestinationConfig: { OnFailure: { Destination: "arn:aws:sns:eu-central-1:0:topic" } } },
    ],
  ])("is rejected with %s", (name, setting) => {
    expect(() => parseEventSourceMapping({ ...described, ...setting })).toThrow(
      `The local cloud does not support this event source mapping: ${name}.`,
    );
  });

  it("is rejected without the ARN of its stream", () => {
    expect(() => parseEventSourceMapping({ ...described, EventSourceArn: undefined })).toThrow(
      "The event source mapping was deployed without EventSourceArn.",
    );
  });
});
