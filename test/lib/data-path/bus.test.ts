import { describe, expect, it } from "@jest/globals";

import {
  at,
  everySetting,
  policiesOf,
  resourcesOf,
  roleIdOf,
  statementsOf,
  synthesized,
  theOnly,
} from "../synthesized.ts";

const BUS = "Bus52AA7421";

describe("the bus", () => {
  it("is named after its stage", () => {
    expect(theOnly(synthesized(), "AWS::Events::EventBus").Properties["Name"]).toBe(
      "agent-availability-blue",
    );
  });

  it("has no policy, rule or queue if the stage has no consumers and forwards nothing", () => {
    expect(resourcesOf(synthesized(), "AWS::Events::EventBusPolicy")).toEqual({});
    expect(resourcesOf(synthesized(), "AWS::Events::Rule")).toEqual({});
    expect(Object.keys(resourcesOf(synthesized(), "AWS::SQS::Queue"))).toEqual([
      "PublisherDeadLetterQueueBE1BF1E2",
    ]);
  });
});

function statements(settings: object) {
  return Object.values(resourcesOf(synthesized(settings), "AWS::Events::EventBusPolicy")).map(
    ({ Properties: { EventBusName: bus, Statement: statement } }) => ({ bus, statement }),
  );
}

describe("the bus's policy for consumers", () => {
  const rulesOnly = {
    Effect: "Allow",
    Action: [
      "events:PutRule",
      "events:DeleteRule",
      "events:DescribeRule",
      "events:DisableRule",
      "events:EnableRule",
      "events:PutTargets",
      "events:RemoveTargets",
      "events:ListTargetsByRule",
      "events:ListTagsForResource",
      "events:TagResource",
      "events:UntagResource",
    ],
    Resource: {
      "Fn::Join": ["", ["arn:aws:events:eu-central-1:123456789012:rule/", { Ref: BUS }, "/*"]],
    },
  };
  const ownRules = { "events:creatorAccount": "${aws:PrincipalAccount}" };

  it("allows an account to create, see and change its own rules on this bus, but not to put events", () => {
    const settings = { consumers: { accountIds: ["111111111111"] } };

    expect(statements(settings)).toEqual([
      {
        bus: { Ref: BUS },
        statement: {
          ...rulesOnly,
          Sid: "cdk-RulesOfConsumer0",
          Principal: { AWS: "arn:aws:iam::111111111111:root" },
          Condition: { StringEqualsIfExists: ownRules },
        },
      },
    ]);
  });

  it("allows every account of an organization to create, see and change its own rules on this bus", () => {
    const settings = { consumers: { organizationId: "o-a1b2c3d4e5" } };

    expect(statements(settings)).toEqual([
      {
        bus: { Ref: BUS },
        statement: {
          ...rulesOnly,
          Sid: "cdk-RulesOfConsumer0",
          Principal: { AWS: "*" },
          Condition: {
            StringEquals: { "aws:PrincipalOrgID": "o-a1b2c3d4e5" },
            StringEqualsIfExists: ownRules,
          },
        },
      },
    ]);
  });

  it("has one statement per consumer", () => {
    const settings = {
      consumers: {
        accountIds: ["111111111111", "222222222222"],
        organizationId: "o-a1b2c3d4e5",
      },
    };

    expect(
      statements(settings).map(({ statement }) => [
        at(statement, "Sid"),
        at(statement, "Principal"),
      ]),
    ).toEqual([
      ["cdk-RulesOfConsumer0", { AWS: "arn:aws:iam::111111111111:root" }],
      ["cdk-RulesOfConsumer1", { AWS: "arn:aws:iam::222222222222:root" }],
      ["cdk-RulesOfConsumer2", { AWS: "*" }],
    ]);
  });
});

