import { Duration } from "aws-cdk-lib";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { SnsTopic, SqsQueue } from "aws-cdk-lib/aws-events-targets";
import { Code, Function as LambdaFunction, Runtime } from "aws-cdk-lib/aws-lambda";
import { SqsDestination } from "aws-cdk-lib/aws-lambda-destinations";
import { Topic } from "aws-cdk-lib/aws-sns";
import { Queue } from "aws-cdk-lib/aws-sqs";
import type { Stack } from "aws-cdk-lib";
import { describe, expect, it } from "@jest/globals";

import { AgentAvailabilityHub } from "../../../lib/consumer/agent-availability-hub.ts";
import {
  type AgentAvailabilityDelivery,
  AgentAvailabilityRule,
} from "../../../lib/consumer/agent-availability-rule.ts";
import { at, policiesOf, resourcesOf, roleIdOf, statementsOf, theOnly } from "../synthesized.ts";
import { aConsumerStack, templateOf, warningsOf } from "./a-consumer.ts";

function aFunction(stack: Stack, props: object = {}): LambdaFunction {
  return new LambdaFunction(stack, "OnCall", {
    runtime: Runtime.NODEJS_24_X,
    handler: "index.handler",
    code: Code.fromInline("exports.handler = async () => {}"),
    ...props,
  });
}

function aRule(
  stack: Stack,
  target: AgentAvailabilityDelivery["target"],
  delivery: Partial<AgentAvailabilityDelivery> = {},
): AgentAvailabilityRule {
  return new AgentAvailabilityRule(stack, "PhoneClosed", {
    hub: AgentAvailabilityHub.fromStage(stack, "Hub", { stage: "prod" }),
    events: "Agent Channel Availability Changed",
    channels: ["freshcaller"],
    available: false,
    target,
    ...delivery,
  });
}

const queuesOf = (stack: Stack) => resourcesOf(templateOf(stack), "AWS::SQS::Queue");
const ruleOf = (stack: Stack) => theOnly(templateOf(stack), "AWS::Events::Rule").Properties;
const idOf = (stack: Stack, start: string, type: string) =>
  Object.keys(resourcesOf(templateOf(stack), type)).find((id) => id.startsWith(start)) ?? "";

