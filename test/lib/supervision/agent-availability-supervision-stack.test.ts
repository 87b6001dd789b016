import { describe, expect, it } from "@jest/globals";
import { Match } from "aws-cdk-lib/assertions";

import { stateAt } from "../operations/evaluate.ts";
import { alarmsOf } from "../operations/stack.ts";
import { at, resourcesOf, theOnly } from "../synthesized.ts";
import { statusLimits, supervisionTemplate } from "./supervision-stack.ts";

const template = supervisionTemplate({ statusLimits });
const coverage = [{ channel: "freshcaller", minimum: 1 }];

const idsOf = (type: string) => Object.keys(resourcesOf(template, type));

describe("the supervision stack with status limits", () => {
  it("sends every new status with a known time to the queue, without other fields of the event", () => {
    template.hasResourceProperties("AWS::Events::Rule", {
      EventBusName: "agent-availability-blue",
      EventPattern: {
        source: ["freshworks.agent-availability"],
        "detail-type": ["Agent Availability Changed"],
        detail: {
          metadata: { schemaVersion: [1] },
          changed: ["status"],
          status: { since: [{ exists: true }] },
        },
      },
      Targets: [
        Match.objectLike({
          Arn: { "Fn::GetAtt": [Match.stringLikeRegexp("^OverrunsQueue"), "Arn"] },
          DeadLetterConfig: {
            Arn: { "Fn::GetAtt": [Match.stringLikeRegexp("^OverrunsDeadLetterQueue"), "Arn"] },
          },
          InputTransformer: {
            InputPathsMap: {
              "detail-type": "$.detail-type",
              "detail-accountId": "$.detail.accountId",
              "detail-agent-availabilityId": "$.detail.agent.availabilityId",
              "detail-status": "$.detail.status",
            },
            InputTemplate:
              '{"detail-type":<detail-type>,"detail":{"accountId":<detail-accountId>,"agent":{"availabilityId":<detail-agent-availabilityId>},"status":<detail-status>}}',
          },
          RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 },
        }),
      ],
    });
  });

  it("retries failed messages for an hour, each separately, before it dead-letters them", () => {
    const queue = Object.values(resourcesOf(template, "AWS::SQS::Queue")).find(
      ({ Properties: properties }) => "RedrivePolicy" in properties,
    );
    const { VisibilityTimeout: seconds, RedrivePolicy: redrive } = queue?.Properties ?? {};
    const { Timeout: timeout } = theOnly(template, "AWS::Lambda::Function").Properties;

    expect(Number(seconds) * Number(at(redrive, "maxReceiveCount"))).toBe(3600);
    // AWS recommends this factor, so that a message is not received while it is still processed.
    expect(Number(seconds)).toBeGreaterThanOrEqual(6 * Number(timeout));
    template.hasResourceProperties("AWS::Lambda::EventSourceMapping", {
      BatchSize: 10,
      FunctionResponseTypes: ["ReportBatchItemFailures"],
      ScalingConfig: { MaximumConcurrency: 10 },
    });
  });

  it("has a schedule group, with which CloudFormation deletes every schedule", () => {
    const group = theOnly(template, "AWS::Scheduler::ScheduleGroup");

    expect([group.DeletionPolicy, group.UpdateReplacePolicy]).toEqual([undefined, undefined]);
    // A fixed name would be in use while CloudFormation still deletes the previous group.
    expect(at(group.Properties, "Name")).toBeUndefined();
  });

  it("passes limits, schedule group, role and queues to the function", () => {
    const [group = ""] = idsOf("AWS::Scheduler::ScheduleGroup");

    template.hasResourceProperties("AWS::Lambda::Function", {
      Environment: {
        Variables: {
          STATUS_LIMITS: '[{"status":"On break","minutes":15}]',
          COVERAGE: "[]",
          BUS_NAME: "agent-availability-blue",
          PERSONAL_DATA_IN_EVENTS: "false",
          OVERRUN_SCHEDULE_GROUP_NAME: { Ref: group },
          OVERRUN_SCHEDULE_ROLE_ARN: {
            "Fn::GetAtt": [Match.stringLikeRegexp("^OverrunsScheduleRole"), "Arn"],
          },
          OVERRUN_QUEUE_ARN: { "Fn::GetAtt": [Match.stringLikeRegexp("^OverrunsQueue"), "Arn"] },
        },
      },
    });
  });

  it("deletes its data with the stack, even if the stage retains data", () => {
    const retained = Object.entries(resourcesOf(template)).filter(
      ([, { Type: type, DeletionPolicy: policy }]) =>
        policy === "Retain" && type !== "AWS::Logs::LogGroup",
    );

    expect(retained).toEqual([]);
  });
});

