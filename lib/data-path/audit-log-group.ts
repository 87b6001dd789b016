import { LogGroup, RetentionDays } from "aws-cdk-lib/aws-logs";
import { Construct } from "constructs";

import { removalPolicyOf } from "../removal-policy.ts";
import type { Stage } from "../stage.ts";

/**
 * The record of operators' changes to signing keys and agents, and of restores, for auditors. Commands
 * write an entry before and after each change. Entries contain IDs and the caller, no other personal data.
 */
export class AuditLogGroup extends Construct {
  readonly logGroup: LogGroup;

  constructor(scope: Construct, id: string, { stage }: { readonly stage: Stage }) {
    super(scope, id);

    this.logGroup = new LogGroup(this, "Resource", {
      // Covers a yearly audit and the month in which it takes place.
      retention: RetentionDays.THIRTEEN_MONTHS,
      removalPolicy: removalPolicyOf(stage),
    });
  }
}
