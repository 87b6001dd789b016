import { describe, expect, it } from "@jest/globals";

import { readStage } from "../../lib/stage.ts";
import { warningsOf } from "../../lib/stage-warnings.ts";

const messagesOf = (settings: object) =>
  warningsOf(readStage("blue", { blue: settings })).map(({ message }) => message);

const withTopic = { alarmTopicArns: ["arn:aws:sns:eu-central-1:123456789012:on-call"] };

describe("a warning", () => {
  it("reports a stage that retains data and notifies no one", () => {
    expect(messagesOf({})).toEqual([
      'alarmTopicArns is empty: no one is notified when an alarm of stage "blue" fires. Add the ARN of an SNS topic in cdk.json.',
    ]);
  });

  it("is not given if someone is notified, or if the data may be lost", () => {
    expect(messagesOf(withTopic)).toEqual([]);
    expect(messagesOf({ retainData: false })).toEqual([]);
  });

  it("names the account quota that reserved concurrency needs", () => {
    expect(messagesOf({ ...withTopic, ingestConcurrency: 5 })).toEqual([
      "ingestConcurrency reserves 5 of the AWS account's Lambda concurrency. The deployment fails if less than 100 stays unreserved. To check: aws lambda get-account-settings --query AccountLimit",
    ]);
  });
});
