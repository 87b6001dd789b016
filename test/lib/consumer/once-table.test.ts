import { Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { describe, expect, it } from "@jest/globals";

import { OnceTable } from "../../../lib/consumer/once-table.ts";
import { at, resourcesOf, statementsOf, theOnly } from "../synthesized.ts";
import { aConsumerStack, templateOf } from "./a-consumer.ts";

describe("OnceTable", () => {
  const stack = aConsumerStack();
  const role = new Role(stack, "Role", { assumedBy: new ServicePrincipal("lambda.amazonaws.com") });
  new OnceTable(stack, "Once").grantReadWriteData(role);
  const template = templateOf(stack);
  const table = theOnly(template, "AWS::DynamoDB::GlobalTable");

  it("is on-demand, is deleted with the stack, and expires its items", () => {
    expect(table).toMatchObject({
      DeletionPolicy: "Delete",
      Properties: {
        BillingMode: "PAY_PER_REQUEST",
        KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
        TimeToLiveSpecification: { AttributeName: "expiration", Enabled: true },
      },
    });
  });

  it("grants exactly the calls that createOnce and onceInOrder make", () => {
    const [tableId] = Object.keys(resourcesOf(template, "AWS::DynamoDB::GlobalTable"));

    const [statement, ...more] = statementsOf(theOnly(template, "AWS::IAM::Policy"));

    expect(more).toEqual([]);
    expect(at(statement, "Action")).toEqual([
      "dynamodb:DeleteItem",
      "dynamodb:GetItem",
      "dynamodb:PutItem",
      "dynamodb:UpdateItem",
    ]);
    expect(at(statement, "Resource")).toEqual({ "Fn::GetAtt": [tableId, "Arn"] });
  });
});
