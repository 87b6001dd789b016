import {
  DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { beforeAll, describe, expect, it, jest } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";

import { supervisionTemplate } from "../lib/supervision/supervision-stack.ts";
import { at, policiesOf, resourcesOf, roleIdOf, theOnly } from "../lib/synthesized.ts";
import { BUS, allResources, logGroup, TABLE } from "./all-resources.ts";
import { ACCOUNT, REGION, resolverOf } from "./resolve.ts";
import { allThatIsAllowed, isAllowed, type Policy } from "./simulate.ts";

const template = supervisionTemplate({
  coverage: [{ channel: "freshcaller", minimum: 1, accountId: "42" }],
});
const resolve = resolverOf(template, {
  "/agent-availability/blue/table-arn": TABLE,
  "/agent-availability/blue/table-name": TABLE.split("/").at(-1) ?? "",
});
const { Properties: properties } = theOnly(template, "AWS::Lambda::Function");
const roleId = roleIdOf(properties["Role"]);
const caller = {
  principal: `arn:aws:iam::${ACCOUNT}:role/${roleId}`,
  policies: policiesOf(template, roleId).map(
    (each) => resolve(each.Properties["PolicyDocument"]) as Policy,
  ),
};
const variables = resolve(at(properties, "Environment", "Variables")) as Record<string, string>;
const { COVERAGE_QUEUE_ARN: QUEUE = "", COVERAGE_TABLE_NAME: tableName = "" } = variables;
const COVERAGE = `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${tableName}`;
const [logId = ""] = Object.keys(resourcesOf(template, "AWS::Logs::LogGroup"));
const LOG = logGroup(logId);

const tableArn = (name = "") => `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${name}`;

/** The permission that a command of the handler needs. An unknown command fails the test. */
function permissionOf(command: object): string {
  if (command instanceof GetItemCommand) {
    return `dynamodb:GetItem ${tableArn(command.input.TableName)}`;
  }
  if (command instanceof ScanCommand) {
    return `dynamodb:Scan ${tableArn(command.input.TableName)}`;
  }
  if (command instanceof UpdateItemCommand) {
    return `dynamodb:UpdateItem ${tableArn(command.input.TableName)}`;
  }
  if (command instanceof QueryCommand) {
    const { TableName: name, IndexName: index = "" } = command.input;
    return `dynamodb:Query ${tableArn(name)}/index/${index}`;
  }
  if (command instanceof PutEventsCommand) {
    return `events:PutEvents ${BUS}`;
  }
  throw new Error(`add the permission of the command ${command.constructor.name}`);
}

let calls: string[] = [];

beforeAll(async () => {
  const dynamo = mockClient(DynamoDBClient);
  const bus = mockClient(EventBridgeClient);
  dynamo.on(GetItemCommand).resolves({});
  dynamo.on(ScanCommand).resolves({ Items: [] });
  dynamo.on(QueryCommand).resolves({ Items: [] });
  dynamo.on(UpdateItemCommand).resolves({});
  bus.on(PutEventsCommand).resolves({ Entries: [{ EventId: "1" }] });
  Object.assign(process.env, variables, {
    POWERTOOLS_METRICS_DISABLED: "true",
    AWS_REGION: REGION,
  });
  jest.spyOn(console, "log").mockImplementation(() => undefined);
  const { handler } = await import("../../functions/supervision/handler.ts");
  await handler({ kind: "evaluate-all" });
  calls = [dynamo, bus]
    .flatMap((client) => client.calls().map(({ args: [command] }) => permissionOf(command)))
    .filter((call, index, list) => list.indexOf(call) === index);
  jest.restoreAllMocks();
}, 60_000);

describe("the role of the supervision function of a stage with coverage only", () => {
  it("allows every call that the function makes", async () => {
    expect(calls.toSorted()).toEqual([
      `dynamodb:GetItem ${COVERAGE}`,
      `dynamodb:Query ${TABLE}/index/AvailableOnFreshcaller`,
      `dynamodb:Scan ${COVERAGE}`,
      `dynamodb:UpdateItem ${COVERAGE}`,
      `events:PutEvents ${BUS}`,
    ]);
    for (const call of calls) {
      const [action = "", arn = ""] = call.split(" ");
      expect([call, await isAllowed(caller, action, arn)]).toEqual([call, true]);
    }
  });

  it("allows Lambda nothing else except receiving messages and writing logs", async () => {
    const all = [
      ...allResources,
      `${TABLE}/index/AvailableOnFreshcaller`,
      `${TABLE}/index/AvailableOnFreshchat`,
      COVERAGE,
      QUEUE,
      LOG,
      `${LOG}:log-stream:s`,
    ];

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

  it("is the only role of its stack", () => {
    expect(Object.keys(resourcesOf(template, "AWS::IAM::Role"))).toEqual([roleId]);
  });
});