describe("a rule whose target is a function", () => {
  const stack = aConsumerStack();
  aRule(stack, aFunction(stack));
  const template = templateOf(stack);
  const rule = ruleOf(stack);
  const queue = idOf(stack, "PhoneClosedDeadLetterQueue", "AWS::SQS::Queue");
  const ruleArn = { "Fn::GetAtt": [idOf(stack, "PhoneClosed", "AWS::Events::Rule"), "Arn"] };
  const queueArn = { "Fn::GetAtt": [queue, "Arn"] };

  it("is on the bus of the stage, which is found when the stack is deployed", () => {
    const parameter = String(at(rule, "EventBusName", "Ref"));

    expect(at(template.toJSON(), "Parameters", parameter)).toEqual({
      Type: "AWS::SSM::Parameter::Value<String>",
      Default: "/agent-availability/prod/bus-name",
    });
  });

  it("has the pattern of its filters", () => {
    expect(rule["EventPattern"]).toEqual({
      source: ["freshworks.agent-availability"],
      "detail-type": ["Agent Channel Availability Changed"],
      detail: {
        metadata: { schemaVersion: [1] },
        channel: ["freshcaller"],
        available: [false],
      },
    });
    expect(rule["State"]).toBe("ENABLED");
  });

  it("tries for 24 hours, then puts the event into the dead-letter queue", () => {
    expect(rule["Targets"]).toEqual([
      {
        Id: "Target0",
        Arn: { "Fn::GetAtt": [idOf(stack, "OnCall", "AWS::Lambda::Function"), "Arn"] },
        DeadLetterConfig: { Arn: queueArn },
        RetryPolicy: { MaximumRetryAttempts: 185, MaximumEventAgeInSeconds: 86_400 },
      },
    ]);
  });

  it("may call the function, this rule only", () => {
    expect(theOnly(template, "AWS::Lambda::Permission").Properties).toMatchObject({
      Action: "lambda:InvokeFunction",
      Principal: "events.amazonaws.com",
      SourceArn: ruleArn,
    });
  });

  it("may write to the dead-letter queue, this rule only, and everybody talks to it by TLS", () => {
    const policy = theOnly(template, "AWS::SQS::QueuePolicy");

    expect(at(policy, "Properties", "PolicyDocument", "Statement")).toEqual([
      {
        Effect: "Deny",
        Principal: { AWS: "*" },
        Action: "sqs:*",
        Resource: queueArn,
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
      {
        Effect: "Allow",
        Principal: { Service: "events.amazonaws.com" },
        Action: "sqs:SendMessage",
        Resource: queueArn,
        Condition: { ArnEquals: { "aws:SourceArn": ruleArn } },
      },
    ]);
  });

  it("keeps what the function fails on in the same queue, which EventBridge would not", () => {
    expect(theOnly(template, "AWS::Lambda::EventInvokeConfig").Properties).toMatchObject({
      DestinationConfig: { OnFailure: { Destination: queueArn } },
      MaximumRetryAttempts: 2,
      MaximumEventAgeInSeconds: 21_600,
    });
    const role = roleIdOf(theOnly(template, "AWS::Lambda::Function").Properties["Role"]);
    expect(policiesOf(template, role).flatMap(statementsOf)).toEqual([
      {
        Effect: "Allow",
        Action: ["sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:SendMessage"],
        Resource: queueArn,
      },
    ]);
  });

  it("keeps the dead-letter queue encrypted, 14 days", () => {
    expect(queuesOf(stack)[queue]?.Properties).toMatchObject({
      SqsManagedSseEnabled: true,
      MessageRetentionPeriod: 1_209_600,
    });
  });

  it("has an alarm that rings while anything lies in the dead-letter queue", () => {
    expect(theOnly(template, "AWS::CloudWatch::Alarm").Properties).toMatchObject({
      Namespace: "AWS/SQS",
      MetricName: "ApproximateNumberOfMessagesVisible",
      Dimensions: [{ Name: "QueueName", Value: { "Fn::GetAtt": [queue, "QueueName"] } }],
      Statistic: "Maximum",
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: "GreaterThanOrEqualToThreshold",
      TreatMissingData: "ignore",
    });
  });

  it("needs no warning", () => {
    expect(warningsOf(stack)).toEqual([]);
  });
});

describe("a function that has its own say about failures", () => {
  it.each([
    [
      "a destination",
      (stack: Stack) => ({ onFailure: new SqsDestination(new Queue(stack, "Own")) }),
    ],
    ["a dead-letter queue", (stack: Stack) => ({ deadLetterQueue: new Queue(stack, "Own") })],
    ["a dead-letter topic", (stack: Stack) => ({ deadLetterTopic: new Topic(stack, "Own") })],
  ])("keeps it: %s", (_what, own) => {
    const stack = aConsumerStack();
    const before = aConsumerStack();
    const settings = (each: Stack) =>
      resourcesOf(templateOf(each), "AWS::Lambda::EventInvokeConfig");

    aRule(stack, aFunction(stack, own(stack)));
    aFunction(before, own(before));

    expect(settings(stack)).toEqual(settings(before));
  });

  it("is not asked twice when two rules call it", () => {
    const stack = aConsumerStack();
    const target = aFunction(stack);
    const { hub } = { hub: AgentAvailabilityHub.fromStage(stack, "Hub", { stage: "prod" }) };

    new AgentAvailabilityRule(stack, "Closed", { hub, events: "Agent Status Changed", target });
    new AgentAvailabilityRule(stack, "Gone", { hub, events: "Agent Removed", target });

    const configs = Object.values(resourcesOf(templateOf(stack), "AWS::Lambda::EventInvokeConfig"));
    expect(configs.map((each) => at(each, "Properties", "DestinationConfig", "OnFailure"))).toEqual(
      [
        {
          Destination: {
            "Fn::GetAtt": [idOf(stack, "ClosedDeadLetterQueue", "AWS::SQS::Queue"), "Arn"],
          },
        },
      ],
    );
  });

  it("cannot be helped when it is imported without its role, and CDK says so", () => {
    const stack = aConsumerStack();

    aRule(
      stack,
      LambdaFunction.fromFunctionArn(
        stack,
        "Imported",
        "arn:aws:lambda:eu-central-1:111111111111:function:other",
      ),
    );

    expect(resourcesOf(templateOf(stack), "AWS::Lambda::EventInvokeConfig")).toEqual({});
    expect(warningsOf(stack)).toEqual([
      expect.stringContaining("give it an on-failure destination where it is made"),
    ]);
  });
});

describe("a rule with any other target", () => {
  it("gives it the same retries and the same queue", () => {
    const stack = aConsumerStack();

    aRule(stack, new SnsTopic(new Topic(stack, "Topic")), {
      retryAttempts: 3,
      maxEventAge: Duration.minutes(5),
    });

    expect(ruleOf(stack)["Targets"]).toEqual([
      {
        Id: "Target0",
        Arn: { Ref: idOf(stack, "Topic", "AWS::SNS::Topic") },
        DeadLetterConfig: {
          Arn: {
            "Fn::GetAtt": [idOf(stack, "PhoneClosedDeadLetterQueue", "AWS::SQS::Queue"), "Arn"],
          },
        },
        RetryPolicy: { MaximumRetryAttempts: 3, MaximumEventAgeInSeconds: 300 },
      },
    ]);
  });

  it("leaves what the target says of itself", () => {
    const stack = aConsumerStack();
    const own = new Queue(stack, "Own");

    aRule(
      stack,
      new SqsQueue(new Queue(stack, "Events"), { deadLetterQueue: own, retryAttempts: 1 }),
    );

    expect(at(ruleOf(stack), "Targets", 0, "DeadLetterConfig")).toEqual({
      Arn: { "Fn::GetAtt": [idOf(stack, "Own", "AWS::SQS::Queue"), "Arn"] },
    });
    expect(at(ruleOf(stack), "Targets", 0, "RetryPolicy")).toEqual({ MaximumRetryAttempts: 1 });
  });

  it("takes a queue that is there already, lets the rule write to it, and watches it", () => {
    const stack = aConsumerStack();
    const shared = new Queue(stack, "Shared");

    const { deadLetterQueue } = aRule(stack, new SnsTopic(new Topic(stack, "Topic")), {
      deadLetterQueue: shared,
    });

    expect(deadLetterQueue).toBe(shared);
    expect(Object.keys(queuesOf(stack))).toEqual([idOf(stack, "Shared", "AWS::SQS::Queue")]);
    expect(theOnly(templateOf(stack), "AWS::SQS::QueuePolicy").Properties["Queues"]).toEqual([
      { Ref: idOf(stack, "Shared", "AWS::SQS::Queue") },
    ]);
    expect(
      at(theOnly(templateOf(stack), "AWS::CloudWatch::Alarm"), "Properties", "Dimensions"),
    ).toEqual([
      {
        Name: "QueueName",
        Value: { "Fn::GetAtt": [idOf(stack, "Shared", "AWS::SQS::Queue"), "QueueName"] },
      },
    ]);
  });

  it("warns when the queue is imported, whose policy only its owner can change", () => {
    const stack = aConsumerStack();

    aRule(stack, new SnsTopic(new Topic(stack, "Topic")), {
      deadLetterQueue: Queue.fromQueueArn(
        stack,
        "Imported",
        "arn:aws:sqs:eu-central-1:111111111111:other",
      ),
    });

    expect(warningsOf(stack)).toEqual([
      expect.stringContaining("let events.amazonaws.com send messages to it for this rule"),
    ]);
  });

  it("tells whom it is asked to tell when the alarm rings", () => {
    const stack = aConsumerStack();
    const topic = new Topic(stack, "Topic");

    aRule(stack, new SnsTopic(topic), { alarmActions: [new SnsAction(topic)], enabled: false });

    expect(
      at(theOnly(templateOf(stack), "AWS::CloudWatch::Alarm"), "Properties", "AlarmActions"),
    ).toEqual([{ Ref: idOf(stack, "Topic", "AWS::SNS::Topic") }]);
    expect(ruleOf(stack)["State"]).toBe("DISABLED");
  });
});

describe("settings that EventBridge does not take", () => {
  it("are refused with a sentence", () => {
    const stack = aConsumerStack();
    const target = new SnsTopic(new Topic(stack, "Topic"));

    expect(() => aRule(stack, target, { retryAttempts: 186 })).toThrow(
      "retryAttempts: 186 is not what EventBridge takes; a whole number from 0 to 185 is allowed",
    );
    expect(() => aRule(aConsumerStack(), target, { maxEventAge: Duration.seconds(59) })).toThrow(
      "maxEventAge: 59 seconds is not what EventBridge takes; from one minute to 24 hours is allowed",
    );
  });

  it("are warned of where only the account's quota stands against them", () => {
    const stack = aConsumerStack();

    new AgentAvailabilityRule(stack, "Many", {
      hub: AgentAvailabilityHub.fromStage(stack, "Hub", { stage: "prod" }),
      events: "Agent Removed",
      accounts: Array.from({ length: 150 }, (_, index) => String(11_010_177_632 + index)),
      target: new SnsTopic(new Topic(stack, "Topic")),
    });

    expect(warningsOf(stack)).toEqual([expect.stringContaining("longer than 2,048 characters")]);
  });
});
