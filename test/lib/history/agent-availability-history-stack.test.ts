import { describe, expect, it } from "@jest/globals";
import { Match } from "aws-cdk-lib/assertions";

import { type AlarmProperties, stateAt } from "../operations/evaluate.ts";
import { alarmsOf } from "../operations/stack.ts";
import { at, theOnly } from "../synthesized.ts";
import { historyTemplate } from "./history-stack.ts";

const template = historyTemplate();
const NOW = Date.UTC(2026, 10, 25) / 1000;

describe("the history stack", () => {
  it("keeps changes by agent and time, and lets DynamoDB delete them when they expire", () => {
    template.hasResourceProperties("AWS::DynamoDB::GlobalTable", {
      KeySchema: [
        { AttributeName: "agent", KeyType: "HASH" },
        { AttributeName: "change", KeyType: "RANGE" },
      ],
      BillingMode: "PAY_PER_REQUEST",
      TimeToLiveSpecification: { AttributeName: "expiresAt", Enabled: true },
    });
  });

  it("protects the table if the stage retains data, and keeps backups for backupDays", () => {
    const { DeletionPolicy, Properties: properties } = theOnly(
      historyTemplate({ backupDays: 7 }),
      "AWS::DynamoDB::GlobalTable",
    );

    expect(DeletionPolicy).toBe("Retain");
    expect(at(properties, "Replicas", "0")).toMatchObject({
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: {
        PointInTimeRecoveryEnabled: true,
        RecoveryPeriodInDays: 7,
      },
    });
    const other = theOnly(historyTemplate({ retainData: false }), "AWS::DynamoDB::GlobalTable");
    expect(other.DeletionPolicy).toBe("Delete");
  });

  it("reads the table's stream with its own event source mapping, in order, for 22 hours", () => {
    template.hasResourceProperties("AWS::Lambda::EventSourceMapping", {
      EventSourceArn: {
        Ref: "SsmParameterValueagentavailabilitybluetablestreamarnC96584B6F00A464EAD1953AFF4B05118Parameter",
      },
      StartingPosition: "TRIM_HORIZON",
      ParallelizationFactor: 1,
      MaximumRecordAgeInSeconds: 79_200,
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ["ReportBatchItemFailures"],
    });
  });

  // Role simulation cannot cover this: IAM's reference lists no resource for ListStreams, but Lambda requires one.
  it("allows the four actions without which Lambda rejects an event source mapping of a stream", () => {
    template.hasResourceProperties("AWS::IAM::Policy", {
      PolicyDocument: {
        Statement: Match.arrayWith([
          {
            Action: [
              "dynamodb:DescribeStream",
              "dynamodb:GetRecords",
              "dynamodb:GetShardIterator",
              "dynamodb:ListStreams",
            ],
            Effect: "Allow",
            Resource: {
              Ref: "SsmParameterValueagentavailabilitybluetablestreamarnC96584B6F00A464EAD1953AFF4B05118Parameter",
            },
          },
        ]),
      },
    });
  });

  it("passes historyDays to the function", () => {
    const days = (settings: object) =>
      at(
        theOnly(historyTemplate(settings), "AWS::Lambda::Function").Properties,
        "Environment",
        "Variables",
        "HISTORY_DAYS",
      );

    expect(days({})).toBe("90");
    expect(days({ historyDays: 7 })).toBe("7");
  });

  it("allows only the stage's readers among other AWS accounts to query the history", () => {
    const policyOf = (settings: object) =>
      at(
        theOnly(historyTemplate(settings), "AWS::DynamoDB::GlobalTable").Properties,
        "Replicas",
        "0",
        "ResourcePolicy",
        "PolicyDocument",
        "Statement",
      );

    expect(policyOf({})).toBeUndefined();
    expect(policyOf({ readers: ["222222222222"] })).toEqual([
      {
        Sid: "LookupsFromOtherAccounts",
        Effect: "Allow",
        Principal: { AWS: "arn:aws:iam::222222222222:root" },
        Action: "dynamodb:Query",
        Resource: "*",
      },
    ]);
  });

  it("has a policy that allows reading the history and nothing else", () => {
    template.hasResourceProperties("AWS::IAM::ManagedPolicy", {
      PolicyDocument: {
        Statement: [
          {
            Action: "dynamodb:Query",
            Effect: "Allow",
            Resource: { "Fn::GetAtt": ["TableCD117FA1", "Arn"] },
          },
        ],
      },
    });
  });
});

describe("the alarms about the history", () => {
  const alarm = (name: string): AlarmProperties => {
    const found = alarmsOf(template)[name];
    if (found === undefined) {
      throw new Error(`the stack has no alarm ${name}`);
    }
    return found;
  };
  const inEach = (values: Readonly<Record<string, number>>) =>
    [5, 10, 15].map((minutes) => Object.assign({ at: NOW - minutes * 60 }, values));

  it.each([
    ["HistoryDelayed", "IteratorAge", 900_000, 899_999],
    ["HistoryRecordsFailed", "OnFailureDestinationDeliveredEventCount", 1, 0],
    ["HistoryRecordsLost", "DroppedEventCount", 1, 0],
    ["HistoryRecordsUnreadable", "RecordsUnreadable", 1, 0],
  ])("%s fires if %s is %d, not if it is %d", (name, metric, high, low) => {
    expect(stateAt(alarm(name), inEach({ [metric]: high }), NOW)).toBe("ALARM");
    expect(stateAt(alarm(name), inEach({ [metric]: low }), NOW)).toBe("OK");
    expect(stateAt(alarm(name), [], NOW)).toBe("OK");
  });
});
