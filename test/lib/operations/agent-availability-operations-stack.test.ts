import { describe, expect, it } from "@jest/globals";

import {
  at,
  everySetting,
  permissionsOf,
  resourcesOf,
  synthesized,
  theOnly,
} from "../synthesized.ts";
import { operationsOf } from "./stack.ts";

const template = operationsOf(everySetting);

describe("the operations' stack", () => {
  it("is told every name that it asks for by the data path, whatever is set", () => {
    for (const settings of [{}, everySetting]) {
      const told = Object.values(resourcesOf(synthesized(settings), "AWS::SSM::Parameter")).map(
        ({ Properties: { Name: name } }) => name,
      );
      const { Parameters: parameters } = operationsOf(settings).toJSON() as {
        Parameters: Record<string, { Type: string; Default: string }>;
      };
      const asked = Object.values(parameters)
        .filter(({ Type: type }) => type.startsWith("AWS::SSM::Parameter::Value"))
        .map((each) => each.Default)
        .filter((name) => name.startsWith("/agent-availability/"));

      expect(asked.length).toBeGreaterThan(5);
      expect(told).toEqual(expect.arrayContaining(asked));
    }
  });

  it("puts no export into the data path and takes none from it", () => {
    expect(JSON.stringify(template.toJSON())).not.toContain("Fn::ImportValue");
  });

  it("counts the 429 in the lines that API Gateway writes", () => {
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

  it("may scan the indexes of who is available, write its log, and nothing else", () => {
    const { managed, inline, statements } = permissionsOf(template, id);
    const text = JSON.stringify(statements);

    expect({ managed, inline }).toEqual({ managed: [], inline: [] });
    expect(statements.flatMap((each) => at(each, "Action"))).toEqual([
      "logs:CreateLogStream",
      "logs:PutLogEvents",
      "dynamodb:Scan",
    ]);
    expect([...text.matchAll(/\/index\/\w+/g)].flat()).toEqual([
      "/index/AvailableOnFreshcaller",
      "/index/AvailableOnFreshchat",
      "/index/AvailableOnFreshdesk",
    ]);
    expect(text).not.toContain('"*"');
  });

  it("is taken every five minutes, and not repeated", () => {
    expect(theOnly(template, "AWS::Events::Rule").Properties).toMatchObject({
      ScheduleExpression: "rate(5 minutes)",
      Targets: [{ RetryPolicy: { MaximumRetryAttempts: 0 } }],
    });
  });
});

describe("the dashboard", () => {
  it("answers from top to bottom, in the order of the flow", () => {
    const { Properties: dashboard } = theOnly(template, "AWS::CloudWatch::Dashboard");
    const headings = [...JSON.stringify(dashboard).matchAll(/## (.+?)[\\"]/g)].map(
      ([, text]) => text,
    );

    expect(headings).toEqual([
      "Stage blue: are changes arriving?",
      "Are they stored?",
      "Are they told, and how fast?",
      "How many agents are available now?",
      "What was set aside?",
      "What does it cost? `npx agent-availability cost` has the prices",
    ]);
  });
});

describe("what the dashboard shows", () => {
  const shown = (settings: object) =>
    JSON.stringify(
      theOnly(operationsOf(settings), "AWS::CloudWatch::Dashboard").Properties["DashboardBody"],
    );

  it("is every alarm of the stage, those of a deployment too, by the names that they have", () => {
    const names = [operationsOf({}), synthesized({})].flatMap((each) =>
      Object.values(resourcesOf(each, "AWS::CloudWatch::Alarm")),
    );
    const ofDeployment = names
      .map(({ Properties: { AlarmName: name } }) => String(name))
      .filter((name) => name.startsWith("agent-availability-blue-GradualDeploy"));

    expect(ofDeployment).toHaveLength(4);
    for (const name of ofDeployment) {
      expect(shown({})).toContain(`:alarm:${name}\\"`);
    }
    for (const id of Object.keys(resourcesOf(operationsOf({}), "AWS::CloudWatch::Alarm"))) {
      expect(shown({})).toContain(`{"Fn::GetAtt":["${id}","Arn"]}`);
    }
    expect(shown({ gradualDeploy: false })).not.toContain("GradualDeploy");
  });

  it("answers each of its questions: what comes, is stored and told, how fast, and at what cost", () => {
    for (const metric of [
      "Count",
      "EventsReceived",
      "EventsApplied",
      "EventsDuplicate",
      "EventsStale",
      "EventsPublished",
      "EventAge",
      "IteratorAge",
      "AvailableOnFreshdesk",
      "AvailableOnFreshchat",
      "AvailableOnFreshcaller",
      "ConsumedWriteCapacityUnits",
    ]) {
      expect(shown({})).toContain(`\\"${metric}\\"`);
    }
    for (const statistic of ["p50", "p99"]) {
      expect(shown({})).toContain(`\\"stat\\":\\"${statistic}\\"`);
    }
  });

  it("is why changes are refused, each reason, and all places of what was set aside", () => {
    for (const metric of [
      "RejectedBadSignature",
      "RejectedUnauthenticated",
      "RejectedAccountMismatch",
      "RejectedSourceNotAllowed",
      "RejectedMalformed",
      "RejectedTooLarge",
      "EventsInvalid",
      "RequestsThrottled",
      "EventsSetAside",
      "ApproximateNumberOfMessagesVisible",
      "ApproximateAgeOfOldestMessage",
      "NumberOfObjects",
      "DestinationDeliveryFailures",
    ]) {
      expect(shown({})).toContain(`\\"${metric}\\"`);
    }
  });
});

describe("the saved queries", () => {
  it("are asked of the three logs, and named by their stage", () => {
    const queries = Object.values(resourcesOf(template, "AWS::Logs::QueryDefinition"));

    expect(queries.map(({ Properties: { Name: name } }) => name)).toEqual([
      "agent-availability/blue/who is refused",
      "agent-availability/blue/which requests fail or are slow",
      "agent-availability/blue/why ingest fails",
      "agent-availability/blue/which accounts sign with an old key",
      "agent-availability/blue/which accounts have which relay",
      "agent-availability/blue/what the bus refuses",
      "agent-availability/blue/what was set aside",
    ]);
    expect(queries.every(({ Properties: { LogGroupNames: names } }) => Array.isArray(names))).toBe(
      true,
    );
  });
});
