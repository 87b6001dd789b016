import { describe, expect, it } from "@jest/globals";
import { Match, type Template } from "aws-cdk-lib/assertions";

import { type AlarmProperties, stateAt } from "../operations/evaluate.ts";
import { alarmsOf } from "../operations/stack.ts";
import { at, resourcesOf, theOnly } from "../synthesized.ts";
import { statusLimits, supervisionTemplate } from "./supervision-stack.ts";

const phone = { channel: "freshcaller", minimum: 1 };
const template = supervisionTemplate({ coverage: [phone] });
const queueNamed = (name: string) => ({
  "Fn::GetAtt": [Match.stringLikeRegexp(`^Coverage${name}`), "Arn"],
});

/** The pattern of the rule about changes on channels. */
function detailOf(rules: Template): unknown {
  const pattern = Object.values(resourcesOf(rules, "AWS::Events::Rule"))
    .map(({ Properties: { EventPattern: each } }) => each)
    .find((each) => at(each, "detail-type", 0) === "Agent Channel Availability Changed");
  return at(pattern, "detail");
}

describe("the supervision stack with coverage", () => {
  it("delays changes of covered channels by 10 seconds, and passes on only account and channel", () => {
    template.hasResourceProperties("AWS::Events::Rule", {
      EventBusName: "agent-availability-blue",
      EventPattern: {
        source: ["freshworks.agent-availability"],
        "detail-type": ["Agent Channel Availability Changed"],
      },
      Targets: [
        Match.objectLike({
          Arn: queueNamed("Queue"),
          DeadLetterConfig: { Arn: queueNamed("DeadLetterQueue") },
          InputTransformer: {
            InputPathsMap: {
              "detail-accountId": "$.detail.accountId",
              "detail-channel": "$.detail.channel",
            },
            InputTemplate: '{"accountId":<detail-accountId>,"channel":<detail-channel>}',
          },
        }),
      ],
    });
    template.hasResourceProperties("AWS::SQS::Queue", {
      DelaySeconds: 10,
      VisibilityTimeout: 180,
      RedrivePolicy: { deadLetterTargetArn: queueNamed("DeadLetterQueue"), maxReceiveCount: 3 },
    });
  });

  it("selects each covered channel once, and the accounts if no entry is for all", () => {
    const phoneOf = (accountId: string) => ({ ...phone, accountId });
    const chat = { channel: "freshchat", minimum: 2, accountId: "43" };

    expect(detailOf(template)).toEqual({
      channel: ["freshcaller"],
      metadata: { schemaVersion: [1] },
    });
    expect(
      detailOf(supervisionTemplate({ coverage: [phoneOf("42"), phoneOf("43"), chat] })),
    ).toMatchObject({
      channel: ["freshcaller", "freshchat"],
      accountId: ["42", "43"],
    });
    expect(detailOf(supervisionTemplate({ coverage: [phoneOf("42"), phone] }))).not.toHaveProperty(
      "accountId",
    );
  });

  it("evaluates all channels every minute, without retries", () => {
    template.hasResourceProperties("AWS::Events::Rule", {
      ScheduleExpression: "rate(1 minute)",
      Targets: [
        Match.objectLike({
          Input: '{"kind":"evaluate-all"}',
          RetryPolicy: { MaximumEventAgeInSeconds: 60, MaximumRetryAttempts: 0 },
        }),
      ],
    });
    template.hasResourceProperties("AWS::Lambda::EventInvokeConfig", {
      MaximumEventAgeInSeconds: 60,
      MaximumRetryAttempts: 0,
    });
  });

  it("passes coverage, its table and its queue to the function", () => {
    template.hasResourceProperties("AWS::Lambda::Function", {
      Environment: {
        Variables: {
          COVERAGE: '[{"channel":"freshcaller","minimum":1}]',
          COVERAGE_TABLE_NAME: { Ref: Match.stringLikeRegexp("^CoverageTable") },
          COVERAGE_QUEUE_ARN: queueNamed("Queue"),
        },
      },
    });
    template.hasResourceProperties("AWS::Lambda::EventSourceMapping", {
      EventSourceArn: queueNamed("Queue"),
      FunctionResponseTypes: ["ReportBatchItemFailures"],
    });
  });

  it("keeps the table if the setting is removed, so that versions are not reused", () => {
    const tablesOf = (settings: object) =>
      Object.keys(resourcesOf(supervisionTemplate(settings), "AWS::DynamoDB::GlobalTable"));

    expect(tablesOf({ statusLimits })).toEqual(tablesOf({ coverage: [phone] }));
    // Another logical ID would replace the table.
    expect(tablesOf({ statusLimits })).toEqual(["CoverageTableC1C91F8D"]);
  });

  it("replaces and removes no resource if the coverage is changed, or limits are added", () => {
    const typesOf = (settings: object) =>
      Object.fromEntries(
        Object.entries(resourcesOf(supervisionTemplate(settings))).map(([id, each]) => [
          id,
          each.Type,
        ]),
      );
    const chat = { channel: "freshchat", minimum: 3, accountId: "42" };

    expect(typesOf({ coverage: [phone, chat] })).toEqual(typesOf({ coverage: [phone] }));
    expect(typesOf({ coverage: [phone], statusLimits })).toMatchObject(
      typesOf({ coverage: [phone] }),
    );
  });

  it("has no queue and no schedule for coverage without the setting", () => {
    const ids = Object.keys(resourcesOf(supervisionTemplate({ statusLimits })));

    expect(
      ids.filter((id) => id.startsWith("Coverage") && !id.startsWith("CoverageTable")),
    ).toEqual([]);
  });
});