describe("forwarding to other buses", () => {
  const template = synthesized(everySetting);
  const rules = Object.entries(resourcesOf(template, "AWS::Events::Rule")).filter(
    ([, { Properties: rule }]) => rule["EventBusName"] !== undefined,
  );
  const [queueId, queue] = Object.entries(resourcesOf(template, "AWS::SQS::Queue")).find(
    ([id]) => id !== "PublisherDeadLetterQueueBE1BF1E2",
  ) ?? ["", undefined];

  it("adds one rule per bus that matches every event of the hub", () => {
    expect(
      rules.map(([, { Properties: rule }]) => [
        rule["EventBusName"],
        rule["EventPattern"],
        rule["State"],
        at(rule, "Targets", "length"),
        at(rule, "Targets", 0, "Arn"),
      ]),
    ).toEqual([
      [
        { Ref: BUS },
        { source: ["freshworks.agent-availability"] },
        "ENABLED",
        1,
        "arn:aws:events:eu-west-1:333333333333:event-bus/elsewhere",
      ],
      [
        { Ref: BUS },
        { source: ["freshworks.agent-availability"] },
        "ENABLED",
        1,
        "arn:aws:events:eu-central-1:444444444444:event-bus/other-account",
      ],
    ]);
  });

  it("allows each rule to put events on its bus only", () => {
    const allowed = rules.map(([, { Properties: rule }]) =>
      policiesOf(template, roleIdOf(at(rule, "Targets", 0, "RoleArn"))).flatMap(statementsOf),
    );

    expect(allowed).toEqual([
      [
        {
          Effect: "Allow",
          Action: "events:PutEvents",
          Resource: "arn:aws:events:eu-west-1:333333333333:event-bus/elsewhere",
        },
      ],
      [
        {
          Effect: "Allow",
          Action: "events:PutEvents",
          Resource: "arn:aws:events:eu-central-1:444444444444:event-bus/other-account",
        },
      ],
    ]);
  });

  it("sends events that cannot be forwarded to a dead-letter queue", () => {
    expect(
      rules.map(([, { Properties: rule }]) => at(rule, "Targets", 0, "DeadLetterConfig")),
    ).toEqual([
      { Arn: { "Fn::GetAtt": [queueId, "Arn"] } },
      { Arn: { "Fn::GetAtt": [queueId, "Arn"] } },
    ]);
  });

  it("encrypts its dead-letter queue and keeps messages for 14 days", () => {
    expect(queue?.Properties).toMatchObject({
      SqsManagedSseEnabled: true,
      MessageRetentionPeriod: 1_209_600,
    });
  });

  it("retains its dead-letter queue after the stack is deleted only if the stage retains data", () => {
    const policyOf = (settings: object) =>
      resourcesOf(synthesized(settings), "AWS::SQS::Queue")[queueId]?.DeletionPolicy;

    expect(policyOf(everySetting)).toBe("RetainExceptOnCreate");
    expect(policyOf({ ...everySetting, retainData: false })).toBe("Delete");
  });

  it("publishes the URL of its dead-letter queue as a stage parameter only if the queue exists", () => {
    const { Outputs: outputs } = template.toJSON() as {
      Outputs: Readonly<Record<string, { readonly Value: unknown }>>;
    };
    const parameters = Object.values(resourcesOf(template, "AWS::SSM::Parameter")).map(
      ({ Properties: { Name: name, Value: value } }) => [name, value],
    );

    expect(outputs["NotForwardedQueueUrl"]?.Value).toEqual({ Ref: queueId });
    expect(parameters).toContainEqual([
      "/agent-availability/blue/not-forwarded-queue-url",
      { Ref: queueId },
    ]);
  });

  it("accepts messages in its dead-letter queue only from its own rules, and only over TLS", () => {
    const policy = Object.values(resourcesOf(template, "AWS::SQS::QueuePolicy")).find(
      ({ Properties: { Queues: queues } }) => at(queues, 0, "Ref") === queueId,
    );
    const fromRule = (ruleId: string | undefined) => ({
      Effect: "Allow",
      Principal: { Service: "events.amazonaws.com" },
      Action: "sqs:SendMessage",
      Resource: { "Fn::GetAtt": [queueId, "Arn"] },
      Condition: { ArnEquals: { "aws:SourceArn": { "Fn::GetAtt": [ruleId, "Arn"] } } },
    });
    const allowed = at(policy, "Properties", "PolicyDocument", "Statement") as { Sid?: string }[];

    expect(allowed.map(({ Sid: _sid, ...statement }) => statement)).toEqual([
      {
        Effect: "Deny",
        Principal: { AWS: "*" },
        Action: "sqs:*",
        Resource: { "Fn::GetAtt": [queueId, "Arn"] },
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
      fromRule(rules[0]?.[0]),
      fromRule(rules[1]?.[0]),
    ]);
  });
});
