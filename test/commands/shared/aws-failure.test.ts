import { DynamoDBServiceException } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "@jest/globals";

import { LookupError } from "../../../client/lookups/lookup-error.ts";
import { describeAwsFailure, describeCause } from "../../../commands/shared/aws-failure.ts";
import { CommandError } from "../../../commands/shared/command-error.ts";

describe("the description of an AWS failure", () => {
  it("contains one period after a message that ends with a period", () => {
    const failure = new DynamoDBServiceException({
      name: "AccessDeniedException",
      message: "Not authorized.",
      $fault: "client",
      $metadata: {},
    });

    expect(describeAwsFailure(failure)).toBe(
      "the AWS request failed: AccessDeniedException: Not authorized. Check the credentials, the region, and AWS_ENDPOINT_URL if it is set.",
    );
  });

  it("is absent for other errors", () => {
    expect(describeAwsFailure(new Error("no"))).toBeUndefined();
  });
});

describe("the description of a cause", () => {
  it.each([
    [new Error("no network."), "no network"],
    [new CommandError("Set the clock."), "Set the clock"],
    [new LookupError("the table does not exist."), "the table does not exist"],
    [new TypeError("x is undefined"), "TypeError: x is undefined"],
    ["stopped.", "stopped"],
  ])("of %s is %j", (error, description) => {
    expect(describeCause(error)).toBe(description);
  });
});
