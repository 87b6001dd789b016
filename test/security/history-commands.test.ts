import { describe, expect, it } from "@jest/globals";

import {
  ACCOUNT as FRESHDESK,
  aChange,
  aHistoryStage,
  aStatus,
} from "../commands/a-history-stage.ts";
import { atDate } from "../commands/frozen-date.ts";
import { type Responses, runCommand, withServices } from "../commands/run-command.ts";
import { historyTemplate } from "../lib/history/history-stack.ts";
import { resourcesOf, synthesized } from "../lib/synthesized.ts";
import { ACCOUNT, REGION, resolverOf } from "./resolve.ts";
import { isAllowed, type Policy } from "./simulate.ts";

const principal = `arn:aws:iam::${ACCOUNT}:user/operator`;
const PARAMETERS = `arn:aws:ssm:${REGION}:${ACCOUNT}:parameter/agent-availability/blue`;

/** The only managed policy of a stack, and the ARN of its table. */
function policyOf(template: ReturnType<typeof historyTemplate>) {
  const [policy] = Object.values(resourcesOf(template, "AWS::IAM::ManagedPolicy"));
  const [tableId = ""] = Object.keys(resourcesOf(template, "AWS::DynamoDB::GlobalTable"));
  return {
    policy: resolverOf(template)(policy?.Properties["PolicyDocument"]) as Policy,
    arn: `arn:aws:dynamodb:${REGION}:${ACCOUNT}:table/${tableId}`,
  };
}

const lookups = policyOf(synthesized());
const history = policyOf(historyTemplate());
const parameters: Policy = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "ssm:GetParametersByPath", Resource: PARAMETERS }],
};

const arnOf = (table: string) => (table === "history" ? history.arn : lookups.arn);

/** The permission that a request needs. */
function permissionOf(operation: string, input: object): string {
  if (operation === "GetParametersByPath") {
    return `ssm:GetParametersByPath ${PARAMETERS}`;
  }
  const { TableName, IndexName, RequestItems } = input as {
    readonly TableName?: string;
    readonly IndexName?: string;
    readonly RequestItems?: object;
  };
  const [table = TableName ?? ""] = Object.keys(RequestItems ?? {});
  const index = IndexName === undefined ? "" : `/index/${IndexName}`;
  return `dynamodb:${operation} ${arnOf(table)}${index}`;
}

/** Runs a command, and returns the permissions that its requests need. */
async function permissionsOf(...args: readonly string[]): Promise<string[]> {
  const stage = aHistoryStage();
  const user = { userId: { S: "55" } };
  stage.store(aChange("08:00", 1, { ...aStatus("7", "Available"), ...user }));
  const needed = new Set<string>();
  const responses: Responses = Object.fromEntries(
    Object.entries(stage.responses).map(([operation, respond]) => [
      operation,
      (input) => {
        needed.add(permissionOf(operation, input as object));
        return respond(input);
      },
    ]),
  );
  const { code } = await withServices(
    responses,
    async (endpoint) => await runCommand([...args, "--stage", "blue"], endpoint),
  );
  expect(code).toBe(0);
  return [...needed].toSorted();
}

async function denied(permissions: readonly string[], policies: readonly Policy[]) {
  const responses = await Promise.all(
    permissions.map(async (permission) => {
      const [action = "", arn = ""] = permission.split(" ");
      return await isAllowed({ principal, policies }, action, arn);
    }),
  );
  return permissions.filter((_permission, index) => responses[index] !== true);
}

atDate("2026-11-29T12:00:00.000Z");

describe.each([
  [["agent", "history", FRESHDESK, "787096", "--last", "2d"]],
  [["report", FRESHDESK, "--day", "2026-11-28", "--time-zone", "UTC"]],
])("the command %j", (args) => {
  it("needs the policies for lookups and for the history, and no other", async () => {
    const permissions = await permissionsOf(...args);

    expect(permissions).toContain(`dynamodb:Query ${history.arn}`);
    expect(await denied(permissions, [lookups.policy, history.policy, parameters])).toEqual([]);
    expect(await denied(permissions, [lookups.policy, parameters])).toEqual([
      `dynamodb:Query ${history.arn}`,
    ]);
    expect(await denied(permissions, [history.policy, parameters])).toEqual(
      permissions.filter((each) => each.startsWith("dynamodb:") && !each.endsWith(history.arn)),
    );
  });
});