describe("the alarms about coverage", () => {
  const NOW = Date.UTC(2026, 10, 25) / 1000;
  const alarm = (name: string): AlarmProperties => {
    const found = alarmsOf(template)[name];
    if (found === undefined) {
      throw new Error(`the stack has no alarm ${name}`);
    }
    return found;
  };
  const dropped = (minutes: readonly number[]) =>
    minutes.map((minute) => ({ at: NOW - minute * 60, AsyncEventsDropped: 1 }));

  it("CoverageNotEvaluated fires if Lambda drops five evaluations within six minutes", () => {
    const state = (...minutes: number[]) =>
      stateAt(alarm("CoverageNotEvaluated"), dropped(minutes), NOW);

    expect(state(1, 2, 3, 4, 5)).toBe("ALARM");
    expect(state(1, 2, 4, 5, 6)).toBe("ALARM");
    expect(state(1, 2, 3, 4)).toBe("OK");
    expect(state()).toBe("OK");
  });

  it("CoverageDeadLettersWaiting fires if there is a dead-lettered message", () => {
    const waiting = (count: number) => [
      { at: NOW - 300, ApproximateNumberOfMessagesVisible: count },
    ];

    expect(stateAt(alarm("CoverageDeadLettersWaiting"), waiting(1), NOW)).toBe("ALARM");
    expect(stateAt(alarm("CoverageDeadLettersWaiting"), waiting(0), NOW)).toBe("OK");
  });

  it("monitor the function, whose retries are off", () => {
    const { Properties: config } = theOnly(
      supervisionTemplate({ coverage: [phone] }),
      "AWS::Lambda::EventInvokeConfig",
    );
    const [functionId] = Object.keys(resourcesOf(template, "AWS::Lambda::Function"));

    expect(config).toMatchObject({
      FunctionName: { Ref: functionId },
      MaximumRetryAttempts: 0,
      MaximumEventAgeInSeconds: 60,
    });
    expect(alarm("CoverageNotEvaluated")).toMatchObject({
      Dimensions: [{ Name: "FunctionName", Value: { Ref: functionId } }],
    });
  });
});
