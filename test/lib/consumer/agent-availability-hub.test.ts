import { Stack } from "aws-cdk-lib";
import { SqsQueue } from "aws-cdk-lib/aws-events-targets";
import { CfnEventBus, EventBus } from "aws-cdk-lib/aws-events";
import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { describe, expect, it } from "@jest/globals";

import { AgentAvailabilityHub } from "../../../lib/consumer/agent-availability-hub.ts";
import { AgentAvailabilityRule } from "../../../lib/consumer/agent-availability-rule.ts";
import { anApp, at, resourcesOf, statementsOf, theOnly } from "../synthesized.ts";
import { aConsumerStack, aQueue, templateOf } from "./a-consumer.ts";

const OTHERS = "arn:aws:events:eu-central-1:123456789012:event-bus/agent-availability-prod";

describe("the hub of a stage", () => {
  it("reads what it needs from the stage's parameters, once and no more", () => {
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

  it("grants lookups: the calls, on the table and its indexes, and the stage's parameters", () => {
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

  it("is refused with a sentence when its name is none", () => {
    expect(() =>
      AgentAvailabilityHub.fromStage(aConsumerStack(), "Hub", { stage: "Prod/EU" }),
    ).toThrow(
      'stage "Prod/EU" is no name: up to 20 lower-case letters, digits and hyphens are allowed, a letter first',
    );
  });
});

describe("the hub of another AWS account", () => {
  const stack = aConsumerStack();
  const hub = AgentAvailabilityHub.fromBusArn(stack, "Hub", { busArn: OTHERS });
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

  it("brings every event of its bus over to one here, by a rule on the bus's ARN", () => {
    expect(rules.find((rule) => rule["EventBusName"] === OTHERS)).toMatchObject({
      EventPattern: { source: ["freshworks.agent-availability"] },
      Targets: [{ Id: "Bus", Arn: { "Fn::GetAtt": [busId, "Arn"] } }],
    });
  });

  it("may put its own events on the bus here, and nobody else's", () => {
    expect(theOnly(template, "AWS::Events::EventBusPolicy").Properties["Statement"]).toEqual({
      Sid: "cdk-EventsOfTheHub",
      Effect: "Allow",
      Principal: {
        AWS: "arn:aws:iam::123456789012:root",
      },
      Action: "events:PutEvents",
      Resource: { "Fn::GetAtt": [busId, "Arn"] },
      Condition: { StringEquals: { "events:source": "freshworks.agent-availability" } },
    });
  });

  it("has its rules on the bus here, where every target is possible", () => {
    expect(rules.find((rule) => rule["EventBusName"] !== OTHERS)?.["EventBusName"]).toEqual({
      Ref: busId,
    });
  });

  it("is the bus itself when it is of this account after all", () => {
    const own = aConsumerStack();
    const busArn = OTHERS.replace("123456789012", "111111111111");

    const { eventBus } = AgentAvailabilityHub.fromBusArn(own, "Hub", { busArn });

    expect(eventBus.eventBusName).toBe("agent-availability-prod");
    expect(own.node.findAll().filter((each) => each instanceof CfnEventBus)).toEqual([]);
  });

  it("is taken for another account's where the stack's is not known", () => {
    const anywhere = new Stack(anApp(), "Anywhere");

    AgentAvailabilityHub.fromBusArn(anywhere, "Hub", { busArn: OTHERS });

    expect(Object.keys(resourcesOf(templateOf(anywhere), "AWS::Events::Rule"))).toHaveLength(1);
  });

  it.each([
    [
      "agent-availability-prod",
      "busArn: agent-availability-prod is no ARN of an event bus; arn:aws:events:REGION:ACCOUNT:event-bus/NAME is allowed",
    ],
    [
      OTHERS.replace("eu-central-1", "us-east-1"),
      "of another region than the stack's, eu-central-1; let the stage's forwardTo send events to a bus here, and use fromEventBus with it",
    ],
  ])("is refused with a sentence: %s", (busArn, sentence) => {
    expect(() => AgentAvailabilityHub.fromBusArn(aConsumerStack(), "Hub", { busArn })).toThrow(
      sentence,
    );
  });
});

it("takes a bus that events are forwarded to as it is", () => {
  const stack = aConsumerStack();
  const bus = new EventBus(stack, "Forwarded");

  expect(AgentAvailabilityHub.fromEventBus(bus).eventBus).toBe(bus);
});
