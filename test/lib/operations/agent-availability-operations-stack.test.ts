import { describe, expect, it } from "@jest/globals";

import {
  at,
  everySetting,
  permissionsOf,
  resourcesOf,
  synthesized,
  theOnly,
} from "../synthesized.ts";
import { operationsTemplate } from "./stack.ts";

const template = operationsTemplate(everySetting);

describe("the operations stack", () => {
  it("uses only stage parameters that the data path writes, with every setting", () => {
    for (const settings of [{}, everySetting]) {
      const written = Object.values(resourcesOf(synthesized(settings), "AWS::SSM::Parameter")).map(
        ({ Properties: { Name: name } }) => name,
      );
      const { Parameters: parameters } = operationsTemplate(settings).toJSON() as {
        Parameters: Record<string, { Type: string; Default: string }>;
      };
      const read = Object.values(parameters)
        .filter(({ Type: type }) => type.startsWith("AWS::SSM::Parameter::Value"))
        .map((each) => each.Default)
        .filter((name) => name.startsWith("/agent-availability/"));

      expect(read.length).toBeGreaterThan(5);
      expect(written).toEqual(expect.arrayContaining(read));
    }
  });

  it("imports no CloudFormation export", () => {
    expect(JSON.stringify(template.toJSON())).not.toContain("Fn::ImportValue");
  });

  it("counts the lines with status 429 in the access log", () => {
    const { Properties: filter } = theOnly(template, "AWS::Logs::MetricFilter");
    const format = at(
      theOnly(synthesized(), "AWS::ApiGatewayV2::Stage").Properties,
      "AccessLogSettings",
      "Format",
    );

    expect(JSON.parse(String(format))).toMatchObject({ status: "$context.status" });
    expect(filter).toMatchObject({
      FilterPattern: '{ $.status = "429" }',
      MetricTransformations: [
        {
          MetricNamespace: "AgentAvailability/blue",
          MetricName: "RequestsThrottled",
          MetricValue: "1",
        },
      ],
    });
  });
});

describe("the census", () => {
  const id = Object.keys(resourcesOf(template, "AWS::Lambda::Function")).join("");

  it("can describe the table, scan the indexes of available agents, write its log, and nothing else", () => {
    const { managed, inline, statements } = permissionsOf(template, id);
    const text = JSON.stringify(statements);

    expect({ managed, inline }).toEqual({ managed: [], inline: [] });
    expect(statements.flatMap((each) => at(each, "Action"))).toEqual([
      "logs:CreateLogStream",
      "logs:PutLogEvents",
      "dynamodb:Scan",
      "dynamodb:DescribeTable",
    ]);
    expect([...text.matchAll(/\/index\/\w+/g)].flat()).toEqual([
      "/index/AvailableOnFreshcaller",
      "/index/AvailableOnFreshchat",
      "/index/AvailableOnFreshdesk",
    ]);
    expect(text).not.toContain('"*"');
  });

  it("runs every five minutes, and EventBridge does not redeliver", () => {
    const rules = Object.values(resourcesOf(template, "AWS::Events::Rule"));
    const scheduled = rules.filter(({ Properties: rule }) => "ScheduleExpression" in rule);

    expect(scheduled).toHaveLength(1);
    expect(scheduled[0]?.Properties).toMatchObject({
      ScheduleExpression: "rate(5 minutes)",
      Targets: [{ RetryPolicy: { MaximumRetryAttempts: 0 } }],
    });
  });
});

describe("notifications of cleared alarms", () => {
  const longestName = "a".repeat(20);
  const rulesOf = (settings: object, stage?: string) =>
    Object.values(resourcesOf(operationsTemplate(settings, stage), "AWS::Events::Rule"))
      .map(({ Properties: properties }) => properties)
      .filter((rule) => "EventPattern" in rule);

  it("are sent for every alarm when it goes from ALARM to OK, and not when it is created", () => {
    const names = Object.values(resourcesOf(template, "AWS::CloudWatch::Alarm")).map(
      ({ Properties: { AlarmName: name } }) => name,
    );
    const patterns = rulesOf(everySetting).map((rule) => rule["EventPattern"]);

    expect(new Set(patterns.flatMap((each) => at(each, "detail", "alarmName")))).toEqual(
      new Set(names),
    );
    for (const pattern of patterns) {
      expect(pattern).toMatchObject({
        source: ["aws.cloudwatch"],
        "detail-type": ["CloudWatch Alarm State Change"],
        detail: { previousState: { value: ["ALARM"] }, state: { value: ["OK"] } },
      });
    }
  });

  it("go to each topic of the stage, in the format of CloudWatch's own notifications", () => {
    const [topic] = everySetting.alarmTopicArns;

    for (const rule of rulesOf(everySetting)) {
      expect(rule["Targets"]).toMatchObject([{ Arn: topic, RoleArn: expect.anything() }]);
      expect(at(rule["Targets"], 0, "InputTransformer", "InputTemplate")).toMatch(
        /^\{"AlarmName":<\S+>,.*"NewStateValue":<\S+>,.*\}$/,
      );
    }
  });

  it("fit EventBridge's limit of 2,048 characters for a pattern, with the longest stage name", () => {
    for (const rule of rulesOf(everySetting, longestName)) {
      expect(JSON.stringify(rule["EventPattern"]).length).toBeLessThanOrEqual(2048);
    }
  });

  it("need no rule if the stage has no topic", () => {
    expect(rulesOf({})).toEqual([]);
  });
});

