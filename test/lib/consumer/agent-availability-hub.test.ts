import { Stack } from "aws-cdk-lib";
import { SqsQueue } from "aws-cdk-lib/aws-events-targets";
import { CfnEventBus, EventBus } from "aws-cdk-lib/aws-events";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { describe, expect, it } from "@jest/globals";

import { AgentAvailabilityHub } from "../../../lib/consumer/agent-availability-hub.ts";
import { AgentAvailabilityRule } from "../../../lib/consumer/agent-availability-rule.ts";
import { anApp, at, resourcesOf, statementsOf, theOnly } from "../synthesized.ts";
import { aConsumerStack, aQueue, templateOf } from "./a-consumer.ts";

const OTHER_ACCOUNTS_BUS =
  "arn:aws:events:eu-central-1:123456789012:event-bus/agent-availability-prod";

describe("the hub of a stage", () => {
  it("reads only the stage parameters that it needs, each once", () => {
    const stack = aConsumerStack();

    const hub = AgentAvailabilityHub.fromStage(stack, "Hub", { stage: "prod" });
    const target = new SqsQueue(aQueue(stack));
    for (const id of ["One", "Two"]) {
      new AgentAvailabilityRule(stack, id, { hub, events: "Agent Removed", target });
    }

    const parameters = at(templateOf(stack).toJSON(), "Parameters") as Record<string, object>;
    expect(
      Object.values(parameters)
        .map((each) => String(at(each, "Default")))
        .filter((name) => name.startsWith("/agent")),
    ).toEqual(["/agent-availability/prod/bus-name"]);
  });

  it("grants lookups on the table, its indexes and the stage parameters", () => {
    const stack = aConsumerStack();
    const role = new Role(stack, "Service", {
      assumedBy: new ServicePrincipal("ecs.amazonaws.com"),
    });

    AgentAvailabilityHub.fromStage(stack, "Hub", { stage: "prod" }).grantLookups(role, {
      accountIds: ["11010177632"],
    });

    const [read, find] = statementsOf(theOnly(templateOf(stack), "AWS::IAM::Policy")) as object[];
    const tableArn = {
      Ref: "SsmParameterValueagentavailabilityprodtablearnC96584B6F00A464EAD1953AFF4B05118Parameter",
    };
    expect(read).toEqual({
      Effect: "Allow",
      Action: ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query"],
      Resource: [{ "Fn::Join": ["", [tableArn, "/index/*"]] }, tableArn],
      Condition: { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": ["11010177632"] } },
    });
    expect(find).toEqual({
      Effect: "Allow",
      Action: "ssm:GetParameter",
      Resource: "arn:aws:ssm:eu-central-1:111111111111:parameter/agent-availability/prod/*",
    });
  });

  it("is rejected if the stage's name is invalid", () => {
    expect(() =>
      AgentAvailabilityHub.fromStage(aConsumerStack(), "Hub", { stage: "Prod/EU" }),
    ).toThrow(
      'stage must start with a lowercase letter and contain at most 20 lowercase letters, digits and hyphens (got "Prod/EU")',
    );
  });
});

describe("the hub of another AWS account", () => {
  const stack = aConsumerStack();
  const hub = AgentAvailabilityHub.fromBusArn(stack, "Hub", { busArn: OTHER_ACCOUNTS_BUS });
  new AgentAvailabilityRule(stack, "Gone", {
    hub,
    events: "Agent Removed",
    target: new SqsQueue(aQueue(stack)),
  });
  const template = templateOf(stack);
  const [busId = ""] = Object.keys(resourcesOf(template, "AWS::Events::EventBus"));
  const rules = Object.values(resourcesOf(template, "AWS::Events::Rule")).map(
    ({ Properties: rule }) => rule,
  );

  it("forwards every event to a bus of this account, by a rule on the ARN of its bus", () => {
    expect(rules.find((rule) => rule["EventBusName"] === OTHER_ACCOUNTS_BUS)).toMatchObject({
      EventPattern: { source: ["freshworks.agent-availability"] },
      Targets: [{ Id: "Bus", Arn: { "Fn::GetAtt": [busId, "Arn"] } }],
    });
  });

  it("may put only events of its own source on the bus of this account", () => {
    expect(theOnly(template, "AWS::Events::EventBusPolicy").Properties["Statement"]).toEqual({
      Sid: "cdk-AllowHub",
      Effect: "Allow",
      Principal: {
        AWS: "arn:aws:iam::123456789012:root",
      },
      Action: "events:PutEvents",
      Resource: { "Fn::GetAtt": [busId, "Arn"] },
      Condition: { StringEquals: { "events:source": "freshworks.agent-availability" } },
    });
  });

  it("has rules on the bus of this account, where every target is possible", () => {
    expect(
      rules.find((rule) => rule["EventBusName"] !== OTHER_ACCOUNTS_BUS)?.["EventBusName"],
    ).toEqual({
      Ref: busId,
    });
  });

  it("is used directly if its bus is in this account", () => {
    const own = aConsumerStack();
    const busArn = OTHER_ACCOUNTS_BUS.replace("123456789012", "111111111111");

    const { eventBus } = AgentAvailabilityHub.fromBusArn(own, "Hub", { busArn });

    expect(eventBus.eventBusName).toBe("agent-availability-prod");
    expect(own.node.findAll().filter((each) => each instanceof CfnEventBus)).toEqual([]);
  });

  it("is treated as another account's if the stack's account is unknown", () => {
    const anywhere = new Stack(anApp(), "Anywhere");

    AgentAvailabilityHub.fromBusArn(anywhere, "Hub", { busArn: OTHER_ACCOUNTS_BUS });

    expect(Object.keys(resourcesOf(templateOf(anywhere), "AWS::Events::Rule"))).toHaveLength(1);
  });

  it.each([
    [
      "agent-availability-prod",
      'busArn must be an ARN such as arn:aws:events:REGION:ACCOUNT:event-bus/NAME (got "agent-availability-prod")',
    ],
    [
      OTHER_ACCOUNTS_BUS.replace("eu-central-1", "us-east-1"),
      "busArn must be in the stack's region eu-central-1 (got arn:aws:events:us-east-1:123456789012:event-bus/agent-availability-prod). Add a bus of this region to the stage's setting forwardTo, and use fromEventBus.",
    ],
  ])("must have a valid ARN in this region: %s", (busArn, message) => {
    expect(() => AgentAvailabilityHub.fromBusArn(aConsumerStack(), "Hub", { busArn })).toThrow(
      message,
    );
  });
});

it("uses a bus that events are forwarded to", () => {
  const stack = aConsumerStack();
  const bus = new EventBus(stack, "Forwarded");

  expect(AgentAvailabilityHub.fromEventBus(bus).eventBus).toBe(bus);
});
