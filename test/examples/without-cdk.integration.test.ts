import { join } from "node:path";

import { Stack } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import { SqsQueue } from "aws-cdk-lib/aws-events-targets";
import { Queue } from "aws-cdk-lib/aws-sqs";
import { CfnInclude } from "aws-cdk-lib/cloudformation-include";
import type { Construct } from "constructs";
import { describe, expect, it } from "@jest/globals";

import { AgentAvailabilityHub } from "../../lib/consumer/agent-availability-hub.ts";
import { AgentAvailabilityRule } from "../../lib/consumer/agent-availability-rule.ts";
import { root } from "../../tools/run/paths.ts";
import { anApp, at, resourcesOf, theOnly } from "../lib/synthesized.ts";

/** The template of a stack with a construct. */
function templateWith(create: (stack: Stack) => Construct): Template {
  const stack = new Stack(anApp(), "Stack");
  create(stack);
  return Template.fromStack(stack);
}

const templateFile = join(root, "examples", "without-cdk", "template.yaml");
const file = templateWith((stack) => new CfnInclude(stack, "Template", { templateFile }));

const construct = templateWith(
  (stack) =>
    new AgentAvailabilityRule(stack, "Rule", {
      hub: AgentAvailabilityHub.fromStage(stack, "Hub", { stage: "prod" }),
      events: "Agent Channel Availability Changed",
      channels: ["freshcaller"],
      available: false,
      target: new SqsQueue(new Queue(stack, "Events")),
    }),
);

/** The properties of the only resource of a type, without those whose values contain logical IDs. */
function comparable(template: Template, type: string, references: readonly string[]) {
  const { Properties: properties } = theOnly(template, type);
  return Object.fromEntries(
    Object.entries(properties).filter(([name]) => !references.includes(name)),
  );
}

describe("the CloudFormation template without CDK", () => {
  it("has the same rule as the construct", () => {
    const type = "AWS::Events::Rule";
    const references = ["EventBusName", "Targets"];

    expect(comparable(file, type, references)).toEqual(comparable(construct, type, references));
    expect(at(theOnly(file, type), "Properties", "Targets")).toEqual([
      {
        Id: "Events",
        Arn: { "Fn::GetAtt": "Events.Arn" },
        DeadLetterConfig: { Arn: { "Fn::GetAtt": "DeadLetterQueue.Arn" } },
        RetryPolicy: at(theOnly(construct, type), "Properties", "Targets", 0, "RetryPolicy"),
      },
    ]);
  });

  it("has the same alarm as the construct", () => {
    const type = "AWS::CloudWatch::Alarm";
    const references = ["AlarmDescription", "Dimensions", "AlarmActions"];

    expect(comparable(file, type, references)).toEqual(comparable(construct, type, references));
    expect(at(theOnly(file, type), "Properties", "Dimensions")).toEqual([
      { Name: "QueueName", Value: { "Fn::GetAtt": "DeadLetterQueue.QueueName" } },
    ]);
  });

  it("has the same dead-letter queue as the construct", () => {
    const queues = Object.entries(resourcesOf(construct, "AWS::SQS::Queue"));
    const [, queue] = queues.find(([id]) => id.includes("DeadLetterQueue")) ?? [];

    expect(resourcesOf(file, "AWS::SQS::Queue")["DeadLetterQueue"]?.Properties).toEqual(
      queue?.Properties,
    );
  });

  it("lets only the rule send to both queues, and only over TLS", () => {
    const policy = theOnly(file, "AWS::SQS::QueuePolicy").Properties;

    expect(policy["Queues"]).toEqual([{ Ref: "Events" }, { Ref: "DeadLetterQueue" }]);
    expect(at(policy, "PolicyDocument", "Statement")).toEqual([
      {
        Effect: "Deny",
        Principal: { AWS: "*" },
        Action: "sqs:*",
        Resource: "*",
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
      {
        Effect: "Allow",
        Principal: { Service: "events.amazonaws.com" },
        Action: "sqs:SendMessage",
        Resource: "*",
        Condition: { ArnEquals: { "aws:SourceArn": { "Fn::GetAtt": "Rule.Arn" } } },
      },
    ]);
  });
});
