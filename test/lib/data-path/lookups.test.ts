import { Template } from "aws-cdk-lib/assertions";
import { AccountPrincipal, Role } from "aws-cdk-lib/aws-iam";
import { describe, expect, it } from "@jest/globals";

import { aStack, resource, resourcesOf, statementsOf, synthesized } from "../synthesized.ts";

const table = { "Fn::GetAtt": ["StoreTable0CCFA19B", "Arn"] };
const indexes = { "Fn::Join": ["", [table, "/index/*"]] };
const parameters = "arn:aws:ssm:eu-central-1:123456789012:parameter/agent-availability/blue/*";

/** The statements of a role of another service after a grant. */
function grantedTo(accountIds?: readonly string[]) {
  const stack = aStack();
  const reader = new Role(stack, "Reader", { assumedBy: new AccountPrincipal("222222222222") });
  stack.grantLookups(reader, accountIds && { accountIds });
  const policies = Object.entries(resourcesOf(Template.fromStack(stack), "AWS::IAM::Policy"));
  return policies
    .filter(([id]) => id.startsWith("Reader"))
    .flatMap(([, policy]) => statementsOf(policy));
}

const mayRead = {
  Effect: "Allow",
  Action: ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query"],
  Resource: [table, indexes],
};
const mayFind = { Effect: "Allow", Action: "ssm:GetParameter", Resource: parameters };

describe("the permission to look up", () => {
  it("is a managed policy that allows exactly the calls of a lookup", () => {
    const policy = resource(synthesized(), "LookupsPolicy579C3588");

    expect(statementsOf(policy)).toEqual([mayRead, mayFind]);
  });

  it("is granted to a role with exactly the same statements", () => {
    expect(grantedTo()).toEqual([mayRead, mayFind]);
  });

  it("can be granted for the items of some Freshdesk accounts only", () => {
    expect(grantedTo(["11010177632"])).toEqual([
      {
        ...mayRead,
        Condition: { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": ["11010177632"] } },
      },
      mayFind,
    ]);
  });
});