describe("the settings of supervision", () => {
  const typesOf = (settings: object) =>
    Object.fromEntries(
      Object.entries(resourcesOf(supervisionTemplate(settings))).map(([id, each]) => [
        id,
        each.Type,
      ]),
    );

  it("replace and remove no resource if limits are changed or added", () => {
    const more = [...statusLimits, { status: "Lunch", minutes: 60, accountId: "42" }];

    expect(typesOf({ statusLimits: more })).toEqual(typesOf({ statusLimits }));
  });

  it("determine whether the coverage table and the limits are published for the board", () => {
    const outputsOf = (settings: object) => {
      const { Outputs: outputs } = supervisionTemplate(settings).toJSON() as {
        Outputs: Record<string, { Value: unknown }>;
      };
      return outputs;
    };

    expect(outputsOf({ statusLimits })["StatusLimits"]?.Value).toBe(JSON.stringify(statusLimits));
    expect(outputsOf({ statusLimits })).not.toHaveProperty("CoverageTableName");
    expect(outputsOf({ coverage })).toHaveProperty("CoverageTableName");
    expect(outputsOf({ coverage })).not.toHaveProperty("StatusLimits");
  });

  it("add and remove only resources about overruns if coverage remains", () => {
    const both = typesOf({ statusLimits, coverage });
    const one = typesOf({ coverage });

    expect(both).toMatchObject(one);
    const added = Object.keys(both).filter((id) => !(id in one));
    expect(
      added.filter(
        (id) => !/^(?:Overruns?|SupervisionAlarmsOverruns?)|^Supervisor|^StatusLimits/.test(id),
      ),
    ).toEqual([]);
    expect(Object.values(one)).not.toContain("AWS::Scheduler::ScheduleGroup");
  });

  it("are rejected if they are longer than the function's environment allows", () => {
    const many = Array.from({ length: 60 }, (_, index) => ({
      status: `Status number ${index}`,
      minutes: 15,
    }));

    expect(() => supervisionTemplate({ statusLimits: many })).toThrow(
      /^statusLimits and coverage must together be at most 2500 bytes of JSON \(got \d+\) in stage "blue" of cdk\.json$/,
    );
  });
});

describe("the alarms about overruns", () => {
  const alarms = alarmsOf(template);
  const NOW = Date.UTC(2026, 10, 25) / 1000;

  it("exist, and none of them pages", () => {
    const descriptions = Object.values(alarms).map(({ AlarmDescription: text }) => text);

    expect(Object.keys(alarms).toSorted()).toEqual([
      "OverrunDeadLettersWaiting",
      "OverrunsDelayed",
      "OverrunsLost",
    ]);
    expect(descriptions.every((text) => text.startsWith("[ticket] "))).toBe(true);
  });

  it.each([
    ["OverrunsDelayed", "ApproximateAgeOfOldestMessage", 600, 599],
    ["OverrunDeadLettersWaiting", "ApproximateNumberOfMessagesVisible", 1, 0],
    ["OverrunsLost", "InvocationsFailedToBeSentToDeadLetterCount", 1, 0],
  ])("%s fires if %s is %d, not if it is %d", (name, metric, high, low) => {
    const alarm = alarms[name];
    if (alarm === undefined) {
      throw new Error(`the stack has no alarm ${name}`);
    }
    const inEach = (value: number) =>
      [5, 10].map((minutes) => ({ at: NOW - minutes * 60, [metric]: value }));

    expect(stateAt(alarm, inEach(high), NOW)).toBe("ALARM");
    expect(stateAt(alarm, inEach(low), NOW)).toBe("OK");
    expect(stateAt(alarm, [], NOW)).toBe("OK");
  });
});