describe("the dashboard", () => {
  const bodyOf = (settings: object) =>
    JSON.stringify(
      theOnly(operationsTemplate(settings), "AWS::CloudWatch::Dashboard").Properties[
        "DashboardBody"
      ],
    );

  it("has its sections in the order of the data path", () => {
    const headings = [...bodyOf({}).matchAll(/## (.+?)[\\"]/g)].map(([, text]) => text);

    expect(headings).toEqual([
      "Stage blue: ingest",
      "Publisher",
      "Available agents",
      "Reconcile with Freshdesk",
      "History",
      "Dead letters and failed records",
      "Cost (`npx agent-availability cost` shows prices)",
    ]);
  });

  it("shows overruns only if the stage has status limits", () => {
    const settings = { statusLimits: [{ status: "Lunch", minutes: 60 }] };

    expect(bodyOf({})).not.toContain("Supervision");
    expect(bodyOf(settings)).toContain("## Supervision");
    expect(bodyOf(settings)).toContain("OverrunsPublished");
  });

  it("shows coverage only if the stage sets it", () => {
    const settings = { coverage: [{ channel: "freshcaller", minimum: 1 }] };

    expect(bodyOf(settings)).toContain("## Supervision");
    expect(bodyOf(settings)).toContain("CoverageChangesPublished");
    expect(bodyOf(settings)).not.toContain("OverrunsPublished");
  });

  it("shows every alarm of the stage, including those of a deployment", () => {
    const names = [operationsTemplate({}), synthesized({})].flatMap((each) =>
      Object.values(resourcesOf(each, "AWS::CloudWatch::Alarm")),
    );
    const deploymentAlarms = names
      .map(({ Properties: { AlarmName: name } }) => String(name))
      .filter((name) => name.startsWith("agent-availability-blue-GradualDeploy"));

    expect(deploymentAlarms).toHaveLength(4);
    for (const name of deploymentAlarms) {
      expect(bodyOf({})).toContain(`:alarm:${name}\\"`);
    }
    for (const id of Object.keys(resourcesOf(operationsTemplate({}), "AWS::CloudWatch::Alarm"))) {
      expect(bodyOf({})).toContain(`{"Fn::GetAtt":["${id}","Arn"]}`);
    }
    expect(bodyOf({ gradualDeploy: false })).not.toContain("GradualDeploy");
  });

  it.each([
    "Count",
    "EventsReceived",
    "ParkedEventsReceived",
    "EventsApplied",
    "EventsDuplicate",
    "EventsStale",
    "EventsPublished",
    "EventAge",
    "IteratorAge",
    "AvailableOnFreshdesk",
    "AvailableOnFreshchat",
    "AvailableOnFreshcaller",
    "ActiveAgents",
    "ConsumedWriteCapacityUnits",
    "RejectedBadSignature",
    "RejectedUnauthenticated",
    "RejectedAccountMismatch",
    "RejectedSourceNotAllowed",
    "RejectedMalformed",
    "RejectedTooLarge",
    "EventsInvalid",
    "RequestsThrottled",
    "EventsDeadLettered",
    "ApproximateNumberOfMessagesVisible",
    "ApproximateAgeOfOldestMessage",
    "OnFailureDestinationDeliveredEventCount",
    "DroppedEventCount",
    "NumberOfObjects",
  ])("shows %s", (metric) => {
    expect(bodyOf({})).toContain(`\\"${metric}\\"`);
  });

  it("shows the median and the 99th percentile of the event age", () => {
    for (const statistic of ["p50", "p99"]) {
      expect(bodyOf({})).toContain(`\\"stat\\":\\"${statistic}\\"`);
    }
  });
});

describe("the saved queries", () => {
  it("read three logs, and are in the folder of their stage", () => {
    const queries = Object.values(resourcesOf(template, "AWS::Logs::QueryDefinition"));

    expect(queries.map(({ Properties: { Name: name } }) => name)).toEqual([
      "agent-availability/blue/rejected requests",
      "agent-availability/blue/failed or slow requests",
      "agent-availability/blue/ingest errors",
      "agent-availability/blue/invalid signatures by account",
      "agent-availability/blue/accounts that use a previous key",
      "agent-availability/blue/relay versions by account",
      "agent-availability/blue/agent updates by account",
      "agent-availability/blue/entries rejected by the bus",
      "agent-availability/blue/dead-lettered events",
    ]);
    expect(queries.every(({ Properties: { LogGroupNames: names } }) => Array.isArray(names))).toBe(
      true,
    );
  });
});
