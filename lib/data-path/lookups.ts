import { ArnFormat, Stack } from "aws-cdk-lib";
import type { ITableV2 } from "aws-cdk-lib/aws-dynamodb";
import { type Grant, type IGrantable, ManagedPolicy, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";

import {
  grantLookups,
  lookupActions,
  type LookedAt,
  type LookupScope,
  tableArns,
} from "../lookup-grant.ts";
import type { Stage } from "../stage.ts";

/** What lookups need to know. */
export interface LookupsProps {
  /** The table that is looked at. */
  readonly table: ITableV2;

  /** Whose parameters may be read. */
  readonly stage: Stage;
}

/** The permission to look agents up. */
export class Lookups extends Construct {
  /** Exactly the calls that a lookup makes, on the table and its indexes, and the stage's parameters. */
  readonly policy: ManagedPolicy;

  private readonly lookedAt: LookedAt;

  constructor(scope: Construct, id: string, { table, stage }: LookupsProps) {
    super(scope, id);

    const parametersArn = Stack.of(this).formatArn({
      service: "ssm",
      resource: "parameter",
      resourceName: `agent-availability/${stage.name}/*`,
      arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    });
    this.lookedAt = { tableArn: table.tableArn, parametersArn };
    this.policy = new ManagedPolicy(this, "Policy", {
      description: `Look agents up in stage ${stage.name}: read the table and its indexes, nothing else`,
      statements: [
        new PolicyStatement({ actions: lookupActions, resources: tableArns(this.lookedAt) }),
        new PolicyStatement({ actions: ["ssm:GetParameter"], resources: [parametersArn] }),
      ],
    });
  }

  /** Lets a service look agents up; with `accountIds`, only those of these Freshdesk accounts. */
  grant(grantee: IGrantable, scope?: LookupScope): Grant {
    return grantLookups(this.lookedAt, grantee, scope);
  }
}
