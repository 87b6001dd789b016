import { DescribeTableCommand, DynamoDBClient, ScanCommand } from "@aws-sdk/client-dynamodb";
import { beforeAll, describe, expect, it, jest } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";

import { at, policiesOf, resource, resourcesOf, roleIdOf } from "../lib/synthesized.ts";
import { operationsTemplate } from "../lib/operations/stack.ts";
import { allResources, logGroup, TABLE } from "./all-resources.ts";
import { ACCOUNT, REGION, resolverOf } from "./resolve.ts";
import { allThatIsAllowed, isAllowed, type Policy } from "./simulate.ts";

const template = operationsTemplate();
const resolve = resolverOf(template, {
  "/agent-availability/blue/table-arn": TABLE,
  "/agent-availability/blue/table-name": TABLE.split("/").at(-1) ?? "",
});

const [functionId = ""] = Object.keys(resourcesOf(template, "AWS::Lambda::Function"));
const { Properties: properties } = resource(template, functionId);
const roleId = roleIdOf(properties["Role"]);
const role = {
  principal: `arn:aws:iam::${ACCOUNT}:role/${roleId}`,
  policies: policiesOf(template, roleId).map(
    (each) => resolve(each.Properties["PolicyDocument"]) as Policy,
  ),
};

const [logId = ""] = Object.keys(resourcesOf(template, "AWS::Logs::LogGroup"));
const LOG = logGroup(logId);

const client = mockClient(DynamoDBClient);
let calls: string[] = [];

beforeAll(async () => {
  jest.spyOn(console, "log").mockImplementation(() => undefined);
  client.on(ScanCommand).resolves({ Count: 0, ScannedCount: 0 });
  client.on(DescribeTableCommand).resolves({ Table: { ItemCount: 0 } });
  Object.assign(process.env, resolve(at(properties, "Environment", "Variables")), {
    POWERTOOLS_METRICS_DISABLED: "true",
    AWS_REGION: REGION,
  });

  const { handler } = await import("../../functions/census/handler.ts");
  await handler();
  calls = client.calls().map(({ args: [command] }) => {
    const tableArn = (table = "") => `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${table}`;
    if (command instanceof ScanCommand) {
      const { TableName: table, IndexName: index = "" } = command.input;
      return `dynamodb:Scan ${tableArn(table)}/index/${index}`;
    }
    if (command instanceof DescribeTableCommand) {
      return `dynamodb:DescribeTable ${tableArn(command.input.TableName)}`;
    }
    throw new Error(`add the permission that ${command.constructor.name} needs`);
  });
  jest.restoreAllMocks();
});

describe("the role of the census", () => {
  it("allows every call that the census makes", async () => {
    expect(calls.toSorted()).toEqual([
      `dynamodb:DescribeTable ${TABLE}`,
      `dynamodb:Scan ${TABLE}/index/AvailableOnFreshcaller`,
      `dynamodb:Scan ${TABLE}/index/AvailableOnFreshchat`,
      `dynamodb:Scan ${TABLE}/index/AvailableOnFreshdesk`,
    ]);
    for (const call of calls) {
      const [action = "", arn = ""] = call.split(" ");
      expect([call, await isAllowed(role, action, arn)]).toEqual([call, true]);
    }
  });

  it("denies everything else, such as reading the table, writing, and access to keys, the bus, queues and other logs", async () => {
    const channels = ["Freshdesk", "Freshchat", "Freshcaller"];
    const all = [
      ...allResources,
      ...channels.map((channel) => `${TABLE}/index/AvailableOn${channel}`),
      `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/another/index/AvailableOnFreshdesk`,
      LOG,
      `${LOG}:log-stream:s`,
    ];

    expect(await allThatIsAllowed(role, all)).toEqual(
      [
        ...calls,
        `logs:CreateLogStream ${LOG}:log-stream:s`,
        `logs:PutLogEvents ${LOG}:log-stream:s`,
        // IAM always allows a caller to get its own identity.
        "sts:GetCallerIdentity *",
      ].toSorted(),
    );
  });

  it("is the only role of its stack, and only Lambda may assume it", () => {
    const { Properties: roleProperties } = resource(template, roleId);

    expect(Object.keys(resourcesOf(template, "AWS::IAM::Role"))).toEqual([roleId]);
    expect(at(roleProperties, "AssumeRolePolicyDocument", "Statement")).toEqual([
      {
        Action: "sts:AssumeRole",
        Effect: "Allow",
        Principal: { Service: "lambda.amazonaws.com" },
      },
    ]);
    expect(roleProperties).not.toHaveProperty("ManagedPolicyArns");
    expect(roleProperties).not.toHaveProperty("Policies");
  });
});
