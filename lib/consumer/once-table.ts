import { RemovalPolicy } from "aws-cdk-lib";
import { AttributeType, TableV2 } from "aws-cdk-lib/aws-dynamodb";
import type { Grant, IGrantable } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";

/**
 * The DynamoDB table in which `agent-availability-hub/in-order` and `agent-availability-hub/once` record
 * processed events. It is on-demand, and items expire. It is deleted with the stack: without its records,
 * duplicates are processed once more.
 */
export class OnceTable extends Construct {
  /** The table, for properties that this construct does not set. */
  readonly table: TableV2;

  constructor(scope: Construct, id: string) {
    super(scope, id);

    this.table = new TableV2(this, "Resource", {
      partitionKey: { name: "id", type: AttributeType.STRING },
      timeToLiveAttribute: "expiration",
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }

  /** The option `tableName` of `createOnce` and `onceInOrder`. */
  get tableName(): string {
    return this.table.tableName;
  }

  /** Grants exactly the calls that `createOnce` and `onceInOrder` make. */
  grantReadWriteData(grantee: IGrantable): Grant {
    return this.table.grant(
      grantee,
      "dynamodb:GetItem",
      "dynamodb:PutItem",
      "dynamodb:UpdateItem",
      "dynamodb:DeleteItem",
    );
  }
}
