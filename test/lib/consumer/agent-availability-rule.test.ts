import { Duration } from "aws-cdk-lib";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { SnsTopic, SqsQueue } from "aws-cdk-lib/aws-events-targets";
import { Code, Function as LambdaFunction, Runtime } from "aws-cdk-lib/aws-lambda";
import { SqsDestination } from "aws-cdk-lib/aws-lambda-destinations";
import { Topic } from "aws-cdk-lib/aws-sns";
import { Alias, Key } from "aws-cdk-lib/aws-kms";
import { Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
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

  it("is on the bus of the stage, whose name is read at deployment", () => {
    const parameter = String(at(rule, "EventBusName", "Ref"));

    expect(at(template.toJSON(), "Parameters", parameter)).toEqual({
      Type: "AWS::SSM::Parameter::Value<String>",
      Default: "/agent-availability/prod/bus-name",
    });
  });

  it("matches the events that its filters select", () => {
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

  it("retries for 24 hours, then dead-letters the event", () => {
    expect(rule["Targets"]).toEqual([
      {
        Id: "Target0",
        Arn: { "Fn::GetAtt": [idOf(stack, "OnCall", "AWS::Lambda::Function"), "Arn"] },
        DeadLetterConfig: { Arn: queueArn },
        RetryPolicy: { MaximumRetryAttempts: 185, MaximumEventAgeInSeconds: 86_400 },
      },
    ]);
  });

  it("is the only rule that may invoke the function", () => {
    expect(theOnly(template, "AWS::Lambda::Permission").Properties).toMatchObject({
      Action: "lambda:InvokeFunction",
      Principal: "events.amazonaws.com",
      SourceArn: ruleArn,
    });
  });

  it("is the only rule that may send to the dead-letter queue, which requires TLS", () => {
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

  it("sends events that the function failed on to the dead-letter queue", () => {
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

  it("encrypts the dead-letter queue and retains messages for 14 days", () => {
    expect(queuesOf(stack)[queue]?.Properties).toMatchObject({
      SqsManagedSseEnabled: true,
      MessageRetentionPeriod: 1_209_600,
    });
  });

  it("has an alarm that fires while the dead-letter queue contains messages", () => {
    expect(theOnly(template, "AWS::CloudWatch::Alarm").Properties).toMatchObject({
      Namespace: "AWS/SQS",
      MetricName: "ApproximateNumberOfMessagesVisible",
      Dimensions: [{ Name: "QueueName", Value: { "Fn::GetAtt": [queue, "QueueName"] } }],
      Statistic: "Maximum",
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: "GreaterThanOrEqualToThreshold",
      TreatMissingData: "notBreaching",
    });
  });

  it("causes no warning", () => {
    expect(warningsOf(stack)).toEqual([]);
  });
});

describe("the failure destination of a function", () => {
  it.each([
    [
      "a destination",
      (stack: Stack) => ({ onFailure: new SqsDestination(new Queue(stack, "Own")) }),
    ],
    ["a dead-letter queue", (stack: Stack) => ({ deadLetterQueue: new Queue(stack, "Own") })],
    ["a dead-letter topic", (stack: Stack) => ({ deadLetterTopic: new Topic(stack, "Own") })],
  ])("is kept if the function has %s", (_what, own) => {
    const stack = aConsumerStack();
    const before = aConsumerStack();
    const settings = (each: Stack) =>
      resourcesOf(templateOf(each), "AWS::Lambda::EventInvokeConfig");

    aRule(stack, aFunction(stack, own(stack)));
    aFunction(before, own(before));

    expect(settings(stack)).toEqual(settings(before));
  });

  it("is the dead-letter queue of the first of two rules", () => {
    const stack = aConsumerStack();
    const target = aFunction(stack);
    const hub = AgentAvailabilityHub.fromStage(stack, "Hub", { stage: "prod" });

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

  it("is missing, with a warning, if the function is imported without its role", () => {
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
      expect.stringContaining("Add an on-failure destination where the function is created."),
    ]);
  });
});

describe("retries of a function", () => {
  it.each([
    [{ retryAttempts: 0 }, { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 21_600 }],
    [{ retryAttempts: 1 }, { MaximumRetryAttempts: 1, MaximumEventAgeInSeconds: 21_600 }],
    [
      { retryAttempts: 3, maxEventAge: Duration.minutes(5) },
      { MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 300 },
    ],
  ])("are limited by the rule's and by Lambda's maximum: %j", (delivery, limits) => {
    const stack = aConsumerStack();

    aRule(stack, aFunction(stack), delivery);

    expect(theOnly(templateOf(stack), "AWS::Lambda::EventInvokeConfig").Properties).toMatchObject(
      limits,
    );
  });
});

describe("a rule with any other target", () => {
  it("has the same retries and dead-letter queue", () => {
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

  it("keeps the settings of the target itself", () => {
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

  it("uses an existing queue as its dead-letter queue, with permission and alarm", () => {
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

  it("causes a warning if the dead-letter queue is imported, because its policy cannot be changed", () => {
    const stack = aConsumerStack();

    aRule(stack, new SnsTopic(new Topic(stack, "Topic")), {
      deadLetterQueue: Queue.fromQueueArn(
        stack,
        "Imported",
        "arn:aws:sqs:eu-central-1:111111111111:other",
      ),
    });

    expect(warningsOf(stack)).toEqual([
      expect.stringContaining(
        "Allow events.amazonaws.com to send messages to the queue for this rule",
      ),
    ]);
  });

  it("adds the alarm actions, and can be disabled", () => {
    const stack = aConsumerStack();
    const topic = new Topic(stack, "Topic");

    aRule(stack, new SnsTopic(topic), { alarmActions: [new SnsAction(topic)], enabled: false });

    expect(
      at(theOnly(templateOf(stack), "AWS::CloudWatch::Alarm"), "Properties", "AlarmActions"),
    ).toEqual([{ Ref: idOf(stack, "Topic", "AWS::SNS::Topic") }]);
    expect(ruleOf(stack)["State"]).toBe("DISABLED");
  });
});

describe("a dead-letter queue with a customer managed key", () => {
  const conditions = { StringEquals: { "aws:SourceAccount": "111111111111" } };
  const statement = {
    Effect: "Allow",
    Principal: { Service: "events.amazonaws.com" },
    Action: ["kms:Decrypt", "kms:GenerateDataKey"],
    Resource: "*",
    Condition: conditions,
  };

  it("lets EventBridge use the key for rules of this account", () => {
    const stack = aConsumerStack();
    const deadLetterQueue = new Queue(stack, "Encrypted", { encryption: QueueEncryption.KMS });

    aRule(stack, new SnsTopic(new Topic(stack, "Topic")), { deadLetterQueue });

    const key = theOnly(templateOf(stack), "AWS::KMS::Key").Properties;
    expect(at(key, "KeyPolicy", "Statement")).toContainEqual(statement);
    expect(warningsOf(stack)).toEqual([]);
  });

  it("lets the function use the key, to send events that it failed on", () => {
    const stack = aConsumerStack();
    const deadLetterQueue = new Queue(stack, "Encrypted", { encryption: QueueEncryption.KMS });

    aRule(stack, aFunction(stack), { deadLetterQueue });

    const role = roleIdOf(theOnly(templateOf(stack), "AWS::Lambda::Function").Properties["Role"]);
    const actions = policiesOf(templateOf(stack), role)
      .flatMap(statementsOf)
      .flatMap((each) => at(each, "Action"));
    expect(actions).toEqual(expect.arrayContaining(["kms:Decrypt", "kms:GenerateDataKey*"]));
  });

  it("causes a warning if the key is imported, because its policy cannot be changed", () => {
    const stack = aConsumerStack();
    const encryptionMasterKey = Key.fromKeyArn(
      stack,
      "Key",
      "arn:aws:kms:eu-central-1:111111111111:key/4a5b",
    );
    const deadLetterQueue = new Queue(stack, "Encrypted", { encryptionMasterKey });

    aRule(stack, new SnsTopic(new Topic(stack, "Topic")), { deadLetterQueue });

    expect(warningsOf(stack)).toEqual([
      expect.stringContaining("Allow events.amazonaws.com to call kms:Decrypt"),
    ]);
  });
});

describe("a dead-letter queue that cannot receive events", () => {
  it.each([
    [
      "a FIFO queue",
      (stack: Stack) => new Queue(stack, "Dead", { fifo: true }),
      "deadLetterQueue must be a standard queue (got the FIFO queue Consumer/Dead)",
    ],
    [
      "an imported FIFO queue",
      (stack: Stack) =>
        Queue.fromQueueArn(stack, "Dead", "arn:aws:sqs:eu-central-1:111111111111:dead.fifo"),
      "deadLetterQueue must be a standard queue",
    ],
    [
      "the AWS managed key",
      (stack: Stack) => new Queue(stack, "Dead", { encryption: QueueEncryption.KMS_MANAGED }),
      "deadLetterQueue must be encrypted with QueueEncryption.SQS_MANAGED or a customer managed key (got the AWS managed key alias/aws/sqs for Consumer/Dead)",
    ],
    [
      "the AWS managed key by its alias",
      (stack: Stack) =>
        new Queue(stack, "Dead", {
          encryptionMasterKey: Alias.fromAliasName(stack, "Key", "alias/aws/sqs"),
        }),
      "deadLetterQueue must be encrypted with",
    ],
    [
      "another region",
      (stack: Stack) =>
        Queue.fromQueueArn(stack, "Dead", "arn:aws:sqs:us-east-1:111111111111:dead"),
      "deadLetterQueue must be in the rule's region eu-central-1 (got us-east-1)",
    ],
  ])("is rejected: %s", (_what, queue, message) => {
    const stack = aConsumerStack();
    const target = new SnsTopic(new Topic(stack, "Topic"));

    expect(() => aRule(stack, target, { deadLetterQueue: queue(stack) })).toThrow(message);
  });
});

it("rejects a misspelled property, which would have no effect", () => {
  const stack = aConsumerStack();
  const misspelled = { deadletterQueue: new Queue(stack, "Dead") };

  expect(() => aRule(stack, new SnsTopic(new Topic(stack, "Topic")), misspelled as object)).toThrow(
    "deadletterQueue is not a filter; filters of Agent Channel Availability Changed: accounts, agents, channels, available, wasAvailable",
  );
});

describe("invalid properties", () => {
  it("are rejected", () => {
    const stack = aConsumerStack();
    const target = new SnsTopic(new Topic(stack, "Topic"));

    expect(() => aRule(stack, target, { retryAttempts: 186 })).toThrow(
      "retryAttempts must be a whole number from 0 to 185 (got 186)",
    );
    expect(() => aRule(aConsumerStack(), target, { maxEventAge: Duration.seconds(59) })).toThrow(
      "maxEventAge must be from 1 minute to 24 hours (got 59 s)",
    );
  });

  it("cause a warning if the pattern exceeds the default quota", () => {
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
