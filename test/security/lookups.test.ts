import {
  BatchGetItemCommand,
  type BatchGetItemCommandInput,
  DynamoDBClient,
  GetItemCommand,
  type GetItemCommandInput,
  QueryCommand,
  type QueryCommandInput,
} from "@aws-sdk/client-dynamodb";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { Template } from "aws-cdk-lib/assertions";
import { AccountPrincipal, Role } from "aws-cdk-lib/aws-iam";
import { beforeAll, describe, expect, it } from "@jest/globals";
import { mockClient } from "aws-sdk-client-mock";

import { createAgentLookup } from "../../client/lookups/agent-lookup.ts";
import { anItem } from "../builders/item.ts";
import { aStack, policiesOf, resource, resourcesOf, synthesized } from "../lib/synthesized.ts";
import { ACCOUNT, REGION, resolverOf } from "./resolve.ts";
import { isAllowed, type Policy } from "./simulate.ts";

const FRESHDESK = "11010177632";
const PARAMETERS = `arn:aws:ssm:${REGION}:${ACCOUNT}:parameter`;
const TABLE = `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/StoreTable0CCFA19B`;
const principal = `arn:aws:iam::${ACCOUNT}:role/reader`;

const dynamo = mockClient(DynamoDBClient);
const ssm = mockClient(SSMClient);

/** A request as IAM evaluates it. */
interface Call {
  readonly action: string;
  readonly resource: string;
  /** The partitions that it reads: the leading keys in IAM. */
  readonly accounts: string[];
}

const accountsOf = (keys: readonly GetItemCommandInput["Key"][]) => [
  ...new Set(keys.map((key) => key?.["accountId"]?.S ?? "")),
];

/** The requests that the reader sent to DynamoDB and SSM. */
function calls(): Call[] {
  const gets = dynamo.commandCalls(GetItemCommand).map(({ args }) => args[0].input);
  const batches = dynamo.commandCalls(BatchGetItemCommand).map(({ args }) => args[0].input);
  const queries = dynamo.commandCalls(QueryCommand).map(({ args }) => args[0].input);
  const parameters = ssm.commandCalls(GetParameterCommand).map(({ args }) => args[0].input);
  const made = [
    ...gets.map(({ TableName: table = "", Key: key }: GetItemCommandInput) => ({
      action: "dynamodb:GetItem",
      resource: table,
      accounts: accountsOf([key]),
    })),
    ...batches.flatMap(({ RequestItems: tables = {} }: BatchGetItemCommandInput) =>
      Object.entries(tables).map(([table, { Keys: keys = [] }]) => ({
        action: "dynamodb:BatchGetItem",
        resource: table,
        accounts: accountsOf(keys),
      })),
    ),
    ...queries.map(({ TableName: table = "", IndexName: index, ...input }: QueryCommandInput) => ({
      action: "dynamodb:Query",
      resource: index === undefined ? table : `${table}/index/${index}`,
      accounts: [input.ExpressionAttributeValues?.[":accountId"]?.S ?? ""],
    })),
    ...parameters.map(({ Name: name = "" }) => ({
      action: "ssm:GetParameter",
      resource: `${PARAMETERS}${name}`,
      accounts: [],
    })),
  ];
  // A request of another kind would not be evaluated, so it fails the test.
  expect(made).toHaveLength(dynamo.calls().length + ssm.calls().length);
  return made;
}

async function all(rows: AsyncIterable<unknown>): Promise<void> {
  for await (const row of rows) {
    expect(row).toBeDefined();
  }
}

/** Calls every method of the reader with every combination of options. */
async function requestEverything(accountId: string): Promise<void> {
  dynamo.reset();
  ssm.reset();
  const item = anItem({ accountId: { S: accountId } });
  dynamo.on(GetItemCommand).resolves({ Item: item });
  dynamo.on(BatchGetItemCommand).resolves({ Responses: { [TABLE]: [item] } });
  dynamo.on(QueryCommand).resolves({
    Items: [
      {
        ...item,
        freshdeskAvailableSince: { S: "2026-11-22T08:00:00.000Z" },
        freshcallerAvailableSince: { S: "2026-11-22T08:00:00.000Z" },
      },
    ],
  });
  ssm.on(GetParameterCommand).resolves({ Parameter: { Value: TABLE } });
  const client = new DynamoDBClient({
    region: REGION,
    credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "example" },
  });
  const lookup = createAgentLookup({ stage: "blue", client });
  await lookup.byAvailabilityId(accountId, "1");
  await lookup.byAvailabilityId(accountId, "1", { consistent: true });
  await lookup.byEmail(accountId, "rachel@acme.com");
  await lookup.byAvailabilityIds(accountId, ["1", "2"]);
  for (const channel of ["freshdesk", "freshchat", "freshcaller"]) {
    await lookup.byChannelAgentId(accountId, channel, "1");
    await all(lookup.availableOn(accountId, channel, { heardWithinMs: 1000 }));
    await all(lookup.availableOn(accountId, channel));
    await lookup.availablePageOn(accountId, channel);
  }
  await all(lookup.all(accountId, { consistent: true }));
  await lookup.allPage(accountId);
}

