import { ArnFormat, Stack } from "aws-cdk-lib";
import type { ITableV2 } from "aws-cdk-lib/aws-dynamodb";
import { Grant, type IGrantable, ManagedPolicy, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";

import type { Stage } from "./stage.ts";

/** The calls that a lookup makes. Nothing else is allowed: no scan, no write. */
export const lookupActions = ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"];

/** What lookups need to know. */
export interface LookupsProps {
  /** The table that is looked at. */
  readonly table: ITableV2;

  /** Whose parameters may be read. */
  readonly stage: Stage;
}

/** How far a permission to look up goes. */
export interface LookupScope {
  /**
   * The Freshdesk accounts whose agents may be seen.
   *
   * @default - all
   */
  readonly accountIds?: readonly string[];
}

/** The permission to look agents up. */
export class Lookups extends Construct {
  /** Exactly the calls that a lookup makes, on the table and its indexes, and the stage's parameters. */
  readonly policy: ManagedPolicy;

  private readonly table: ITableV2;
  private readonly parametersArn: string;

  constructor(scope: Construct, id: string, { table, stage }: LookupsProps) {
    super(scope, id);

    this.table = table;
    this.parametersArn = Stack.of(this).formatArn({
      service: "ssm",
      resource: "parameter",
      resourceName: `agent-availability/${stage.name}/*`,
      arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    });
    this.policy = new ManagedPolicy(this, "Policy", {
      description: `Look agents up in stage ${stage.name}: read the table and its indexes, nothing else`,
      statements: [
        new PolicyStatement({ actions: lookupActions, resources: this.tableArns() }),
        new PolicyStatement({ actions: ["ssm:GetParameter"], resources: [this.parametersArn] }),
      ],
    });
  }

  /** Lets a service look agents up; with `accountIds`, only those of these Freshdesk accounts. */
  grant(grantee: IGrantable, { accountIds }: LookupScope = {}): Grant {
    const read = Grant.addToPrincipal({
      grantee,
      actions: lookupActions,
      resourceArns: this.tableArns(),
      ...(accountIds && {
        conditions: { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": [...accountIds] } },
      }),
    });
    const find = Grant.addToPrincipal({
      grantee,
      actions: ["ssm:GetParameter"],
      resourceArns: [this.parametersArn],
    });
    return read.combine(find);
  }

  private tableArns(): string[] {
    return [this.table.tableArn, `${this.table.tableArn}/index/*`];
  }
}
