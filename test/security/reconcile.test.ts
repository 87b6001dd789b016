import { gzipSync } from "node:zlib";

import {
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from "@aws-sdk/client-dynamodb";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SendMessageBatchCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { beforeAll, describe, expect, it, jest } from "@jest/globals";
import type { Context, SQSEvent } from "aws-lambda";
import { mockClient } from "aws-sdk-client-mock";

import { ADMIN_KEY, aFreshdesk, aFreshdeskAgent, DOMAIN } from "../builders/freshdesk.ts";
import { reconcileTemplate } from "../lib/reconcile/reconcile-stack.ts";
import { at, policiesOf, resource, resourcesOf, roleIdOf, theOnly } from "../lib/synthesized.ts";
import { API_KEYS, allResources, logGroup, TABLE } from "./all-resources.ts";
import { ACCOUNT, REGION, resolverOf } from "./resolve.ts";
import { allThatIsAllowed, isAllowed, type Policy } from "./simulate.ts";

const FRESHDESK_ACCOUNT = "11010177632";
const AGENT = 72025350026;

const template = reconcileTemplate();
const resolve = resolverOf(template, {
  "/agent-availability/blue/table-arn": TABLE,
  "/agent-availability/blue/table-name": TABLE.split("/").at(-1) ?? "",
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
const queueArn = (name = "") => `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}`;
const only = (type: string) => Object.keys(resourcesOf(template, type));
const STATE = tableArn(only("AWS::DynamoDB::GlobalTable")[0]);
const [DEAD_LETTERS = "", QUEUE = ""] = only("AWS::SQS::Queue").toSorted().map(queueArn);
const LOG = logGroup(only("AWS::Logs::LogGroup")[0] ?? "");

const [table, secrets, queue] = [
  mockClient(DynamoDBClient),
  mockClient(SecretsManagerClient),
  mockClient(SQSClient),
];

/** The permission that a command of the handler needs. An unknown command fails the test. */
function permissionOf(command: object): string {
  if (command instanceof QueryCommand) {
    const { TableName: name, IndexName: index } = command.input;
    return `dynamodb:Query ${tableArn(name)}${index === undefined ? "" : `/index/${index}`}`;
  }
  if (command instanceof GetItemCommand) {
    return `dynamodb:GetItem ${tableArn(command.input.TableName)}`;
  }
  if (command instanceof DeleteItemCommand) {
    return `dynamodb:DeleteItem ${tableArn(command.input.TableName)}`;
  }
  if (command instanceof UpdateItemCommand) {
    return `dynamodb:UpdateItem ${tableArn(command.input.TableName)}`;
  }
  if (command instanceof GetSecretValueCommand) {
    return `secretsmanager:GetSecretValue ${command.input.SecretId ?? ""}`;
  }
  if (command instanceof SendMessageBatchCommand || command instanceof SendMessageCommand) {
    return `sqs:SendMessage ${queueArn(command.input.QueueUrl?.split("/").at(-1))}`;
  }
  throw new Error(`add the permission of the command ${command.constructor.name}`);
}

let calls: string[] = [];

beforeAll(async () => {
  for (const level of ["log", "info", "warn", "error"] as const) {
    jest.spyOn(console, level).mockImplementation(() => undefined);
  }
  const agents = Array.from({ length: 101 }, (_, index) => aFreshdeskAgent(AGENT + index));
  const { api } = await aFreshdesk(agents);
  table.on(UpdateItemCommand).resolves({});
  const savedPage = gzipSync(JSON.stringify({ number: 1, snapshots: [], unreadable: 0 }));
  table.on(QueryCommand).resolves({ Items: [] });
  const queriesOfState = table.on(QueryCommand, { TableName: STATE.split("/").at(-1) });
  queriesOfState.resolvesOnce({ Items: [{ content: { B: savedPage } }] }).resolves({ Items: [] });
  table.on(GetItemCommand).resolves({});
  queue.on(SendMessageBatchCommand).resolves({});
  queue.on(SendMessageCommand).resolves({});
  secrets.on(GetSecretValueCommand).resolves({
    SecretString: JSON.stringify({ [FRESHDESK_ACCOUNT]: { domain: DOMAIN, apiKey: ADMIN_KEY } }),
  });
  Object.assign(process.env, resolve(at(properties, "Environment", "Variables")), {
    LOCAL_FRESHDESK_ORIGIN: api.origin,
    POWERTOOLS_METRICS_DISABLED: "true",
    AWS_REGION: REGION,
  });

  const { handler } = await import("../../functions/reconcile/handler.ts");
  const messages = [
    { kind: "start" },
    { kind: "sweep", accountId: FRESHDESK_ACCOUNT },
    {
      kind: "agent",
      accountId: FRESHDESK_ACCOUNT,
      availabilityId: "1",
      userId: String(AGENT),
    },
  ];
  const records = messages.map((message) => ({ body: JSON.stringify(message) }));
  await handler(
    { Records: records } as SQSEvent,
    {
      getRemainingTimeInMillis: () => 900_000,
    } as Context,
  );
  // After this request, the rate limit leaves no time for the second page, and the sweep continues.
  api.state.requestsPerMinute = api.requests.length + 1;
  await handler(
    {
      Records: [{ body: JSON.stringify({ kind: "sweep", accountId: FRESHDESK_ACCOUNT }) }],
    } as SQSEvent,
    { getRemainingTimeInMillis: () => 30_000 } as Context,
  );
  await api.close();
  const made = [...table.calls(), ...secrets.calls(), ...queue.calls()];
  calls = [...new Set(made.map(({ args: [command] }) => permissionOf(command)))].toSorted();
  jest.restoreAllMocks();
});

describe("the role of reconcile", () => {
  it("allows every call that reconcile makes", async () => {
    expect(calls).toEqual(
      [
        `dynamodb:GetItem ${TABLE}`,
        `dynamodb:Query ${TABLE}`,
        `dynamodb:DeleteItem ${STATE}`,
        `dynamodb:Query ${STATE}`,
        `dynamodb:UpdateItem ${STATE}`,
        `dynamodb:UpdateItem ${TABLE}`,
        `secretsmanager:GetSecretValue ${API_KEYS}`,
        `sqs:SendMessage ${QUEUE}`,
      ].toSorted(),
    );
    for (const call of calls) {
      const [action = "", arn = ""] = call.split(" ");
      expect([call, await isAllowed(role, action, arn)]).toEqual([call, true]);
    }
  });

  it("allows Lambda nothing else except receiving messages and writing logs", async () => {
    const all = [...allResources, STATE, QUEUE, DEAD_LETTERS, LOG, `${LOG}:log-stream:s`];

    expect(await allThatIsAllowed(role, all)).toEqual(
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
  });

  it("is the only role of its stack, and only Lambda may assume it", () => {
    const { Properties: roleProperties } = resource(template, roleId);

    expect(only("AWS::IAM::Role")).toEqual([roleId]);
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

describe("the secret with API keys", () => {
  it("has no resource policy, so that only identities that a policy allows can read it", () => {
    expect(resourcesOf(template, "AWS::SecretsManager::ResourcePolicy")).toEqual({});
    expect(resolve({ Ref: only("AWS::SecretsManager::Secret")[0] })).toBe(API_KEYS);
    // The tests of all other roles assert that they deny every action on the resources in `allResources`.
    expect(allResources).toContain(API_KEYS);
  });
});
