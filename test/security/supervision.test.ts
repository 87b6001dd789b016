import {
  BatchGetItemCommand,
  DynamoDBClient,
  GetItemCommand,
  QueryCommand,
} from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { CreateScheduleCommand, SchedulerClient } from "@aws-sdk/client-scheduler";
import { marshall } from "@aws-sdk/util-dynamodb";
import { beforeAll, describe, expect, it, jest } from "@jest/globals";
import type { SQSEvent } from "aws-lambda";
import { mockClient } from "aws-sdk-client-mock";

import { anEvent } from "../../client/events/agent-availability-events.ts";
import { statusLimits, supervisionTemplate } from "../lib/supervision/supervision-stack.ts";
import { at, policiesOf, resource, resourcesOf, roleIdOf, theOnly } from "../lib/synthesized.ts";
import { BUS, allResources, logGroup, TABLE } from "./all-resources.ts";
import { ACCOUNT, REGION, resolverOf } from "./resolve.ts";
import { allThatIsAllowed, type Caller, isAllowed, type Policy } from "./simulate.ts";

const template = supervisionTemplate({ statusLimits });
const resolve = resolverOf(template, {
  "/agent-availability/blue/table-arn": TABLE,
  "/agent-availability/blue/table-name": TABLE.split("/").at(-1) ?? "",
});
const { Properties: properties } = theOnly(template, "AWS::Lambda::Function");

function callerOf(roleId: string): Caller {
  return {
    principal: `arn:aws:iam::${ACCOUNT}:role/${roleId}`,
    policies: policiesOf(template, roleId).map(
      (each) => resolve(each.Properties["PolicyDocument"]) as Policy,
    ),
  };
}

const functionRole = roleIdOf(properties["Role"]);
const caller = callerOf(functionRole);
const variables = resolve(at(properties, "Environment", "Variables")) as Record<string, string>;
const {
  OVERRUN_QUEUE_ARN: QUEUE = "",
  OVERRUN_DEAD_LETTER_QUEUE_ARN: DEAD_LETTERS = "",
  OVERRUN_SCHEDULE_ROLE_ARN: SCHEDULE_ROLE = "",
  OVERRUN_SCHEDULE_GROUP_NAME: GROUP = "",
} = variables;
const scheduleRoleId = SCHEDULE_ROLE.split("/").at(-1) ?? "";
const schedule = (group: string, name: string) =>
  `arn:aws:scheduler:${REGION}:${ACCOUNT}:schedule/${group}/${name}`;
const [logId = ""] = Object.keys(resourcesOf(template, "AWS::Logs::LogGroup"));
const LOG = logGroup(logId);

/** All resources of this stack and of others, including another role and schedule. */
const all = [
  ...allResources,
  QUEUE,
  DEAD_LETTERS,
  SCHEDULE_ROLE,
  schedule(GROUP, "any"),
  schedule("default", "any"),
  `arn:aws:scheduler:${REGION}:${ACCOUNT}:schedule-group/${GROUP}`,
  LOG,
  `${LOG}:log-stream:s`,
];

/** The permission that a command of the handler needs. An unknown command fails the test. */
function permissionOf(command: object): string {
  if (command instanceof GetItemCommand) {
    return `dynamodb:GetItem ${TABLE}`;
  }
  if (command instanceof BatchGetItemCommand) {
    return `dynamodb:BatchGetItem ${TABLE}`;
  }
  if (command instanceof QueryCommand) {
    return `dynamodb:Query ${TABLE}/index/${command.input.IndexName ?? ""}`;
  }
  if (command instanceof PutEventsCommand) {
    return `events:PutEvents ${BUS}`;
  }
  if (command instanceof CreateScheduleCommand) {
    return `scheduler:CreateSchedule ${schedule(command.input.GroupName ?? "", "any")}`;
  }
  throw new Error(`add the permission of the command ${command.constructor.name}`);
}

let calls: string[] = [];

