import type { ITableV2 } from "aws-cdk-lib/aws-dynamodb";
import { type Grant, type IGrantable, ManagedPolicy, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { Construct } from "constructs";

import {
  grantLookups,
  lookupActions,
  type LookupScope,
  type LookupSource,
  tableArns,
} from "../lookup-grant.ts";
import { stageParametersArn } from "../stage-parameters.ts";
import type { Stage } from "../stage.ts";

export interface LookupsProps {
  readonly table: ITableV2;

  /** The stage whose parameters may be read. */
  readonly stage: Stage;
}

/** The permission to look up agents. */
export class Lookups extends Construct {
  /** Allows exactly the calls that a lookup makes, on the table, its indexes and the stage's parameters. */
  readonly policy: ManagedPolicy;

  private readonly source: LookupSource;

  constructor(scope: Construct, id: string, { table, stage }: LookupsProps) {
    super(scope, id);

    const parametersArn = stageParametersArn(this, stage.name);
    this.source = { tableArn: table.tableArn, parametersArn };
    this.policy = new ManagedPolicy(this, "Policy", {
      description: `Allows only reading the table of agents and its indexes in stage ${stage.name}`,
      statements: [
        new PolicyStatement({ actions: lookupActions, resources: tableArns(this.source) }),
        new PolicyStatement({ actions: ["ssm:GetParameter"], resources: [parametersArn] }),
      ],
    });
  }

  /** Allows a service to look up agents; with `accountIds`, only those of these Freshdesk accounts. */
  grant(grantee: IGrantable, scope?: LookupScope): Grant {
    return grantLookups(this.source, grantee, scope);
  }
}
