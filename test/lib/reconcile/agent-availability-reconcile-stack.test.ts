import { describe, expect, it } from "@jest/globals";
import { Template } from "aws-cdk-lib/assertions";

import { createStacks } from "../../../lib/stacks.ts";
import { readStage } from "../../../lib/stage.ts";
import { anApp, at, permissionsOf, resourcesOf, theOnly } from "../synthesized.ts";
import { aReconcileStack, env } from "./reconcile-stack.ts";

const template = Template.fromStack(aReconcileStack());
const [functionId = ""] = Object.keys(resourcesOf(template, "AWS::Lambda::Function"));

describe("the reconcile stack", () => {
  it("sweeps every 10 minutes by default, or as often as the stage sets", () => {
    const scheduleOf = (each: Template) =>
      Object.values(resourcesOf(each, "AWS::Events::Rule"))
        .map(({ Properties: { ScheduleExpression: schedule } }) => schedule)
        .filter((schedule) => schedule !== undefined);

    expect(scheduleOf(template)).toEqual(["rate(10 minutes)"]);
    const hourly = Template.fromStack(aReconcileStack({ reconcile: { everyMinutes: 60 } }));
    expect(scheduleOf(hourly)).toEqual(["rate(1 hour)"]);
  });

  it("is deployed unless the stage turns it off", () => {
    const names = (settings: object) =>
      createStacks(anApp(), { stage: readStage("blue", { blue: settings }), env }).map(
        ({ stackName }) => stackName,
      );

    expect(names({})).toContain("AgentAvailabilityReconcile-blue");
    expect(names({ reconcile: null })).not.toContain("AgentAvailabilityReconcile-blue");
  });

  it("compares an agent after an event of the relay that reveals a gap, and passes only IDs", () => {
    template.hasResourceProperties("AWS::Events::Rule", {
      EventPattern: {
        source: ["freshworks.agent-availability"],
        "detail-type": ["Agent Availability Changed"],
        detail: {
          metadata: { origin: ["relay"], gap: [true] },
          agent: { userId: [{ exists: true }] },
        },
      },
      Targets: [
        {
          InputTransformer: {
            InputPathsMap: {
              "detail-accountId": "$.detail.accountId",
              "detail-agent-availabilityId": "$.detail.agent.availabilityId",
              "detail-agent-userId": "$.detail.agent.userId",
            },
            InputTemplate:
              '{"kind":"agent","accountId":<detail-accountId>,"availabilityId":<detail-agent-availabilityId>,"userId":<detail-agent-userId>}',
          },
        },
      ],
    });
  });

  it("processes one message per invocation, and at most 10 accounts at the same time", () => {
    template.hasResourceProperties("AWS::Lambda::EventSourceMapping", {
      BatchSize: 1,
      ScalingConfig: { MaximumConcurrency: 10 },
    });
  });

  it("delays messages until events in flight have arrived, and dead-letters what fails three times", () => {
    template.hasResourceProperties("AWS::SQS::Queue", {
      DelaySeconds: 90,
      VisibilityTimeout: 960,
      RedrivePolicy: { maxReceiveCount: 3 },
    });
  });

  it("lets the function read the API keys, read and update items, and nothing else of the data path", () => {
    const { managed, inline, statements } = permissionsOf(template, functionId);
    const actions = statements.flatMap((statement) => at(statement, "Action") as string | string[]);

    expect({ managed, inline }).toEqual({ managed: [], inline: [] });
    expect(new Set(actions)).toEqual(
      new Set([
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "dynamodb:DeleteItem",
        "dynamodb:GetItem",
        "dynamodb:Query",
        "dynamodb:UpdateItem",
        "secretsmanager:GetSecretValue",
        "sqs:SendMessage",
        "sqs:ReceiveMessage",
        "sqs:ChangeMessageVisibility",
        "sqs:GetQueueUrl",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
      ]),
    );
    const secrets = statements.filter((statement) =>
      [at(statement, "Action")].flat().includes("secretsmanager:GetSecretValue"),
    );
    expect(secrets.map((statement) => at(statement, "Resource"))).toEqual([{ Ref: "ApiKeys" }]);
  });

  it("deletes expired parts of the sweep state", () => {
    template.hasResourceProperties("AWS::DynamoDB::GlobalTable", {
      KeySchema: [
        { AttributeName: "accountId", KeyType: "HASH" },
        { AttributeName: "part", KeyType: "RANGE" },
      ],
      TimeToLiveSpecification: { AttributeName: "expiresAt", Enabled: true },
    });
  });

  it("keeps API keys and dead-lettered messages if the stage retains data", () => {
    expect(theOnly(template, "AWS::SecretsManager::Secret").DeletionPolicy).toBe(
      "RetainExceptOnCreate",
    );
    const other = Template.fromStack(aReconcileStack({ retainData: false }));
    expect(theOnly(other, "AWS::SecretsManager::Secret").DeletionPolicy).toBe("Delete");
  });
});

describe("the address of a fake Freshdesk API", () => {
  const variablesOf = (each: Template) =>
    at(theOnly(each, "AWS::Lambda::Function").Properties, "Environment", "Variables");

  it("is not set without the local cloud's context", () => {
    expect(variablesOf(template)).not.toHaveProperty("LOCAL_FRESHDESK_ORIGIN");
  });

  it("is passed to the function on the local cloud", () => {
    const origin = "http://127.0.0.1:8080";

    expect(variablesOf(Template.fromStack(aReconcileStack({}, origin)))).toMatchObject({
      LOCAL_FRESHDESK_ORIGIN: origin,
    });
  });

  it.each([
    "https://evil.example",
    "http://169.254.169.254:80",
    "http://127.0.0.1:1@evil.example",
    8080,
  ])("must be a loopback address (got %j)", (origin) => {
    expect(() => aReconcileStack({}, origin)).toThrow(
      /^localFreshdeskOrigin must be a loopback URL such as/,
    );
  });
});