beforeAll(async () => {
  const dynamo = mockClient(DynamoDBClient);
  const scheduler = mockClient(SchedulerClient);
  const bus = mockClient(EventBridgeClient);
  const event = anEvent("Agent Availability Changed");
  const { since = "" } = event.detail.status ?? {};
  const item = {
    accountId: event.detail.accountId,
    availabilityId: event.detail.agent.availabilityId,
    userId: "72",
    email: "rachel@acme.com",
    epoch: 1000,
    version: 2,
    updatedAt: since,
    eventTimestamp: Date.parse(since) * 1000,
    contentHash: "a",
    receivedAt: since,
    origin: "relay",
    status: { id: "232", name: "On break", since },
    channels: {},
  };
  dynamo.on(GetItemCommand).resolves({ Item: marshall(item) });
  dynamo.on(QueryCommand).resolves({
    Items: [marshall({ ...item, availabilityId: "session:72" })],
  });
  dynamo.on(BatchGetItemCommand).resolves({ Responses: {} });
  bus.on(PutEventsCommand).resolves({ Entries: [{ EventId: "1" }] });
  scheduler.on(CreateScheduleCommand).resolves({});
  Object.assign(process.env, variables, {
    POWERTOOLS_METRICS_DISABLED: "true",
    AWS_REGION: REGION,
  });
  jest.spyOn(console, "log").mockImplementation(() => undefined);
  const { handler } = await import("../../functions/supervision/handler.ts");
  const later = anEvent("Agent Availability Changed", {
    status: { since: "2999-01-01T00:00:00.000Z" },
  });
  await handler({
    Records: [event, later].map((each, index) => ({
      messageId: String(index),
      body: JSON.stringify(each),
      eventSourceARN: QUEUE,
    })),
  } as SQSEvent);
  calls = [dynamo, scheduler, bus]
    .flatMap((client) => client.calls().map(({ args: [command] }) => permissionOf(command)))
    .filter((call, index, list) => list.indexOf(call) === index);
  jest.restoreAllMocks();
}, 60_000);

describe("the role of the supervision function", () => {
  it("allows every call that the function makes", async () => {
    expect(calls.toSorted()).toEqual([
      `dynamodb:BatchGetItem ${TABLE}`,
      `dynamodb:GetItem ${TABLE}`,
      `dynamodb:Query ${TABLE}/index/ByEmail`,
      `dynamodb:Query ${TABLE}/index/ByUserId`,
      `events:PutEvents ${BUS}`,
      `scheduler:CreateSchedule ${schedule(GROUP, "any")}`,
    ]);
    for (const call of calls) {
      const [action = "", arn = ""] = call.split(" ");
      expect([call, await isAllowed(caller, action, arn)]).toEqual([call, true]);
    }
  });

  it("allows Lambda nothing else except receiving messages and writing logs", async () => {
    expect(await allThatIsAllowed(caller, all)).toEqual(
      [
        ...calls,
        `sqs:ChangeMessageVisibility ${QUEUE}`,
        `sqs:DeleteMessage ${QUEUE}`,
        `sqs:GetQueueAttributes ${QUEUE}`,
        `sqs:GetQueueUrl ${QUEUE}`,
        `sqs:ReceiveMessage ${QUEUE}`,
        `logs:CreateLogStream ${LOG}:log-stream:s`,
        `logs:PutLogEvents ${LOG}:log-stream:s`,
        // IAM always allows a caller to get its own identity.
        "sts:GetCallerIdentity *",
      ].toSorted(),
    );
  }, 60_000);

  it("allows passing only the schedules' role, and only to Scheduler", async () => {
    const mayPass = async (role: string, service: string) =>
      await isAllowed(
        { ...caller, context: { "iam:PassedToService": service } },
        "iam:PassRole",
        role,
      );

    expect(await mayPass(SCHEDULE_ROLE, "scheduler.amazonaws.com")).toBe(true);
    expect(await mayPass(SCHEDULE_ROLE, "lambda.amazonaws.com")).toBe(false);
    expect(await mayPass(`arn:aws:iam::${ACCOUNT}:role/another`, "scheduler.amazonaws.com")).toBe(
      false,
    );
  });
});

describe("the role of the schedules", () => {
  it("may only send messages to the two queues", async () => {
    expect(await allThatIsAllowed(callerOf(scheduleRoleId), all)).toEqual(
      [
        `sqs:SendMessage ${QUEUE}`,
        `sqs:SendMessage ${DEAD_LETTERS}`,
        "sts:GetCallerIdentity *",
      ].toSorted(),
    );
  }, 60_000);

  it("may only be assumed by Scheduler, for schedules of this group", () => {
    const { Properties: roleProperties } = resource(template, scheduleRoleId);

    expect(at(roleProperties, "AssumeRolePolicyDocument", "Statement")).toEqual([
      {
        Action: "sts:AssumeRole",
        Effect: "Allow",
        Principal: { Service: "scheduler.amazonaws.com" },
        Condition: {
          StringEquals: {
            "aws:SourceAccount": ACCOUNT,
            "aws:SourceArn": { "Fn::GetAtt": [expect.stringMatching(/^OverrunsSchedules/), "Arn"] },
          },
        },
      },
    ]);
  });

  it("and the role of the function are the only roles of the stack", () => {
    expect(Object.keys(resourcesOf(template, "AWS::IAM::Role")).toSorted()).toEqual(
      [functionRole, scheduleRoleId].toSorted(),
    );
  });
});
