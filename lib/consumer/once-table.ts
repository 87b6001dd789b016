import { RemovalPolicy } from "aws-cdk-lib";
import { AttributeType, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import type { Grant, IGrantable } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";

/**
 * The table in which consumers remember what they have handled, for `agent-availability-hub/in-order` and
 * `agent-availability-hub/once`. Pay per request; items leave by themselves when they are no longer
 * needed. It goes with the stack: without it, repeats are handled once more.
 */
export class OnceTable extends Construct {
  /** The table, for what this construct does not say. */
  readonly table: TableV2;

  constructor(scope: Construct, id: string) {
    super(scope, id);

    this.table = new TableV2(this, "Resource", {
      partitionKey: { name: "id", type: AttributeType.STRING },
      timeToLiveAttribute: "expiration",
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }

  /** What the handler is told. */
  get tableName(): string {
    return this.table.tableName;
  }

  /** Lets a function remember: the calls that `once` and `onceInOrder` make, and no others. */
  grantRemember(grantee: IGrantable): Grant {
    return this.table.grant(
      grantee,
      "dynamodb:GetItem",
      "dynamodb:PutItem",
      "dynamodb:UpdateItem",
      "dynamodb:DeleteItem",
    );
  }
}
