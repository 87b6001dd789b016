import { DynamoDBServiceException } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "@jest/globals";

import { describeAwsFailure } from "../../../commands/shared/aws-failure.ts";

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
