import {
  CodeDeployClient,
  PutLifecycleEventHookExecutionStatusCommand,
} from "@aws-sdk/client-codedeploy";
import { DynamoDBClient, QueryCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { beforeAll, describe, expect, it, jest } from "@jest/globals";
import type { Context } from "aws-lambda";
import { mockClient } from "aws-sdk-client-mock";

import { anOutboxRecord } from "../../tools/fakes/outbox-record.ts";
import { aDeletionPayload } from "../../tools/fakes/agent-payload.ts";
import { aPayload } from "../../tools/fakes/payload.ts";
import { aContext, aRequest, KEY } from "../../tools/fakes/request.ts";
import { aSecretText } from "../../tools/fakes/signing-keys.ts";
import {
  at,
  everySetting,
  policiesOf,
  resource,
  resourcesOf,
  roleIdOf,
  synthesized,
  theOnly,
} from "../lib/synthesized.ts";
import {
  TABLE,
  STREAM,
  SECRET,
  BUS,
  QUEUE,
  BUCKET,
  INGEST_LOG,
  PUBLISHER_LOG,
  CHECK_LOG,
  INGEST,
  GROUPS,
  allResources,
} from "./all-resources.ts";
import { ACCOUNT, REGION, resolverOf } from "./resolve.ts";
import { allThatIsAllowed, type Caller, isAllowed, type Policy } from "./simulate.ts";

const template = synthesized();
const resolve = resolverOf(template);

/** Returns the role and the environment of the function whose logical ID has a prefix. */
function functionOf(name: string) {
  const functions = Object.keys(resourcesOf(template, "AWS::Lambda::Function"));
  const id = functions.find((each) => each.startsWith(name)) ?? "";
  const { Properties: properties } = resource(template, id);
  const roleId = roleIdOf(properties["Role"]);
  const role: Caller = {
    principal: `arn:aws:iam::${ACCOUNT}:role/${roleId}`,
    policies: policiesOf(template, roleId).map(
      ({ Properties }) => resolve(Properties["PolicyDocument"]) as Policy,
    ),
  };
  const environment = resolve(at(properties, "Environment", "Variables"));
  return { roleId, role, environment: environment as Record<string, string> };
}

const ingest = functionOf("IngestFunction");
const publisher = functionOf("PublisherFunction");
const check = functionOf("GradualDeployCheck");

const [codeDeploy, lambda, table, secrets, bus, queue] = [
  mockClient(CodeDeployClient),
  mockClient(LambdaClient),
  mockClient(DynamoDBClient),
  mockClient(SecretsManagerClient),
  mockClient(EventBridgeClient),
  mockClient(SQSClient),
];

const queueArn = (url = "") => `arn:aws:sqs:${REGION}:${ACCOUNT}:${url.split("/").at(-1) ?? ""}`;
const tableArn = (name = "") => `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${name}`;

/** The requests of the handlers to AWS, as IAM evaluates them. An unknown request fails the test. */
function callsMade(): string[] {
  const calls: readonly { readonly args: readonly unknown[] }[] = [
    ...codeDeploy.calls(),
    ...lambda.calls(),
    ...table.calls(),
    ...secrets.calls(),
    ...bus.calls(),
    ...queue.calls(),
  ];
  const requests = calls.flatMap(({ args: [command] }): string[] => {
    if (command instanceof UpdateItemCommand) {
      return [`dynamodb:UpdateItem ${tableArn(command.input.TableName)}`];
    }
    if (command instanceof QueryCommand) {
      const { TableName: name, IndexName: index = "" } = command.input;
      return [`dynamodb:Query ${tableArn(name)}/index/${index}`];
    }
    if (command instanceof GetSecretValueCommand) {
      return [`secretsmanager:GetSecretValue ${command.input.SecretId ?? ""}`];
    }
    if (command instanceof SendMessageCommand) {
      return [`sqs:SendMessage ${queueArn(command.input.QueueUrl)}`];
    }
    if (command instanceof PutEventsCommand) {
      return (command.input.Entries ?? []).map(
        ({ EventBusName: name = "" }) =>
          `events:PutEvents arn:aws:events:${REGION}:${ACCOUNT}:event-bus/${name}`,
      );
    }
    if (command instanceof InvokeCommand) {
      return [`lambda:InvokeFunction ${command.input.FunctionName ?? ""}`];
    }
    if (command instanceof PutLifecycleEventHookExecutionStatusCommand) {
      return [REPORT_TO_CODE_DEPLOY];
    }
    throw new Error(`add the permission of the command ${String(command?.constructor.name)}`);
  });
  return [...new Set(requests)].toSorted();
}

function forgetCalls(): void {
  for (const client of [codeDeploy, lambda, table, secrets, bus, queue]) {
    client.resetHistory();
  }
}

/** IAM always allows a caller to get its own identity. */
const GET_CALLER_IDENTITY = "sts:GetCallerIdentity *";

/** The requests that Lambda itself makes with a function's role, to write its logs. */
const logging = (group: string) => [
  `logs:CreateLogStream ${group}:log-stream:s`,
  `logs:PutLogEvents ${group}:log-stream:s`,
];

/**
 * AWS's list of actions has no resource type for this action, so the simulator ignores the resource. AWS's
 * guides and the CDK limit it to a deployment group; see test/lib/data-path/gradual-deploy.test.ts.
 */
const REPORT_TO_CODE_DEPLOY = `codedeploy:PutLifecycleEventHookExecutionStatus ${GROUPS}/GradualDeployIngestFF56172E`;

let ingestCalls: string[] = [];
let publisherCalls: string[] = [];
let checkCalls: string[] = [];

beforeAll(async () => {
  for (const level of ["log", "info", "warn", "error"] as const) {
    jest.spyOn(console, level).mockImplementation(() => undefined);
  }
  table.on(UpdateItemCommand).resolves({ Attributes: { version: { N: "1" } } });
  table.on(QueryCommand).resolves({ Items: [] });
  secrets
    .on(GetSecretValueCommand)
    .resolves({ SecretString: aSecretText({ "11010177632": [KEY] }) });
  bus.on(PutEventsCommand).callsFake(({ Entries: entries = [] }: { Entries?: unknown[] }) => ({
    FailedEntryCount: 0,
    Entries: entries.map(() => ({ EventId: "e" })),
  }));
  queue.on(SendMessageCommand).resolves({});
  Object.assign(process.env, {
    ...ingest.environment,
    ...publisher.environment,
    ...check.environment,
    ALLOWED_SOURCES: "",
    POWERTOOLS_METRICS_DISABLED: "true",
    AWS_REGION: REGION,
  });

  const { handler: ingestHandler } = await import("../../functions/ingest/handler.ts");
  await ingestHandler(aRequest(aPayload()), aContext());
  await ingestHandler(aRequest(aDeletionPayload()), aContext());
  ingestCalls = callsMade();
  forgetCalls();

  const { handler: publisherHandler } = await import("../../functions/publisher/handler.ts");
  const unreadable = anOutboxRecord({ agent: "2", sequence: "2", after: {} });
  const context = { getRemainingTimeInMillis: () => 60_000 } as Context;
  await publisherHandler({ Records: [anOutboxRecord(), unreadable] }, context);
  publisherCalls = callsMade();
  forgetCalls();

  lambda
    .on(InvokeCommand)
    .resolves({ Payload: Buffer.from('{"statusCode":401,"body":""}') as never });
  codeDeploy.on(PutLifecycleEventHookExecutionStatusCommand).resolves({});
  const { handler: checkHandler } = await import("../../functions/deploy-check/handler.ts");
  await checkHandler({ DeploymentId: "d-1", LifecycleEventHookExecutionId: "e-1" });
  checkCalls = callsMade();
  jest.restoreAllMocks();
});

describe("ingest's role", () => {
  it("allows every call that ingest makes", async () => {
    expect(ingestCalls).toEqual([
      `dynamodb:Query ${TABLE}/index/ByEmail`,
      `dynamodb:Query ${TABLE}/index/ByUserId`,
      `dynamodb:UpdateItem ${TABLE}`,
      `secretsmanager:GetSecretValue ${SECRET}`,
    ]);
    for (const call of ingestCalls) {
      const [action = "", arn = ""] = call.split(" ");
      expect([call, await isAllowed(ingest.role, action, arn)]).toEqual([call, true]);
    }
  });

  it("denies everything else, such as reading items, and access to other tables, secrets and logs", async () => {
    expect(await allThatIsAllowed(ingest.role, allResources)).toEqual(
      [...ingestCalls, ...logging(INGEST_LOG), GET_CALLER_IDENTITY].toSorted(),
    );
  });
});

describe("the publisher's role", () => {
  it("allows every call that the publisher makes", async () => {
    expect(publisherCalls).toEqual([`events:PutEvents ${BUS}`, `sqs:SendMessage ${QUEUE}`]);
    for (const call of publisherCalls) {
      const [action = "", arn = ""] = call.split(" ");
      expect([call, await isAllowed(publisher.role, action, arn)]).toEqual([call, true]);
    }
  });

  it("allows Lambda nothing else except reading the stream, storing failed records and writing logs", async () => {
    expect(await allThatIsAllowed(publisher.role, allResources)).toEqual(
      [
        ...publisherCalls,
        ...logging(PUBLISHER_LOG),
        `dynamodb:DescribeStream ${STREAM}`,
        `dynamodb:GetRecords ${STREAM}`,
        `dynamodb:GetShardIterator ${STREAM}`,
        `s3:ListBucket ${BUCKET}`,
        `s3:PutObject ${BUCKET}/aws/lambda/1`,
        GET_CALLER_IDENTITY,
      ].toSorted(),
    );
  });
});

describe("the role of deploy-check", () => {
  it("allows every call that deploy-check makes", async () => {
    expect(checkCalls).toEqual([
      REPORT_TO_CODE_DEPLOY,
      `lambda:InvokeFunction ${INGEST}:7`,
      `secretsmanager:GetSecretValue ${SECRET}`,
    ]);
    for (const call of checkCalls.filter((each) => each !== REPORT_TO_CODE_DEPLOY)) {
      const [action = "", arn = ""] = call.split(" ");
      expect([call, await isAllowed(check.role, action, arn)]).toEqual([call, true]);
    }
  });

  it("denies everything else, such as changing keys, reading the table and shifting traffic", async () => {
    expect(await allThatIsAllowed(check.role, allResources)).toEqual(
      [
        `secretsmanager:GetSecretValue ${SECRET}`,
        ...logging(CHECK_LOG),
        GET_CALLER_IDENTITY,
      ].toSorted(),
    );
  });

  it.each(["DeleteFunction", "GetFunction", "GetFunctionConfiguration", "InvokeFunctionUrl"])(
    "allows invoking a version, but denies lambda:%s",
    async (action) => {
      expect(await isAllowed(check.role, `lambda:${action}`, `${INGEST}:7`)).toBe(false);
    },
  );

  it("denies invoking versions of other functions", async () => {
    const another = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:another:7`;
    expect(await isAllowed(check.role, "lambda:InvokeFunction", another)).toBe(false);
  });
});

/** The roles of CodeDeploy: AWS's managed policy and the permission to invoke deploy-check. */
const codeDeployRoles = [
  "GradualDeployIngestServiceRole27AE2B88",
  "GradualDeployPublisherServiceRoleD424431C",
];

it("covers every role of the stack that Lambda may assume", () => {
  expect(Object.keys(resourcesOf(template, "AWS::IAM::Role")).toSorted()).toEqual(
    [ingest.roleId, publisher.roleId, check.roleId, ...codeDeployRoles].toSorted(),
  );
});

describe("the roles of CodeDeploy", () => {
  it("have AWS's limited managed policy, and one of them may also invoke deploy-check", async () => {
    const [first = "", second = ""] = codeDeployRoles;
    const managed = codeDeployRoles.map((id) =>
      resolve(at(resource(template, id).Properties, "ManagedPolicyArns")),
    );
    const policies = policiesOf(template, first).map(
      ({ Properties }) => resolve(Properties["PolicyDocument"]) as Policy,
    );
    const caller = { principal: `arn:aws:iam::${ACCOUNT}:role/${first}`, policies };
    const checkArn = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:GradualDeployCheck67DD1409`;

    const limited = "arn:aws:iam::aws:policy/service-role/AWSCodeDeployRoleForLambdaLimited";
    expect(managed).toEqual([[limited], [limited]]);
    expect(policiesOf(template, second)).toEqual([]);
    expect(await isAllowed(caller, "lambda:InvokeFunction", checkArn)).toBe(true);
    expect(await isAllowed(caller, "lambda:InvokeFunction", INGEST)).toBe(false);
    expect(await isAllowed(caller, "secretsmanager:GetSecretValue", SECRET)).toBe(false);
  });
});

it("allows only Lambda and CodeDeploy to assume its roles", () => {
  const trustedBy = (ids: readonly string[]) =>
    ids.map((id) => at(resource(template, id).Properties, "AssumeRolePolicyDocument", "Statement"));
  const trusted = trustedBy([ingest.roleId, publisher.roleId, check.roleId]);

  expect(new Set(trustedBy(codeDeployRoles).map((each) => JSON.stringify(each)))).toEqual(
    new Set([
      '[{"Action":"sts:AssumeRole","Effect":"Allow","Principal":{"Service":"codedeploy.amazonaws.com"}}]',
    ]),
  );

  expect(new Set(trusted.map((each) => JSON.stringify(each)))).toEqual(
    new Set([
      '[{"Action":"sts:AssumeRole","Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"}}]',
    ]),
  );
});

describe("a service with the managed lookup policy", () => {
  it("may get, batch-get and query items and read the stage's parameters, and nothing else", async () => {
    const policy = resolve(
      resource(template, "LookupsPolicy579C3588").Properties["PolicyDocument"],
    ) as Policy;
    const reader = { principal: `arn:aws:iam::${ACCOUNT}:role/reader`, policies: [policy] };

    expect(await allThatIsAllowed(reader, allResources)).toEqual([
      `dynamodb:BatchGetItem ${TABLE}`,
      // The policy's resources include the indexes, although an index does not support GetItem.
      `dynamodb:BatchGetItem ${TABLE}/index/ByEmail`,
      `dynamodb:BatchGetItem ${TABLE}/index/ByUserId`,
      `dynamodb:GetItem ${TABLE}`,
      `dynamodb:GetItem ${TABLE}/index/ByEmail`,
      `dynamodb:GetItem ${TABLE}/index/ByUserId`,
      `dynamodb:Query ${TABLE}`,
      `dynamodb:Query ${TABLE}/index/ByEmail`,
      `dynamodb:Query ${TABLE}/index/ByUserId`,
      `ssm:GetParameter arn:aws:ssm:${REGION}:${ACCOUNT}:parameter/agent-availability/blue/table-name`,
      GET_CALLER_IDENTITY,
    ]);
  });
});

describe("another AWS account", () => {
  const all: Policy = {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }],
  };
  const shared = synthesized(everySetting);
  const resolveShared = resolverOf(shared);
  const outsider = { principal: "arn:aws:iam::999999999999:role/admin", policies: [all] };

  const tablePolicy = resolveShared(
    at(
      theOnly(shared, "AWS::DynamoDB::GlobalTable").Properties,
      "Replicas",
      0,
      "ResourcePolicy",
      "PolicyDocument",
    ),
  ) as Policy;
  const busPolicies = Object.values(resourcesOf(shared, "AWS::Events::EventBusPolicy"));
  const busPolicy: Policy = {
    Version: "2012-10-17",
    Statement: busPolicies.map(
      ({ Properties }) => resolveShared(Properties["Statement"]) as object,
    ),
  };
  const rule = `arn:aws:events:${REGION}:${ACCOUNT}:rule/agent-availability-blue/theirs`;

  it("may look up agents only if it is a reader, whatever its own policies allow", async () => {
    const reader = { ...outsider, principal: "arn:aws:iam::222222222222:role/service" };
    const isAllowedOnTable = async (caller: Caller, action: string) =>
      await isAllowed({ ...caller, resourcePolicy: tablePolicy }, `dynamodb:${action}`, TABLE);

    const actions = [
      "GetItem",
      "BatchGetItem",
      "Query",
      "Scan",
      "PutItem",
      "UpdateItem",
      "DeleteItem",
    ];
    const allowed = async (caller: Caller) => {
      const responses = await Promise.all(
        actions.map(async (action) => await isAllowedOnTable(caller, action)),
      );
      return actions.filter((_action, index) => responses[index]);
    };
    expect(await allowed(reader)).toEqual(["GetItem", "BatchGetItem", "Query"]);
    expect(await allowed(outsider)).toEqual([]);
  });

  it("may create rules and change only its own rules if it is a consumer, but may not put events", async () => {
    const consumer = (creator: string): Caller => ({
      ...outsider,
      principal: "arn:aws:iam::111111111111:role/team",
      resourcePolicy: busPolicy,
      context: { "aws:PrincipalAccount": "111111111111", "events:creatorAccount": creator },
    });

    expect(await isAllowed(consumer("111111111111"), "events:PutRule", rule)).toBe(true);
    expect(await isAllowed(consumer("111111111111"), "events:PutTargets", rule)).toBe(true);
    expect(await isAllowed(consumer("111111111111"), "events:DeleteRule", rule)).toBe(true);
    expect(await isAllowed(consumer("444444444444"), "events:DeleteRule", rule)).toBe(false);
    expect(await isAllowed(consumer("444444444444"), "events:PutTargets", rule)).toBe(false);
    expect(await isAllowed(consumer("111111111111"), "events:PutEvents", BUS)).toBe(false);
    expect(
      await isAllowed({ ...outsider, resourcePolicy: busPolicy }, "events:PutRule", rule),
    ).toBe(false);
  });
});