/** Returns the requests that the policies allow, and those that they deny. */
async function evaluated(policies: readonly Policy[]) {
  const made = calls();
  const responses = await Promise.all(
    made.map(
      async ({ action, resource: asked, accounts }) =>
        await isAllowed(
          {
            principal,
            policies,
            context: accounts.length > 0 ? { "dynamodb:LeadingKeys": accounts } : {},
          },
          action,
          asked,
        ),
    ),
  );
  const requestsThatAre = (allowed: boolean) => [
    ...new Set(
      made
        .filter((_call, index) => responses[index] === allowed)
        .map(({ action, resource: asked }) => `${action} ${asked}`),
    ),
  ];
  return { allowed: requestsThatAre(true).toSorted(), denied: requestsThatAre(false).toSorted() };
}

const findTable = `ssm:GetParameter ${PARAMETERS}/agent-availability/blue/table-name`;
const reads = [
  `dynamodb:BatchGetItem ${TABLE}`,
  `dynamodb:GetItem ${TABLE}`,
  `dynamodb:Query ${TABLE}`,
  `dynamodb:Query ${TABLE}/index/AvailableOnFreshcaller`,
  `dynamodb:Query ${TABLE}/index/AvailableOnFreshchat`,
  `dynamodb:Query ${TABLE}/index/AvailableOnFreshdesk`,
  `dynamodb:Query ${TABLE}/index/ByEmail`,
  `dynamodb:Query ${TABLE}/index/ByFreshcallerAgentId`,
  `dynamodb:Query ${TABLE}/index/ByFreshchatAgentId`,
  `dynamodb:Query ${TABLE}/index/ByFreshdeskAgentId`,
];

/** Returns the policies of another service's role after a grant. */
function granted(accountIds?: readonly string[]): Policy[] {
  const stack = aStack();
  const reader = new Role(stack, "Reader", { assumedBy: new AccountPrincipal("222222222222") });
  stack.grantLookups(reader, accountIds && { accountIds });
  const template = Template.fromStack(stack);
  const roleId = Object.keys(resourcesOf(template, "AWS::IAM::Role")).find((id) =>
    id.startsWith("Reader"),
  );
  const resolve = resolverOf(template);
  return policiesOf(template, roleId ?? "").map(
    ({ Properties }) => resolve(Properties["PolicyDocument"]) as Policy,
  );
}

describe("every call that the reader makes", () => {
  beforeAll(async () => {
    await requestEverything(FRESHDESK);
  });

  it("is allowed by the managed policy alone", async () => {
    const template = synthesized();
    const policy = resolverOf(template)(
      resource(template, "LookupsPolicy579C3588").Properties["PolicyDocument"],
    ) as Policy;

    expect(await evaluated([policy])).toEqual({ allowed: [...reads, findTable], denied: [] });
  });

  it("is allowed by a grant", async () => {
    expect(await evaluated(granted())).toEqual({ allowed: [...reads, findTable], denied: [] });
  });

  it("is allowed by a grant for its Freshdesk account, alone or with others", async () => {
    expect(await evaluated(granted([FRESHDESK]))).toEqual({
      allowed: [...reads, findTable],
      denied: [],
    });
    expect(await evaluated(granted(["1", FRESHDESK]))).toEqual({
      allowed: [...reads, findTable],
      denied: [],
    });
  });

  it("is denied by a grant for another Freshdesk account, except finding the table", async () => {
    expect(await evaluated(granted(["1"]))).toEqual({ allowed: [findTable], denied: reads });
  });

  it("is denied without a policy", async () => {
    expect(await evaluated([])).toEqual({ allowed: [], denied: [...reads, findTable] });
  });
});

it("a grant for one Freshdesk account denies a batch that also contains agents of another account", async () => {
  const allowed = async (accounts: string[]) =>
    await isAllowed(
      { principal, policies: granted([FRESHDESK]), context: { "dynamodb:LeadingKeys": accounts } },
      "dynamodb:BatchGetItem",
      TABLE,
    );

  expect(await allowed([FRESHDESK])).toBe(true);
  expect(await allowed([FRESHDESK, "1"])).toBe(false);
});

it("rejects a grant for an empty list of Freshdesk accounts", () => {
  expect(() => granted([])).toThrow("accountIds must contain at least one Freshdesk account ID");
});
