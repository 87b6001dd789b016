import {
  BatchWriteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  QueryCommand,
} from "@aws-sdk/client-dynamodb";
import { beforeAll, describe, expect, it, jest } from "@jest/globals";
import type { Context } from "aws-lambda";
import { mockClient } from "aws-sdk-client-mock";

import { anImage, anOutboxRecord } from "../../tools/fakes/outbox-record.ts";
import { aHistoryTable } from "../builders/history-in-memory.ts";
import { historyTemplate } from "../lib/history/history-stack.ts";
import { at, policiesOf, resource, resourcesOf, roleIdOf, theOnly } from "../lib/synthesized.ts";
import { allResources, logGroup, STREAM, TABLE } from "./all-resources.ts";
import { ACCOUNT, REGION, resolverOf } from "./resolve.ts";
import { allThatIsAllowed, isAllowed, type Policy } from "./simulate.ts";

const template = historyTemplate();
const resolve = resolverOf(template, {
  "/agent-availability/blue/table-arn": TABLE,
  "/agent-availability/blue/table-name": TABLE.split("/").at(-1) ?? "",
  "/agent-availability/blue/table-stream-arn": STREAM,
});
const { Properties: properties } = theOnly(template, "AWS::Lambda::Function");
const roleId = roleIdOf(properties["Role"]);
const role = {
  principal: `arn:aws:iam::${ACCOUNT}:role/${roleId}`,
  policies: policiesOf(template, roleId).map(
    (each) => resolve(each.Properties["PolicyDocument"]) as Policy,
  ),
};

const tableArn = (name = "") => `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${name}`;
const [tableId = ""] = Object.keys(resourcesOf(template, "AWS::DynamoDB::GlobalTable"));
const HISTORY = tableArn(tableId);
const [bucketId = ""] = Object.keys(resourcesOf(template, "AWS::S3::Bucket"));
const FAILURES = `arn:aws:s3:::${bucketId.toLowerCase()}`;
const [logId = ""] = Object.keys(resourcesOf(template, "AWS::Logs::LogGroup"));
const LOG = logGroup(logId);

/** The permission that a command of the handler needs. An unknown command fails the test. */
function permissionOf(command: object): string {
  if (command instanceof BatchWriteItemCommand) {
    const [name] = Object.keys(command.input.RequestItems ?? {});
    return `dynamodb:BatchWriteItem ${tableArn(name)}`;
  }
  if (command instanceof QueryCommand) {
    return `dynamodb:Query ${tableArn(command.input.TableName)}`;
  }
  if (command instanceof GetItemCommand) {
    return `dynamodb:GetItem ${tableArn(command.input.TableName)}`;
  }
  throw new Error(`add the permission of the command ${command.constructor.name}`);
}

let calls: string[] = [];

beforeAll(async () => {
  const dynamo = mockClient(DynamoDBClient);
  aHistoryTable(dynamo, tableId);
  dynamo.on(GetItemCommand).resolves({});
  Object.assign(process.env, resolve(at(properties, "Environment", "Variables")), {
    POWERTOOLS_METRICS_DISABLED: "true",
    AWS_REGION: REGION,
  });
  jest.spyOn(console, "log").mockImplementation(() => undefined);
  const { handler } = await import("../../functions/history/handler.ts");
  const {
    name: _name,
    email: _email,
    ...tombstone
  } = anImage({
    version: { N: "2" },
    removedAt: { S: "2026-11-24T09:00:00.000Z" },
    removedBecause: { S: "forgotten" },
    expiresAt: { N: "1799000000" },
  });
  const records = [
    anOutboxRecord({ ageSeconds: 3600 }),
    anOutboxRecord({ before: anImage(), after: tombstone, sequence: "2" }),
  ];
  await handler({ Records: records }, { getRemainingTimeInMillis: () => 60_000 } as Context);
  calls = [...new Set(dynamo.calls().map(({ args: [command] }) => permissionOf(command)))];
  jest.restoreAllMocks();
}, 60_000);

describe("the role of the history function", () => {
  it("allows every call that the function makes", async () => {
    expect(calls.toSorted()).toEqual([
      `dynamodb:BatchWriteItem ${HISTORY}`,
      `dynamodb:GetItem ${TABLE}`,
      `dynamodb:Query ${HISTORY}`,
    ]);
    for (const call of calls) {
      const [action = "", arn = ""] = call.split(" ");
      expect([call, await isAllowed(role, action, arn)]).toEqual([call, true]);
    }
  });

  it("allows Lambda nothing else except reading the stream, storing failed records and writing logs", async () => {
    const all = [
      ...allResources,
      HISTORY,
      FAILURES,
      `${FAILURES}/aws/lambda/1`,
      LOG,
      `${LOG}:log-stream:s`,
    ];

    expect(await allThatIsAllowed(role, all)).toEqual(
      [
        ...calls,
        `dynamodb:DescribeStream ${STREAM}`,
        `dynamodb:GetRecords ${STREAM}`,
        `dynamodb:GetShardIterator ${STREAM}`,
        `s3:ListBucket ${FAILURES}`,
        `s3:PutObject ${FAILURES}/aws/lambda/1`,
        `logs:CreateLogStream ${LOG}:log-stream:s`,
        `logs:PutLogEvents ${LOG}:log-stream:s`,
        // IAM always allows a caller to get its own identity.
        "sts:GetCallerIdentity *",
      ].toSorted(),
    );
  }, 60_000);

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

describe("another AWS account", () => {
  it("may only query the history, and only if it is a reader", async () => {
    const { Properties: table } = theOnly(
      historyTemplate({ readers: ["222222222222"] }),
      "AWS::DynamoDB::GlobalTable",
    );
    const resourcePolicy = at(table, "Replicas", 0, "ResourcePolicy", "PolicyDocument") as Policy;
    const everyAction: Policy = {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
    };
    const allowed = async (accountId: string) =>
      await allThatIsAllowed(
        {
          principal: `arn:aws:iam::${accountId}:role/service`,
          policies: [everyAction],
          resourcePolicy,
        },
        [HISTORY],
      );
    const inTable = (all: readonly string[]) => all.filter((call) => call.endsWith(HISTORY));

    expect(inTable(await allowed("222222222222"))).toEqual([`dynamodb:Query ${HISTORY}`]);
    expect(inTable(await allowed("999999999999"))).toEqual([]);
  }, 60_000);
});
