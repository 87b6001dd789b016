import { describe, expect, it } from "@jest/globals";

import { mappingOf } from "../../../local/stream-mapping/mapping.ts";

const described = {
  UUID: "6f1d",
  FunctionArn: "arn:aws:lambda:eu-central-1:000000000000:function:publisher:live",
  EventSourceArn: "arn:aws:dynamodb:eu-central-1:000000000000:table/agents/stream/2026",
};

describe("a deployed mapping", () => {
  it("is read with the settings that it has", () => {
    const mapping = mappingOf({
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

  it("has AWS's defaults where it says nothing", () => {
    const mapping = mappingOf(described);

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
      "a failure destination that is neither queue nor bucket",
      { DestinationConfig: { OnFailure: { Destination: "arn:aws:sns:eu-central-1:0:topic" } } },
    ],
  ])("is refused by name with %s", (name, setting) => {
    expect(() => mappingOf({ ...described, ...setting })).toThrow(
      `The stream's mapping asks for what local/stream-mapping/driver.ts does not do: ${name}.`,
    );
  });

  it("is refused without the ARN of its stream", () => {
    expect(() => mappingOf({ ...described, EventSourceArn: undefined })).toThrow(
      "The stream's mapping was deployed without EventSourceArn.",
    );
  });
});
